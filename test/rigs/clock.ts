/**
 * A clock that cannot be trusted: it runs backwards, jumps by years, changes to summer time and
 * back, between acts. Order is the sequence; each step back is an entry of its own.
 * Control: whoever sorts by the time shown gets another order.
 */
import { testClock } from '../support/workspace.ts';
import { seeded, stopwatch, tally, type RigResult, type Tally } from './rig.ts';
import { create, examine, newPlace, unlock, type Place } from './support/place.ts';
import type { ReadEntry } from '#core/record/types.ts';

const HOUR = 3_600_000;
const YEAR = 365.25 * 24 * HOUR;
/** Milliseconds: summer time both ways, years both ways, a step back of one millisecond, none. */
const JUMPS = [HOUR, -HOUR, 10 * YEAR, -10 * YEAR, -3 * YEAR, -1, 0, 1] as const;
/** A new session in between, now and then: a restart must not forget the last time. */
const ACTS_PER_SESSION = 25;
const PAGE = 200;

export async function run(trials: number, seed = 1): Promise<RigResult> {
  const seconds = stopwatch();
  const found = tally();
  const fresh = newPlace();
  const clock = testClock();
  const place: Place = { ...fresh, ports: { ...fresh.ports, clock } };
  try {
    await create(place);
    const random = seeded(seed);
    for (let done = 0; done < trials; done += ACTS_PER_SESSION) {
      const session = await unlock(place);
      if (session.readOnly !== null) found.miss(`it opens for reading only: ${session.readOnly}`);
      for (let nth = done; nth < Math.min(trials, done + ACTS_PER_SESSION); nth += 1) {
        session.note({ type: 'search.made', detail: { caseId: 1, nth } });
        found.acknowledged += 1;
        clock.advance(JUMPS[Math.floor(random() * JUMPS.length)] ?? 0);
      }
      session.close('command');
    }
    const control = await judge(place, trials, found);
    await examine(place, [], found, 'after all jumps');
    return {
      rig: 'clock',
      trials,
      acknowledged: found.acknowledged,
      lost: found.lost,
      undetected: found.undetected,
      control,
      seconds: seconds(),
      notes: [
        `seed ${String(seed)}; jumps of an hour, years, a millisecond, forwards and backwards`,
        `control: sorted by time, ${String(control)} entries stand elsewhere`,
      ],
      findings: found.findings,
    };
  } finally {
    place.remove();
  }
}

/** Answers with the control: how many acts stand elsewhere in the order of their times. */
async function judge(place: Place, trials: number, found: Tally): Promise<number> {
  const session = await unlock(place);
  const entries: ReadEntry[] = [];
  try {
    for (let before: number | null = null, more = true; more;) {
      const query = { types: [], by: null, caseId: null, itemId: null, before, limit: PAGE };
      const page = session.record.read(query);
      entries.unshift(...page.entries.toReversed());
      before = entries[0]?.seq ?? null;
      ({ more } = page);
    }
  } finally {
    session.close('command');
  }
  const acts = entries.filter(({ type }) => type === 'search.made');
  const order = acts.map(({ detail }) => detail['nth'] as number);
  if (acts.length !== trials) found.lose(`${String(acts.length)} of ${String(trials)} are there`);
  order.forEach((nth, at) => {
    if (nth !== at) found.miss(`act ${String(nth)} stands in place ${String(at)}`);
  });
  checkStepsBack(entries, found);
  const byTime = [...acts].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return byTime.filter(({ seq }, at) => seq !== acts[at]?.seq).length;
}

/** Every step back of the time is said by an entry at that very place. */
function checkStepsBack(entries: readonly ReadEntry[], found: Tally): void {
  entries.forEach((entry, at) => {
    const before = entries[at - 1];
    if (!before) return;
    const back = Date.parse(entry.at) < Date.parse(before.at);
    const said = entry.type === 'clock.backwards' || entries[at + 1]?.type === 'clock.backwards';
    if (back && !said) found.miss(`entry ${String(entry.seq)} steps back and nothing says so`);
  });
}
