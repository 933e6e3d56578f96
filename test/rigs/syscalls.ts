/**
 * Every system call that changes storage, in a life of a workspace from its creation over an import
 * and decisions to its closing, fails once: killed at it, an error of the disk, a full disk.
 * Afterwards the workspace opens and holds what was acknowledged, and what was said is typed.
 */
import path from 'node:path';
import { isCustosError } from '#shared/domain/errors.ts';
import { skipped, stopwatch, tally, type RigResult, type Tally } from './rig.ts';
import { startChild, type Child } from './support/child.ts';
import { create, examine, newPlace, unlock, untyped, type Place } from './support/place.ts';
import {
  attach,
  readLog,
  STORAGE_CALLS,
  threadsOf,
  whyNoStrace,
  type StorageCall,
  type Thread,
} from './support/strace.ts';

const FAULTS = { KILL: 'signal=KILL', EIO: 'error=EIO', ENOSPC: 'error=ENOSPC' } as const;
type Fault = keyof typeof FAULTS;

/** The nth call of a kind by a thread. */
interface Point {
  thread: Thread;
  call: StorageCall;
  nth: number;
}

/** Of every kind of call, at least so many points are tried, however small the sample. */
const LEAST_OF_KIND = 2;
/** A run that takes longer hangs. */
const PATIENCE_MS = 120_000;
/** Trials at once; each is mostly waiting for the disk. */
const LANES = 2;

export async function run(trials: number): Promise<RigResult> {
  const why = whyNoStrace();
  if (why !== null) return skipped('syscalls', why);
  const seconds = stopwatch();
  const all = await listPoints();
  const chosen = sample(all, trials / Object.keys(FAULTS).length);
  const found = tally();
  const attacks = chosen.flatMap((point) =>
    (Object.keys(FAULTS) as Fault[]).map((fault) => ({ point, fault })),
  );
  const struck = new Set<string>();
  let hits = 0;
  await inLanes(attacks, async ({ point, fault }) => {
    const hit = await attack(point, fault, false, found);
    if (!hit) return;
    hits += 1;
    struck.add(JSON.stringify(point));
  });
  const control = await runControl(all);
  return {
    rig: 'syscalls',
    trials: hits,
    acknowledged: found.acknowledged,
    lost: found.lost,
    undetected: found.undetected,
    control: control.lost,
    seconds: seconds(),
    notes: [
      `${String(struck.size)} of ${String(all.length)} points x ${Object.keys(FAULTS).join('/')}; ${String(attacks.length - hits)} shots met another call of the process and are not counted`,
      `calls: ${countByCall(all)}`,
      `control: acknowledging before the change lost ${String(control.lost)} of ${String(control.acknowledged)}`,
    ],
    findings: found.findings,
  };
}

function start(place: Place, early: boolean): Child {
  const what = {
    dir: place.dir,
    machineDir: place.machineDir,
    sources: path.join(place.folder, 'sources'),
    name: 'call',
    seed: 1,
    create: true,
    rounds: 1,
    files: 3,
    slots: 1,
    early,
  };
  return startChild('work', what, { env: { UV_THREADPOOL_SIZE: '1' } });
}

/** Watches one undisturbed run. */
async function listPoints(): Promise<Point[]> {
  const place = newPlace();
  try {
    const child = start(place, false);
    await child.said('ready');
    const threads = threadsOf(child.pid);
    const log = path.join(place.folder, 'calls.log');
    const args = ['-e', `trace=${STORAGE_CALLS.map((call) => `?${call}`).join(',')}`];
    const strace = await attach([threads.main, threads.pool], args, log);
    const ended = new Promise((resolve) => strace.on('close', resolve));
    child.go();
    await child.over;
    await ended;
    if (child.words.at(-1) !== 'done')
      throw new Error(
        `the undisturbed run failed: ${child.words.join(', ')} ${child.complaints()}`,
      );
    const counts = new Map<string, number>();
    return readLog(log).flatMap(({ thread, name, line }) => {
      const call = STORAGE_CALLS.find((each) => each === name);
      if (!call || (thread !== threads.main && thread !== threads.pool)) return [];
      const by: Thread = thread === threads.main ? 'main' : 'pool';
      const nth = (counts.get(`${by} ${call}`) ?? 0) + 1;
      counts.set(`${by} ${call}`, nth);
      return isStorage(line, place) ? [{ thread: by, call, nth }] : [];
    });
  } finally {
    place.remove();
  }
}

