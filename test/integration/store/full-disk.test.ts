import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { folder } from './support.ts';

const CHILD = fileURLToPath(new URL('full-disk.child.ts', import.meta.url));

/**
 * A 30 MB disk in memory that only the started program sees, and that is gone with it. Needs Linux
 * and the right to make a namespace.
 */
const SCRIPT = 'mount -t tmpfs -o size=30m none "$1" && exec "$2" "$3" "$1"';
const onSmallDisk = (dir: string, program: string, argument: string): [string, string[]] => [
  'unshare',
  ['--user', '--map-root-user', '--mount', 'sh', '-c', SCRIPT, 'sh', dir, program, argument],
];

function smallDiskPossible(): boolean {
  const [command, args] = onSmallDisk('/mnt', 'test', '-d');
  const possible = spawnSync(command, args, { timeout: 10_000 }).status === 0;
  if (!possible) console.warn('SKIPPED: no small disk can be mounted here; full-disk test not run');
  return possible;
}

it.skipIf(!smallDiskPossible())('a full disk loses nothing that was acknowledged', () => {
  const [command, args] = onSmallDisk(folder(), process.execPath, CHILD);
  const run = spawnSync(command, args, { encoding: 'utf8', timeout: 50_000 });
  expect(run.stderr).toBe('');
  const found = JSON.parse(run.stdout) as Record<string, unknown>;
  expect(found).toMatchObject({
    sealing: 'DISK_FULL',
    leftInTmp: 0,
    writing: 'DISK_FULL',
    lastTurnKept: true,
    before: 'kept',
    plainFile: 'DISK_FULL',
    ballastInPlace: true,
    // With the ballast given up, every entry went through: the child's own stop, not the disk's.
    afterRelease: 'INTERNAL',
    lastEntry: 'written on a full disk',
    restoredTooEarly: false,
  });
  expect(found['sealed']).toBeGreaterThan(5);
  expect(found['readable']).toBe(found['sealed']);
});
