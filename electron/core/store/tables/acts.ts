/** Table `acts`: what a member did at one stroke, so that it can be undone at one stroke. */
import { expectChanges, insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface ActRow {
  id: number;
  caseId: number;
  /** Null where a single item was decided apart from its stack. */
  stackId: number | null;
  kind: 'decide' | 'fact' | 'skip';
  /** Member id. */
  by: string;
  at: string;
  seq: number;
}

export function insertAct(db: Writer, row: Omit<ActRow, 'id'>): number {
  const result = prepared<[Omit<ActRow, 'id'>]>(
    db,
    `INSERT INTO acts (case_id, stack_id, kind, by, at, seq)
     VALUES (@caseId, @stackId, @kind, @by, @at, @seq)`,
  ).run(row);
  return insertedId(result, 'the acts');
}

/** A member's newest act in a case that still stands, or null. */
export function findLastAct(db: Reader, caseId: number, by: string): ActRow | null {
  const sql = `SELECT id, case_id AS caseId, stack_id AS stackId, kind, by, at, seq FROM acts
    WHERE case_id = ? AND by = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1`;
  return prepared<[number, string], ActRow>(db, sql).get(caseId, by) ?? null;
}

export function markUndone(db: Writer, id: number, undone: { at: string; seq: number }): void {
  const result = prepared<[string, number, number]>(
    db,
    'UPDATE acts SET undone_at = ?, undone_seq = ? WHERE id = ? AND undone_at IS NULL',
  ).run(undone.at, undone.seq, id);
  expectChanges(result, 1, 'an act');
}

export function setSkipped(db: Writer, stackId: number, at: string): void {
  const result = prepared<[string, number]>(
    db,
    'UPDATE stacks SET skipped_at = ? WHERE id = ?',
  ).run(at, stackId);
  expectChanges(result, 1, 'a stack');
}

/**
 * After a skip was undone: the stack is as the newest skip that still stands left it. A stack that
 * came back into the queue meanwhile stays there.
 */
export function restoreSkipped(db: Writer, stackId: number, undoneAt: string): void {
  prepared<[{ stackId: number; undoneAt: string }]>(
    db,
    `UPDATE stacks SET skipped_at = (SELECT max(a.at) FROM acts a
       WHERE a.case_id = stacks.case_id AND a.stack_id = stacks.id AND a.kind = 'skip'
         AND a.undone_at IS NULL)
     WHERE id = @stackId AND skipped_at = @undoneAt`,
  ).run({ stackId, undoneAt });
}
