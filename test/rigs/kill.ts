/** Kill -9 at random moments of importing and deciding. Control: a program that says "done" too early. */
import { setTimeout } from 'node:timers/promises';
import path from 'node:path';
import { rmSync } from 'node:fs';
import { seeded, stopwatch, tally, type RigResult, type Tally } from './rig.ts';
import type { Acknowledged } from './support/acknowledge.ts';
import { startChild, type Child } from './support/child.ts';
import { examine, filesWith, placeWithCase, readEverything, type Place } from './support/place.ts';
import { MARK } from './support/work.ts';

/** Kills in one workspace; then a new one, or the record would grow and every opening with it. */
const PER_WORKSPACE = 50;
/** One kill in so many comes while the workspace is being opened and put right. */
const WHILE_OPENING = 6;
/** The others come after a random number of changes below this, and a random part of a moment. */
const CHANGES = 16;
const MOMENT_MS = 60;
/** One kill in so many, and every one of the control, follows an acknowledgement at once. */
const AT_ONCE = 3;
/** The control goes on until it has lost something, this often at most. */
const CONTROL_TRIALS = 60;
const CONTROL_STEP = 3;

export async function run(trials: number, seed = 1): Promise<RigResult> {
  const seconds = stopwatch();
  const found = tally();
  await attack(trials, seed, false, found);
  const control = tally();
  for (let done = 0; done < CONTROL_TRIALS && control.lost === 0; done += CONTROL_STEP)
    await attack(CONTROL_STEP, seed + done + 1, true, control);
  return {
    rig: 'kill',
    trials,
    acknowledged: found.acknowledged,
    lost: found.lost,
    undetected: found.undetected,
    control: control.lost,
    seconds: seconds(),
    notes: [
      `seed ${String(seed)}; one kill in ${String(WHILE_OPENING)} while opening, ${String(PER_WORKSPACE)} kills per workspace`,
      `control: acknowledging before the change lost ${String(control.lost)} of ${String(control.acknowledged)}`,
    ],
    findings: found.findings,
  };
}

async function attack(trials: number, seed: number, early: boolean, found: Tally): Promise<void> {
  const random = seeded(seed);
  for (let done = 0; done < trials; done += PER_WORKSPACE) {
    const place = await placeWithCase();
    try {
      await attackOne(place, Math.min(PER_WORKSPACE, trials - done), { random, early }, found);
    } finally {
      place.remove();
    }
  }
}

async function attackOne(
  place: Place,
  kills: number,
  how: { random: () => number; early: boolean },
  found: Tally,
): Promise<void> {
  const all: Acknowledged[] = [];
  const start = (nth: number): Child =>
    startChild('work', {
      dir: place.dir,
      machineDir: place.machineDir,
      sources: path.join(place.folder, `sources-${String(nth)}`),
      name: `kill-${String(nth)}`,
      seed: Math.floor(how.random() * 2 ** 31),
      early: how.early,
    });
  // The next process loads while the last one is examined.
  let next = start(0);
  for (let nth = 0; nth < kills; nth += 1) {
    const child = next;
    await child.said('ready');
    const opening = nth % WHILE_OPENING === WHILE_OPENING - 1;
    const changes = opening ? -1 : Math.ceil(how.random() * CHANGES);
    const atOnce = !opening && (how.early || nth % AT_ONCE === 0);
    const delay = atOnce ? 0 : how.random() * MOMENT_MS * (opening ? 3 : 1);
    child.go();
    if (changes >= 0) await child.said('opened');
    await child.told(changes);
    if (!atOnce) await setTimeout(delay);
    child.kill();
    const { signal } = await child.over;
    if (nth + 1 < kills) next = start(nth + 1);
    const when = `kill ${String(nth)}, ${delay.toFixed(0)} ms after ${String(changes)} changes`;
    if (signal !== 'SIGKILL')
      found.miss(`${when}: it had ended by itself: ${child.words.at(-1)} ${child.complaints()}`);
    await examine(place, child.acknowledged, found, when);
    all.push(...child.acknowledged);
    rmSync(path.join(place.folder, `sources-${String(nth)}`), { recursive: true, force: true });
  }
  // What was acknowledged long before the last kill is there, too; counted once, above.
  const again = tally();
  await examine(place, all, again, 'after all kills', { everyBlob: false });
  await readEverything(place, again, 'after all kills');
  if (!how.early) for (const finding of again.findings) found.lose(finding);
  for (const file of filesWith(MARK, place.dir)) found.miss(`plaintext in ${file}`);
}
