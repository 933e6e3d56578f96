/** Table `stacks`: near-duplicates of one another, with a representative. */
import { CustosError } from '#shared/domain/errors.ts';
import { expectChanges, insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface StackRow {
  id: number;
  caseId: number;
  representativeId: number;
  items: number;
  /** Members without a decision in force. */
  undecided: number;
  skippedAt: string | null;
}

const COLUMNS = `id, case_id AS caseId, representative_id AS representativeId, items, undecided,
  skipped_at AS skippedAt`;

/** A stack of one. */
export function insertStack(
  db: Writer,
  row: { caseId: number; representativeId: number; createdAt: string },
): number {
  const result = prepared<[typeof row]>(
    db,
    `INSERT INTO stacks (case_id, representative_id, created_at)
     VALUES (@caseId, @representativeId, @createdAt)`,
  ).run(row);
  return insertedId(result, 'the stacks');
}

export function getStack(db: Reader, id: number): StackRow {
  const row = prepared<[number], StackRow>(db, `SELECT ${COLUMNS} FROM stacks WHERE id = ?`).get(
    id,
  );
  if (!row) throw new CustosError('NOT_FOUND', 'There is no such stack in this workspace.');
  return row;
}

/** One more undecided member. A skipped stack comes back into the queue. */
export function growStack(db: Writer, id: number): void {
  const result = prepared<[number]>(
    db,
    'UPDATE stacks SET items = items + 1, undecided = undecided + 1, skipped_at = NULL WHERE id = ?',
  ).run(id);
  expectChanges(result, 1, 'a stack');
}

/**
 * Whether nobody has touched the stack yet: no decision, fact, act or look. Only such stacks may
 * be joined by the machine; anything else is for a person.
 */
export function isUntouched(db: Reader, id: number): boolean {
  const row = prepared<[{ id: number }], { untouched: number }>(
    db,
    `SELECT (SELECT items = undecided FROM stacks WHERE id = @id)
        AND NOT EXISTS (SELECT 1 FROM facts WHERE stack_id = @id)
        AND NOT EXISTS (SELECT 1 FROM acts WHERE stack_id = @id)
        AND NOT EXISTS (SELECT 1 FROM items i JOIN looks l ON l.item_id = i.id
                        WHERE i.stack_id = @id) AS untouched`,
  ).get({ id });
  return row?.untouched === 1;
}

/** Moves every member of an untouched stack into another and removes the empty one. */
export function mergeStack(db: Writer, from: number, into: number): void {
  const moved = prepared<[number, number]>(
    db,
    'UPDATE items SET stack_id = ? WHERE stack_id = ?',
  ).run(into, from);
  const grown = prepared<[number, number, number]>(
    db,
    'UPDATE stacks SET items = items + ?, undecided = undecided + ? WHERE id = ?',
  ).run(moved.changes, moved.changes, into);
  expectChanges(grown, 1, 'a stack');
  expectChanges(prepared<[number]>(db, 'DELETE FROM stacks WHERE id = ?').run(from), 1, 'a stack');
}

/**
 * The best copy represents the stack: most pixels, then the oldest. Once somebody has looked at
 * the representative it stays, so that a look already spent is not spent again on a larger copy.
 */
export function offerRepresentative(db: Writer, id: number, candidateId: number): void {
  prepared<[{ id: number; candidateId: number }]>(
    db,
    `UPDATE stacks SET representative_id = @candidateId
     WHERE id = @id
       AND EXISTS (SELECT 1 FROM items c, items r
                   WHERE c.id = @candidateId AND r.id = stacks.representative_id
                     AND (-c.width * c.height, c.id) < (-r.width * r.height, r.id))
       AND NOT EXISTS (SELECT 1 FROM looks l WHERE l.item_id = stacks.representative_id)`,
  ).run({ id, candidateId });
}
