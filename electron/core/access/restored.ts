/**
 * A restore from a backup, told at the next unlocking. Until then nobody is there in whose name it
 * could be recorded; so it waits in this machine's own folder, where no change to the workspace
 * takes it away.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Ports } from '#core/ports.ts';
import { systemCode, typed } from '#core/store/errors.ts';
import { makeFolder, removeFileDurably, writeFileDurably } from '#core/store/files.ts';
import type { Session } from './types.ts';

export interface RestoreNote {
  workspaceId: string;
  /** Name of the state within the backup. */
  state: string;
  /** ISO 8601: when the backup and the restore were made. */
  madeAt: string;
  restoredAt: string;
  /** Entries the backup's record holds. */
  entries: number;
  /** Entries this machine had seen before; null where it had not seen the workspace. */
  seen: number | null;
  /** Root over those, in hex. */
  seenRoot: string | null;
}

/** Durable on return. Errors: IO_FAILED, DISK_FULL. */
export function leaveRestoreNote(machineDir: string, note: RestoreNote): void {
  const file = fileOf(machineDir, note.workspaceId);
  makeFolder(path.dirname(file));
  writeFileDurably(file, `${JSON.stringify(note)}\n`);
}

/** Records a restore that waits to be recorded. Returns notices in words. */
export function tellRestore(ports: Ports, session: Session): string[] {
  const { id } = session.workspace;
  const file = fileOf(ports.machineDir, id);
  const note = readNote(file);
  if (note === null) return [];
  session.note({ type: 'workspace.restored', detail: { ...note } });
  removeFileDurably(file);
  if (!('entries' in note)) {
    return [
      'This workspace was restored from a backup on this computer; the note that said from which cannot be read any more.',
    ];
  }
  const { entries, seen } = note;
  const newer =
    seen !== null && seen > entries
      ? ` This machine had seen ${String(seen)} entries: what was done in the last ${String(seen - entries)} is not here.`
      : '';
  return [
    `This workspace was restored from the backup of ${note.madeAt}, which ends after ${String(entries)} entries of the record.${newer}`,
  ];
}

function fileOf(machineDir: string, workspaceId: string): string {
  const name = createHash('sha256').update(workspaceId).digest('hex').slice(0, 32);
  return path.join(machineDir, 'restores', `${name}.json`);
}

/** Damage of the note keeps nobody out: that there was a restore is still told. */
function readNote(file: string): RestoreNote | { unreadable: true } | null {
  return typed('reading the note about a restore', () => {
    try {
      const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<RestoreNote> | null;
      const isWhole = typeof value?.entries === 'number' && typeof value.madeAt === 'string';
      return isWhole ? (value as RestoreNote) : { unreadable: true };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      if (error instanceof SyntaxError) return { unreadable: true };
      throw error;
    }
  });
}
