/**
 * Runs the rigs one after the other: `npm run rigs [-- NAME…] [-- --quick] [-- --json]
 * [-- --seed=N]`. Ends with 1 where something was lost or missed, or where a control came to no
 * harm. A rig that this machine cannot run says so and counts as skipped.
 */
import { nothing, passed, type Rig, type RigResult } from './rig.ts';

/** How often each attack is made, and where it is written. A module exports `run`, a Rig. */
const RIGS: Readonly<Record<string, { trials: number; load: () => Promise<{ run: Rig }> }>> = {
  kill: { trials: 1000, load: () => import('./kill.ts') },
  'kill-bundle': { trials: 1000, load: () => import('./kill-bundle.ts') },
  // More than there are points: all of them.
  syscalls: { trials: 6000, load: () => import('./syscalls.ts') },
  'power-cut': { trials: 200, load: () => import('./power-cut.ts') },
  'full-disk': { trials: 20, load: () => import('./full-disk.ts') },
  'record-attacks': { trials: 100, load: () => import('./record-attacks.ts') },
  passwords: { trials: 1000, load: () => import('./passwords.ts') },
  busy: { trials: 50, load: () => import('./busy.ts') },
  clock: { trials: 1000, load: () => import('./clock.ts') },
  damage: { trials: 360, load: () => import('./damage.ts') },
  size: { trials: 1_000_000, load: () => import('./size.ts') },
};

export async function runRigs(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const share = args.includes('--quick') ? 0.1 : 1;
  const seed = Number(args.find((arg) => arg.startsWith('--seed='))?.slice(7) ?? Date.now() % 1e9);
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const strangers = wanted.filter((name) => !Object.hasOwn(RIGS, name));
  if (strangers.length > 0 || !Number.isSafeInteger(seed)) {
    console.error(`Known rigs: ${Object.keys(RIGS).join(', ')}. A seed is a whole number.`);
    return 2;
  }
  const results: RigResult[] = [];
  for (const [name, { trials, load }] of Object.entries(RIGS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (!json) console.error(`${name} …`);
    for (const result of await attempt(name, load, Math.ceil(trials * share), seed)) {
      results.push(result);
      if (json) console.log(JSON.stringify(result));
    }
  }
  if (!json) console.log(table(results));
  return results.every((result) => result.skipped !== undefined || passed(result)) ? 0 : 1;
}

/** A rig that breaks has not passed. */
async function attempt(
  name: string,
  load: () => Promise<{ run: Rig }>,
  trials: number,
  seed: number,
): Promise<RigResult[]> {
  try {
    const { run } = await load();
    return [await run(trials, seed)].flat();
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [{ ...nothing(name), undetected: 1, findings: [`the rig itself broke: ${reason}`] }];
  }
}

const COLUMNS = ['trials', 'acknowledged', 'lost', 'undetected', 'control', 'seconds'] as const;

export function table(results: readonly RigResult[]): string {
  const width = Math.max(3, ...results.map(({ rig }) => rig.length));
  const row = (first: string, cells: readonly string[], last: string): string =>
    [first.padEnd(width), ...cells.map((cell) => cell.padStart(12)), ` ${last}`].join(' ');
  const lines = [row('rig', COLUMNS, '')];
  for (const result of results) {
    const cells = COLUMNS.map((column) => String(result[column]));
    lines.push(row(result.rig, result.skipped ? COLUMNS.map(() => '-') : cells, verdict(result)));
    for (const note of result.notes ?? []) lines.push(`    ${note}`);
    for (const finding of result.findings ?? []) lines.push(`  ! ${finding}`);
  }
  return lines.join('\n');
}

function verdict(result: RigResult): string {
  if (result.skipped) return `SKIPPED: ${result.skipped}`;
  if (passed(result)) return 'held';
  return result.control > 0 ? 'NOT HELD' : 'NOT HELD: the control came to no harm';
}
