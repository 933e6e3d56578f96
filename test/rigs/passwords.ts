/**
 * Wrong passwords: none is accepted, each is on the record before it is answered, and each makes
 * the next one wait, also in a new process. An unknown name costs what a wrong password costs.
 * Control: the right password in its other forms is accepted by the very same attempts; and with
 * the count of failures taken away, nobody waits.
 */
import { rmSync } from 'node:fs';
import { isCustosError } from '#shared/domain/errors.ts';
import { createWorkspace } from '#core/access/create.ts';
import { attemptsPath } from '#core/access/key-files.ts';
import { openWorkspace } from '#core/access/open.ts';
import { testClock } from '../support/workspace.ts';
import { seeded, stopwatch, tally, type RigResult, type Tally } from './rig.ts';
import { startChild } from './support/child.ts';
import { newPlace, type Place } from './support/place.ts';
import { MEMBER, ROLES } from './support/work.ts';
import { equalForms, RIGHT, wrongPasswords } from './support/wrong-passwords.ts';

/** Longer than the longest wait. */
const LONG_ENOUGH = 301_000;
const PAIRS = { test: 40, product: 8 } as const;
/** With fewer attempts than this no times are compared. */
const FULL = 1000;
/** How far the median costs of an unknown name and a wrong password may lie apart. */
const APART = 0.05;

type Attempts = Place & { clock: ReturnType<typeof testClock> };

export async function run(trials: number, seed = 1): Promise<RigResult> {
  const seconds = stopwatch();
  const found = tally();
  const place = await attemptsPlace('test');
  let control = 0;
  const notes = [`seed ${String(seed)}`];
  try {
    for (const password of wrongPasswords(trials, seeded(seed))) {
      place.clock.advance(LONG_ENOUGH);
      const answer = await attempt(place, MEMBER, password);
      if (answer !== 'WRONG_CREDENTIALS')
        found.miss(`${JSON.stringify(password.slice(0, 60))} was answered with ${answer}`);
    }
    await checkRecorded(place, trials, found);
    const forms = equalForms();
    for (const password of forms) {
      place.clock.advance(LONG_ENOUGH);
      if ((await attempt(place, MEMBER, password)) === 'opened') control += 1;
      else found.lose('the right password in another form of Unicode was refused');
    }
    notes.push(
      `control: ${String(control)} of ${String(forms.length)} other forms of the right password opened`,
    );
    const free = await checkSlowDown(place, found);
    notes.push(`control: without its count of failures ${free ? 'nobody' : 'one still'} waits`);
    if (!free) control = 0;
    // Times are compared on a machine that does nothing else, never with the tests.
    if (trials >= FULL) notes.push(await compareCosts(place, 'test', PAIRS.test, found));
  } finally {
    place.remove();
  }
  if (trials >= FULL) notes.push(await costsOfProduct(found));
  return {
    rig: 'passwords',
    trials,
    acknowledged: trials,
    lost: found.lost,
    undetected: found.undetected,
    control,
    seconds: seconds(),
    notes,
    findings: found.findings,
  };
}

async function attemptsPlace(cost: 'test' | 'product'): Promise<Attempts> {
  const clock = testClock();
  const place = newPlace();
  const ports = { ...place.ports, clock, passwordCost: cost };
  const { dir } = place;
  await createWorkspace(ports, { dir, member: MEMBER, password: RIGHT, roles: [...ROLES] });
  return { ...place, ports, clock };
}

/** "opened", or the code it was answered with. */
async function attempt({ ports, dir }: Place, member: string, password: string): Promise<string> {
  try {
    (await openWorkspace(ports, dir, member, password)).close('command');
    return 'opened';
  } catch (error) {
    return isCustosError(error) ? error.code : 'INTERNAL';
  }
}

async function checkRecorded(place: Attempts, failures: number, found: Tally): Promise<void> {
  place.clock.advance(LONG_ENOUGH);
  const session = await openWorkspace(place.ports, place.dir, MEMBER, RIGHT);
  let recorded = 0;
  for (let before: number | null = null, more = true; more;) {
    const types = ['unlock.failed'] as const;
    const query = { types, by: null, caseId: null, itemId: null, before, limit: 200 };
    const page = session.record.read(query);
    recorded += page.entries.length;
    before = page.entries.at(-1)?.seq ?? null;
    ({ more } = page);
  }
  session.close('command');
  if (recorded !== failures)
    found.lose(`${String(recorded)} of ${String(failures)} failures are on the record`);
}

/** Waits of 1, 2, 4 … 300 seconds, in this process and a new one. Answers with the control. */
async function checkSlowDown(place: Attempts, found: Tally): Promise<boolean> {
  for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
    await attempt(place, MEMBER, 'wrong once more');
    place.clock.advance(wait * 1000 - 1);
    const early = await attempt(place, MEMBER, RIGHT);
    if (early !== 'SLOWED_DOWN') found.miss(`too early by a moment, it was answered with ${early}`);
    place.clock.advance(1);
  }
  await attempt(place, MEMBER, 'wrong for the last time');
  const elsewhere = await inNewProcess(place);
  if (elsewhere !== 'answered SLOWED_DOWN') found.miss(`a new process was ${elsewhere}`);
  rmSync(attemptsPath(place.dir));
  return (await attempt(place, MEMBER, 'wrong and at once')) === 'WRONG_CREDENTIALS';
}

async function inNewProcess({ dir, machineDir, clock }: Attempts): Promise<string> {
  const now = clock.now().toISOString();
  const child = startChild('attempt', { dir, machineDir, attempts: 1, password: RIGHT, now });
  await child.said('ready');
  child.go();
  await child.over;
  return child.words.find((word) => word !== 'ready') ?? child.complaints();
}

async function costsOfProduct(found: Tally): Promise<string> {
  const place = await attemptsPlace('product');
  try {
    return await compareCosts(place, 'product', PAIRS.product, found);
  } finally {
    place.remove();
  }
}

/**
 * Compares what both cost: processor time, in turns, because the clock on the wall counts other
 * programs, too. At the cost of a test both are so cheap that their noise is larger than what is
 * looked for; there only gross differences are a finding.
 */
async function compareCosts(
  place: Attempts,
  cost: 'test' | 'product',
  pairs: number,
  found: Tally,
): Promise<string> {
  const wrong: number[] = [];
  const unknown: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    wrong.push(await costOf(place, MEMBER));
    unknown.push(await costOf(place, `Nobody ${String(pair)}`));
  }
  const [known, stranger] = [median(wrong), median(unknown)];
  const apart = Math.abs(stranger / known - 1);
  if (apart > (cost === 'product' ? APART : 10 * APART))
    found.miss(
      `an unknown name costs ${String(stranger)} ms, a wrong password ${String(known)} ms`,
    );
  return `${cost} cost: wrong password ${known.toFixed(1)} ms, unknown name ${stranger.toFixed(1)} ms of processor time (medians of ${String(pairs)}; ${(100 * apart).toFixed(1)} % apart)`;
}

async function costOf(place: Attempts, member: string): Promise<number> {
  place.clock.advance(LONG_ENOUGH);
  const before = process.cpuUsage();
  const answer = await attempt(place, member, 'not the password');
  const { user, system } = process.cpuUsage(before);
  if (answer !== 'WRONG_CREDENTIALS') throw new Error(`measuring was answered with ${answer}`);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
