/** What every rig answers with, and the few things all of them need. */

export interface RigResult {
  rig: string;
  /** Attacks made. */
  trials: number;
  /** What the product had acknowledged while it was attacked: items, decisions, bundles, entries. */
  acknowledged: number;
  /** Of those, what was not there afterwards. Must be 0. */
  lost: number;
  /** Damage, refusals or answers that were not as promised: wrong, untyped, or not found at all. Must be 0. */
  undetected: number;
  /**
   * Times the same attack succeeded with the protection taken away. 0 means that the rig cannot
   * see a loss and so proves nothing.
   */
  control: number;
  seconds: number;
  /** Why nothing was tried, where the machine does not allow it. Never counts as passed. */
  skipped?: string;
  /** Sentences: what was covered, of how much, under which settings. */
  notes?: readonly string[];
  /** The first of what went wrong, in words, with what is needed to see it again. */
  findings?: readonly string[];
}

/**
 * A rig. `trials`: how many attacks to make, of the kind it counts. `seed`: where random moments
 * and mutations begin, so that a run can be repeated.
 */
export type Rig = (trials: number, seed?: number) => Promise<RigResult | RigResult[]>;

export function passed(result: RigResult): boolean {
  return !result.skipped && result.lost === 0 && result.undetected === 0 && result.control > 0;
}

/** Where nothing was tried. */
export function nothing(rig: string): RigResult {
  return { rig, trials: 0, acknowledged: 0, lost: 0, undetected: 0, control: 0, seconds: 0 };
}

export function skipped(rig: string, why: string): RigResult {
  return { ...nothing(rig), skipped: why };
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Counts and first sentences of what goes wrong. */
export interface Tally {
  acknowledged: number;
  lost: number;
  undetected: number;
  readonly findings: string[];
  lose(what: string): void;
  miss(what: string): void;
}

const MOST_FINDINGS = 20;

export function tally(): Tally {
  const findings: string[] = [];
  const find = (what: string): void => {
    if (findings.length < MOST_FINDINGS) findings.push(what);
  };
  return {
    acknowledged: 0,
    lost: 0,
    undetected: 0,
    findings,
    lose(what) {
      this.lost += 1;
      find(what);
    },
    miss(what) {
      this.undetected += 1;
      find(what);
    },
  };
}

export function stopwatch(): () => number {
  const began = performance.now();
  return () => Math.round((performance.now() - began) / 100) / 10;
}
