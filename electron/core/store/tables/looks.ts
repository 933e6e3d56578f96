/** Table `looks`: who was shown which rendition of what, when, for how long and why. */
import type { Purpose, ShownRung } from '#shared/domain/words.ts';
import { expectChanges, insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface NewLook {
  caseId: number;
  itemId: number;
  stackId: number | null;
  /** Member id. */
  by: string;
  at: string;
  rung: ShownRung;
  purpose: Purpose;
  reason: string;
  relook: 0 | 1;
  seq: number;
}

export interface LookRow extends NewLook {
  id: number;
  /** Null until the picture was covered. */
  seconds: number | null;
}

/** A look as it crosses to a screen. */
export interface ShownLook {
  /** Member's name. */
  by: string;
  at: string;
  rung: ShownRung;
  purpose: Purpose;
  reason: string;
  relook: boolean;
  seconds: number | null;
}

const SHOWN = `SELECT m.name AS by, l.at, l.rung, l.purpose, l.reason, l.relook, l.seconds
  FROM looks l JOIN members m ON m.id = l.by`;

/** Inserts the look and counts it on its item. Returns the look's id. */
export function insertLook(db: Writer, row: NewLook): number {
  const result = prepared<[NewLook]>(
    db,
    `INSERT INTO looks (case_id, item_id, stack_id, by, at, rung, purpose, reason, relook, seq)
     VALUES (@caseId, @itemId, @stackId, @by, @at, @rung, @purpose, @reason, @relook, @seq)`,
  ).run(row);
  const counted = prepared<[number]>(db, 'UPDATE items SET looks = looks + 1 WHERE id = ?').run(
    row.itemId,
  );
  expectChanges(counted, 1, 'an item');
  return insertedId(result, 'the looks');
}

export function findLook(db: Reader, id: number): LookRow | null {
  const sql = `SELECT id, case_id AS caseId, item_id AS itemId, stack_id AS stackId, by, at, rung,
    purpose, reason, relook, seconds, seq FROM looks WHERE id = ?`;
  return prepared<[number], LookRow>(db, sql).get(id) ?? null;
}

export function setLookSeconds(db: Writer, id: number, seconds: number): void {
  const result = prepared<[number, number]>(
    db,
    'UPDATE looks SET seconds = ? WHERE id = ? AND seconds IS NULL',
  ).run(seconds, id);
  expectChanges(result, 1, 'a look');
}

/** The newest `limit` looks at an item, oldest first. */
export function looksOfItem(db: Reader, itemId: number, limit: number): ShownLook[] {
  const sql = `${SHOWN} WHERE l.item_id = ? ORDER BY l.id DESC LIMIT ?`;
  return shown(prepared<[number, number], StoredLook>(db, sql).all(itemId, limit));
}

/** The newest `limit` looks at members of a stack, oldest first. */
export function looksOfStack(db: Reader, stackId: number, limit: number): ShownLook[] {
  const sql = `${SHOWN} JOIN items i ON i.id = l.item_id
    WHERE i.stack_id = ? ORDER BY l.id DESC LIMIT ?`;
  return shown(prepared<[number, number], StoredLook>(db, sql).all(stackId, limit));
}

/** Whether anybody has been shown any member of the stack. */
export function stackWasLookedAt(db: Reader, stackId: number): boolean {
  const sql = 'SELECT EXISTS (SELECT 1 FROM items WHERE stack_id = ? AND looks > 0) AS looked';
  return prepared<[number], { looked: 0 | 1 }>(db, sql).get(stackId)?.looked === 1;
}

type StoredLook = Omit<ShownLook, 'relook'> & { relook: 0 | 1 };

function shown(newestFirst: StoredLook[]): ShownLook[] {
  return newestFirst.reverse().map((row) => ({ ...row, relook: row.relook === 1 }));
}