function isStorage(line: string, { folder }: Place): boolean {
  return line.includes(folder) && (!line.includes('openat(') || line.includes('O_CREAT'));
}

/** About `wanted` points, evenly over each kind of call. */
function sample(all: readonly Point[], wanted: number): Point[] {
  const kinds = Map.groupBy(all, ({ thread, call }) => `${thread} ${call}`);
  if (wanted < kinds.size * LEAST_OF_KIND) return evenly(all, Math.ceil(wanted));
  const share = Math.min(1, wanted / all.length);
  return [...kinds.values()].flatMap((points) =>
    evenly(points, Math.max(LEAST_OF_KIND, Math.round(points.length * share))),
  );
}

function evenly(points: readonly Point[], wanted: number): Point[] {
  const count = Math.min(points.length, wanted);
  return Array.from(
    { length: count },
    (_, nth) => points[Math.floor(((nth + 0.5) * points.length) / count)]!,
  );
}

async function inLanes<T>(work: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let one = work[next++]; one !== undefined; one = work[next++]) await each(one);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** False where the fault did not strike a call on the workspace. */
async function attack(point: Point, fault: Fault, early: boolean, found: Tally): Promise<boolean> {
  const place = newPlace();
  try {
    const child = start(place, early);
    await child.said('ready');
    const log = path.join(place.folder, 'calls.log');
    const { thread, call, nth } = point;
    const inject = `inject=${call}:${FAULTS[fault]}:when=${String(nth)}`;
    const args = ['-e', `trace=${call}`, '-e', inject];
    const strace = await attach([threadsOf(child.pid)[thread]], args, log);
    const ended = new Promise((resolve) => strace.on('close', resolve));
    child.go();
    const late = setTimeout(() => child.kill(), PATIENCE_MS);
    const { code, signal } = await child.over;
    clearTimeout(late);
    await ended;
    const struck = fault === 'KILL' ? readLog(log).at(-1) : readLog(log).find(isInjected);
    if (!struck || !isStorage(struck.line, place) || (fault === 'KILL' && signal !== 'SIGKILL'))
      return false;
    const when = `${fault} at ${thread} ${call} ${String(nth)} (${struck.line.slice(0, 160).replaceAll(place.folder, '')})`;
    if (fault !== 'KILL') checkEnding(child, code, when, found);
    await checkAfter(place, child, when, found);
    return true;
  } finally {
    place.remove();
  }
}

function isInjected({ line }: { line: string }): boolean {
  return line.includes('(INJECTED)');
}

/** A failing call may be told of or overcome, but never in words that are not the product's. */
function checkEnding(child: Child, code: number | null, when: string, found: Tally): void {
  const complaints = child.complaints();
  if (complaints !== '') found.miss(`${when}: it complained: ${complaints.slice(0, 400)}`);
  const failures = child.words.filter((word) => word.startsWith('failed '));
  for (const failure of failures)
    if (failure.includes(' INTERNAL')) found.miss(`${when}: ${failure.slice(0, 400)}`);
  const ended = failures.length > 0 ? 3 : 0;
  if (code !== ended)
    found.miss(`${when}: it ended with ${String(code)} after ${child.words.at(-1)}`);
}

async function checkAfter(place: Place, child: Child, when: string, found: Tally): Promise<void> {
  if (child.words.includes('created')) {
    await examine(place, child.acknowledged, found, when);
    return;
  }
  // Creation was never acknowledged: the workspace is whole, or is not there and can be made.
  try {
    (await unlock(place)).close('command');
  } catch (error) {
    const code = isCustosError(error) ? error.code : 'INTERNAL';
    if (code !== 'NOT_A_WORKSPACE') {
      found.miss(`${when}: half a workspace: ${untyped(error) ?? String(error)}`);
      return;
    }
    try {
      await create(place);
    } catch (second) {
      found.miss(`${when}: it cannot be created again: ${String(second)}`);
    }
  }
}

/** Kills where entries become durable, under a program that acknowledges before. */
async function runControl(all: readonly Point[]): Promise<Tally> {
  const control = tally();
  const flushes = all.filter(({ call, thread }) => call === 'fdatasync' && thread === 'main');
  // The last ones belong to closing; those before to decisions.
  for (const point of flushes.slice(-14, -3).reverse()) {
    if (control.lost > 0) break;
    await attack(point, 'KILL', true, control);
  }
  return control;
}

function countByCall(all: readonly Point[]): string {
  const kinds = Map.groupBy(all, ({ call }) => call);
  return [...kinds].map(([call, points]) => `${call} ${String(points.length)}`).join(', ');
}
