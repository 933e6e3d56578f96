/**
 * A workspace that another process has open. Every attempt is refused in words; when that process
 * is killed, the next attempt opens. Control: with the lock's file taken away, a second one gets in.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { LOCK_FILE } from '#core/store/workspace-lock.ts';
import { stopwatch, tally, type RigResult, type Tally } from './rig.ts';
import { startChild, type Child } from './support/child.ts';
import { examine, placeWithCase, type Place } from './support/place.ts';

/** Attempts against one holder, which is then killed. */
const ATTEMPTS = 10;

export async function run(trials: number): Promise<RigResult> {
  const seconds = stopwatch();
  const found = tally();
  const place = await placeWithCase();
  try {
    for (let done = 0; done < trials; done += ATTEMPTS)
      await holdAndTry(place, Math.min(ATTEMPTS, trials - done), found);
    const control = await withoutLock(place);
    return {
      rig: 'busy',
      trials,
      acknowledged: 0,
      lost: found.lost,
      undetected: found.undetected,
      control,
      seconds: seconds(),
      notes: [
        `${String(Math.ceil(trials / ATTEMPTS))} processes held it and were killed with -9; each time it opened at once`,
        'control: with the file of the lock taken away a second process got in',
      ],
      findings: found.findings,
    };
  } finally {
    place.remove();
  }
}

async function holdAndTry(place: Place, attempts: number, found: Tally): Promise<void> {
  const holder = await hold(place);
  const second = startChild('attempt', { ...where(place), attempts });
  await second.said('ready');
  second.go();
  await second.over;
  const refused = second.words.filter((word) => word === 'answered WORKSPACE_BUSY').length;
  if (refused !== attempts)
    found.miss(`${String(attempts - refused)} of ${String(attempts)}: ${second.words.join(', ')}`);
  holder.kill();
  await holder.over;
  await examine(place, [], found, 'after its holder was killed');
}

async function hold(place: Place): Promise<Child> {
  const holder = startChild('attempt', { ...where(place), attempts: 1, hold: true });
  await holder.said('ready');
  holder.go();
  await holder.said('opened');
  return holder;
}

async function withoutLock(place: Place): Promise<number> {
  const holder = await hold(place);
  try {
    rmSync(path.join(place.dir, LOCK_FILE));
    const second = startChild('attempt', { ...where(place), attempts: 1 });
    await second.said('ready');
    second.go();
    await second.over;
    return second.words.includes('answered WORKSPACE_BUSY') ? 0 : 1;
  } finally {
    holder.kill();
    await holder.over;
  }
}

function where({ dir, machineDir }: Place): { dir: string; machineDir: string } {
  return { dir, machineDir };
}
