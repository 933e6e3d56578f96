/**
 * A workspace from a backup, also on another computer. It is built beside its place and moved there
 * whole. This machine's memory of the record is never passed over in silence: where it has seen
 * more than the backup holds, that is said, and only a deliberate word makes it begin anew.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { checkpointKeysIn, readHeader } from '#core/access/key-files.ts';
import { leaveRestoreNote } from '#core/access/restored.ts';
import type { Ports } from '#core/ports.ts';
import { openAnchors, type Anchor } from '#core/record/anchors.ts';
import { inspectRecord } from '#core/record/opening.ts';
import { systemCode, typed } from '#core/store/errors.ts';
import { fsyncFolder, makeFolder } from '#core/store/files.ts';
import { copyFile } from './copying.ts';
import { hashOrNull } from './backup-verify.ts';
import {
  readFiles,
  readState,
  sharedPath,
  stateFolder,
  type ListedFile,
  type StateHead,
} from './manifest.ts';
import type { Watch } from './watch.ts';

export interface RestoreOptions {
  backup: string;
  /** Null for the newest. */
  state: string | null;
  /** Must not exist, or be empty. */
  to: string;
  /** Restores also what is older than this machine remembers, and lets it forget the rest. */
  acceptOlder: boolean;
}

export interface Restored {
  workspace: string;
  state: string;
  madeAt: string;
  /** Entries of the record in the backup, and those this machine had seen (null: none). */
  entries: number;
  seen: number | null;
  files: number;
  bytes: number;
  originals: number;
  /** Originals that the backup does not hold any more as it should. */
  damaged: number;
  /** What is worth knowing, in words. */
  notices: string[];
}

/**
 * Errors: NOT_FOUND (no backup), BUNDLE_INVALID (it does not hold), WORKSPACE_EXISTS, NOT_ALLOWED
 * (older than this machine remembers), RECORD_TAMPERED, CANCELLED, DISK_FULL, IO_FAILED. Nothing
 * is left behind then. An original that is damaged in the backup does not keep the rest back.
 */
export async function restoreBackup(
  ports: Pick<Ports, 'clock' | 'machineDir'>,
  options: RestoreOptions,
  watch: Watch,
): Promise<Restored> {
  const { backup } = options;
  const to = path.resolve(options.to);
  const head = readState(backup, options.state);
  const files = readFiles(backup, head);
  const anchors = openAnchors(ports.machineDir);
  const anchor = anchors.get(head.workspace);
  requireKnown(anchor, head, options.acceptOlder);
  requireEmpty(to);

  makeFolder(path.dirname(to));
  const building = path.join(path.dirname(to), `.custos-restore-${randomBytes(8).toString('hex')}`);
  try {
    makeFolder(building);
    watch.setTotal(files.length);
    const copied = await copyAll(backup, head, files, building, watch);
    requireGoodRecord(building, head, anchor);
    moveInto(building, to);
    // Before the memory is set back: whoever opens the workspace next records what was done here.
    leaveRestoreNote(ports.machineDir, {
      workspaceId: head.workspace,
      state: head.state,
      madeAt: head.madeAt,
      restoredAt: ports.clock.now().toISOString(),
      entries: head.entries,
      seen: anchor?.size ?? null,
      seenRoot: anchor?.root ?? null,
    });
    if (isNewer(anchor, head)) {
      anchors.put(head.workspace, { size: head.entries, root: head.root });
    }
    return {
      workspace: head.workspace,
      state: head.state,
      madeAt: head.madeAt,
      entries: head.entries,
      seen: anchor?.size ?? null,
      files: files.length,
      ...copied,
      notices: noticesOf(anchor, head, copied.damaged),
    };
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    throw error;
  }
}

function isNewer(anchor: Anchor | null, head: StateHead): anchor is Anchor {
  return anchor !== null && anchor.size > head.entries;
}

function requireKnown(anchor: Anchor | null, head: StateHead, acceptOlder: boolean): void {
  if (!isNewer(anchor, head) || acceptOlder) return;
  throw new CustosError(
    'NOT_ALLOWED',
    `This machine has seen ${String(anchor.size)} entries of this workspace's record; the backup of ${head.madeAt} ends after ${String(head.entries)}. What was done in the ${String(anchor.size - head.entries)} entries since is not in it: look for a newer backup, or for the workspace itself. To restore the older state all the same, say so (--accept-older); it is recorded.`,
  );
}

