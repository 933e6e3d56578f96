/** Brings a database to the newest step this version of Custos knows. */
import { CustosError } from '#shared/domain/errors.ts';
import { asCustosError } from './errors.ts';
import type { Migration } from './migrations/index.ts';
import type { Reader, Writer } from './types.ts';

/**
 * Takes every step that is still missing, each in a transaction of its own which also stores the
 * step's number and is only kept if the database is sound afterwards.
 * Errors: NEWER_WORKSPACE, READ_ONLY (a step is due but may not be taken), WORKSPACE_DAMAGED.
 */
export function migrate(
  db: Writer,
  steps: readonly Migration[],
  options: { readOnly: boolean },
): { from: number; to: number } {
  requireRising(steps);
  const from = stepOf(db);
  const newest = steps.at(-1)?.step ?? 0;
  if (from > newest) {
    throw new CustosError(
      'NEWER_WORKSPACE',
      `This workspace was last used by a newer version of Custos (its data is at step ${String(from)}; this version knows step ${String(newest)}). Nothing was changed. Install the newer version to open it.`,
    );
  }
  const due = steps.filter(({ step }) => step > from);
  if (due.length > 0 && options.readOnly) {
    throw new CustosError(
      'READ_ONLY',
      'This workspace was last used by an older version of Custos and must be brought up to date first, which cannot be done while it is read-only. Open a copy of it on a disk that can be written to.',
    );
  }
  for (const migration of due) takeStep(db, migration);
  return { from, to: newest };
}

/** The step a database is at; 0 for an empty one. */
function stepOf(db: Reader): number {
  return db.pragma('user_version', { simple: true }) as number;
}

function takeStep(db: Writer, { step, slug, sql }: Migration): void {
  const take = db.transaction(() => {
    db.exec(sql);
    db.pragma(`user_version=${String(step)}`);
    requireSound(db);
  });
  try {
    take.immediate();
  } catch (error) {
    throw asCustosError(error, `bringing a database to step ${String(step)} (${slug})`);
  }
}

function requireSound(db: Reader): void {
  const integrity = db.pragma('integrity_check', { simple: true });
  const orphans = db.pragma('foreign_key_check') as unknown[];
  if (integrity === 'ok' && orphans.length === 0) return;
  throw new CustosError(
    'WORKSPACE_DAMAGED',
    'A database of the workspace is damaged, which was found while bringing it up to date. Nothing was changed. Copy the whole workspace folder to another disk first, then restore from a backup.',
  );
}

function requireRising(steps: readonly Migration[]): void {
  let before = 0;
  for (const { step, slug } of steps) {
    if (step <= before || step % 10 !== 0) {
      throw new RangeError(`step ${String(step)} (${slug}) is out of order`);
    }
    before = step;
  }
}
