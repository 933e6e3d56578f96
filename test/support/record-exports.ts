/** Exports of a test's record, and the stand-alone script that verifies them. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { exportRecord, type ExportOptions } from '#core/record/export.ts';
import { newestNote } from '#core/record/notes.ts';
import { publicFields } from '#core/vault/header.ts';
import { ADA, type Setup } from './record.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../../resources/verify-record.mjs');

/** Of whatever lies in the workspace now, under its newest checkpoint, by Ada. */
export async function exportOf(
  rig: Setup,
  file: string,
  more: Partial<ExportOptions> = {},
): Promise<string> {
  await exportRecord(file, {
    ...rig.options,
    recordPrivate: rig.options.recordPrivate as Buffer,
    header: publicFields(headerOf(rig)),
    exporter: ADA,
    note: newestNote(rig.options),
    since: null,
    about: { caseId: null, itemId: null },
    now: rig.clock.now(),
    ...more,
  });
  return file;
}

export function headerOf({ options }: Setup) {
  return {
    id: options.workspaceId,
    created: '2026-11-22T09:00:00.000Z',
    salt: Buffer.alloc(32, 7),
    recordPublic: options.recordPublic,
    checkpointPublic: options.checkpointPublic,
    founderPublic: ADA.signingKey,
  };
}

export interface Judgement {
  good: boolean;
  /** 0 holds, 1 does not, 2 unreadable. */
  status: number | null;
  output: string;
}

/** What the stand-alone script says, run as anybody would run it. */
export function judge(file: string, ...args: string[]): Judgement {
  const run = spawnSync(process.execPath, [SCRIPT, file, ...args], { encoding: 'utf8' });
  return { good: run.status === 0, status: run.status, output: run.stdout + run.stderr };
}

/** The export's lines, changed, and written again. */
export function editExport(file: string, edit: (lines: string[]) => string[]): void {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(file, `${edit(lines).join('\n')}\n`);
}