/** Every file of the state itself must be whole; an original that is not is left out and told. */
async function copyAll(
  backup: string,
  head: StateHead,
  files: readonly ListedFile[],
  building: string,
  watch: Watch,
): Promise<{ bytes: number; originals: number; damaged: number }> {
  const folders = new Set<string>();
  let bytes = 0;
  let originals = 0;
  let damaged = 0;
  for (const file of files) {
    const shared = sharedPath(file);
    const relative = shared ?? file.path;
    const source = path.join(shared === null ? stateFolder(backup, head.state) : backup, relative);
    const target = path.join(building, relative);
    if (!folders.has(path.dirname(target))) {
      makeFolder(path.dirname(target));
      folders.add(path.dirname(target));
    }
    const isGood = await copyOne(source, target, file.sha256, watch);
    if (shared !== null) originals += 1;
    if (!isGood.good && shared === null) throw damagedState(file.path);
    if (!isGood.good) damaged += 1;
    bytes += isGood.bytes;
    watch.advance({ done: 1, bytes: isGood.bytes });
  }
  for (const folder of folders) fsyncFolder(folder);
  return { bytes, originals, damaged };
}

async function copyOne(
  source: string,
  target: string,
  sha256: string,
  { signal }: Watch,
): Promise<{ good: boolean; bytes: number }> {
  // Read first: a damaged original must not lie in the workspace as if it were one.
  const found = await hashOrNull(source, signal);
  if (found?.sha256 !== sha256) return { good: false, bytes: 0 };
  const copied = await copyFile(source, target, null, signal);
  if (copied.sha256 !== sha256) {
    rmSync(target);
    return { good: false, bytes: 0 };
  }
  return { good: true, bytes: copied.bytes };
}

/**
 * SECURITY: what is put in place must go on from the signed state, and where this machine knows an
 * earlier part of the same record, from that.
 */
function requireGoodRecord(building: string, head: StateHead, anchor: Anchor | null): void {
  const held = anchor === null || isNewer(anchor, head) ? [] : [anchor];
  const header = readHeader(building);
  if (header.id !== head.workspace) throw damagedState('custos.json');
  for (const known of [{ size: head.entries, root: head.root }, ...held]) {
    const { problems } = inspectRecord({
      dir: building,
      workspaceId: head.workspace,
      ...checkpointKeysIn(building),
      anchors: { get: () => known, put: () => undefined },
    });
    const [first] = problems;
    if (first !== undefined) {
      throw new CustosError(
        'RECORD_TAMPERED',
        `The record in this backup does not hold. ${first} Nothing was restored; take another backup.`,
      );
    }
  }
}

function noticesOf(anchor: Anchor | null, head: StateHead, damaged: number): string[] {
  const notices: string[] = [];
  if (isNewer(anchor, head)) {
    notices.push(
      `This machine had seen ${String(anchor.size)} entries; what was done in the last ${String(anchor.size - head.entries)} is not here. If the newer workspace still exists, do not go on with both.`,
    );
  }
  if (damaged > 0) {
    notices.push(
      `${String(damaged)} ${damaged === 1 ? 'original is' : 'originals are'} missing or damaged in the backup and could not be restored. Run a full scrub: it names the items.`,
    );
  }
  return notices;
}

function requireEmpty(to: string): void {
  typed('looking into the folder to restore to', () => {
    try {
      if (readdirSync(to).length === 0) return;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      if (systemCode(error) !== 'ENOTDIR') throw error;
    }
    throw new CustosError(
      'WORKSPACE_EXISTS',
      'There is something in this place already. Choose an empty folder, or a name that does not exist yet.',
    );
  });
}

function moveInto(building: string, to: string): void {
  typed('putting the workspace in its place', () => {
    try {
      rmdirSync(to);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
    fsyncFolder(building);
    renameSync(building, to);
    fsyncFolder(path.dirname(to));
  });
}

function damagedState(name: string): CustosError {
  return new CustosError(
    'BUNDLE_INVALID',
    `This backup does not hold: ${name} is missing or was changed. Nothing was restored. Take the state before it (--state), or another backup.`,
  );
}
