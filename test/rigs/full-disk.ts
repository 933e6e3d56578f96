/**
 * A disk that is full to the last byte, or nearly: what fails is typed, it opens, the books
 * balance, nothing acknowledged is lost. Control: without its ballast it does not open.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LevelReport } from './children/full-disk.child.ts';
import { skipped, stopwatch, type RigResult } from './rig.ts';
import { startChild } from './support/child.ts';

/** In a name space of its own, so that the disk is gone with the process. */
const ON_SMALL_DISK = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'];
const SCRIPT = 'mount -t tmpfs -o size=64m none "$1" && shift && exec "$@"';

/** Bytes: none, one page, and on to 8 MiB. */
const SMALLEST = 4096;
const DOUBLINGS = 11;

export async function run(trials: number, seed = 1): Promise<RigResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'custos-full-'));
  const at = path.join(folder, 'disk');
  mkdirSync(at);
  const under = [...ON_SMALL_DISK, SCRIPT, 'sh', at];
  try {
    const [command = '', ...args] = [...under, 'true'];
    if (spawnSync(command, args, { timeout: 10_000 }).status !== 0)
      return skipped('full-disk', 'no disk in memory can be mounted here (unshare, tmpfs)');
    return await fillLevels({ at, under, sources: path.join(folder, 'sources') }, trials, seed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fillLevels(
  { at, under, sources }: { at: string; under: string[]; sources: string },
  trials: number,
  seed: number,
): Promise<RigResult> {
  const seconds = stopwatch();
  const levels = Array.from({ length: trials }, (_, nth) =>
    nth === 0 ? 0 : Math.round(SMALLEST * 2 ** ((DOUBLINGS * (nth - 1)) / Math.max(1, trials - 2))),
  );
  const child = startChild('full-disk', { at, sources, levels, seed }, { under });
  await child.over;
  const reports = child.words
    .filter((word) => word.startsWith('level '))
    .map((word) => JSON.parse(word.slice(6)) as LevelReport);
  const sum = (of: (report: LevelReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const missing = levels.length - reports.length;
  const codes = new Set(reports.flatMap((report) => report.codes));
  const refused = reports.filter((report) => report.withoutBallast === 'DISK_FULL').length;
  return {
    rig: 'full-disk',
    trials: levels.length,
    acknowledged: sum((report) => report.acknowledged),
    lost: sum((report) => report.lost),
    undetected: sum((report) => report.undetected) + missing,
    control: refused,
    seconds: seconds(),
    notes: [
      `${String(levels[0])} to ${String(levels.at(-1))} bytes free of 64 MB (tmpfs); failures seen: ${[...codes].join(', ')}`,
      `control: without its ballast and with no byte free it did not open at ${String(refused)} of ${String(reports.length)} levels`,
    ],
    findings: [
      ...(missing > 0 ? [`it broke off: ${child.complaints().slice(0, 1000)}`] : []),
      ...reports.flatMap((report) => report.findings),
    ],
  };
}
