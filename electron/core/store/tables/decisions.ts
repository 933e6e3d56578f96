/**
 * Table `decisions`, and what is copied of the one in force onto items and stacks. Rows are only
 * ever added; undoing points an item back at an earlier one.
 */
import type { Decision } from '#shared/contract/review.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Basis, ItemState } from '#shared/domain/words.ts';
import { expectChanges, insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface NewDecision {
  actId: number;
  itemId: number;
  /** The decision in force until now. */
  previousId: number | null;
  category: string;
  categoryTitle: string;
  rule: string | null;
  lawPack: string;
  lawPackVersion: string;
  overridden: 0 | 1;
  basis: Basis;
  reason: string;
  /** JSON: the facts as they stood, an array of the contract's recorded facts. */
  facts: string;
  /** Member id. */
  by: string;
  at: string;
  seq: number;
}

/** A member of a stack as far as deciding goes. */
export interface DecidableItem {
  id: number;
  caseId: number;
  stackId: number | null;
  state: ItemState;
  looks: number;
  category: string | null;
  decisionId: number | null;
  /** Whether its decision in force was made for this item apart from its stack. */
  apart: 0 | 1;
}

const DECIDABLE = `SELECT i.id, i.case_id AS caseId, i.stack_id AS stackId, i.state, i.looks,
    i.category, i.decision_id AS decisionId,
    (a.id IS NOT NULL AND a.stack_id IS NULL) AS apart
  FROM items i LEFT JOIN decisions d ON d.id = i.decision_id LEFT JOIN acts a ON a.id = d.act_id`;

/** Decides one item: the decision's row, and the item that points at it. Returns its id. */
export function insertDecision(db: Writer, row: NewDecision): number {
  const result = prepared<[NewDecision]>(
    db,
    `INSERT INTO decisions (act_id, item_id, previous_id, category, category_title, rule, law_pack,
       law_pack_version, overridden, basis, reason, facts, by, at, seq)
     VALUES (@actId, @itemId, @previousId, @category, @categoryTitle, @rule, @lawPack,
       @lawPackVersion, @overridden, @basis, @reason, @facts, @by, @at, @seq)`,
  ).run(row);
  const id = insertedId(result, 'the decisions');
  const { category, basis } = row;
  setItemDecision(db, row.itemId, { state: 'decided', decisionId: id, category, basis });
  return id;
}

function setItemDecision(
  db: Writer,
  itemId: number,
  to: {
    state: 'decided' | 'undecided';
    decisionId: number | null;
    category: string | null;
    basis: Basis | null;
  },
): void {
  const result = prepared<[typeof to & { itemId: number }]>(
    db,
    `UPDATE items SET state = @state, decision_id = @decisionId, category = @category,
       basis = @basis WHERE id = @itemId AND state <> 'unreadable'`,
  ).run({ ...to, itemId });
  expectChanges(result, 1, 'an item');
}

export function countUndecided(db: Writer, stackId: number): void {
  const result = prepared<[{ stackId: number }]>(
    db,
    `UPDATE stacks SET undecided = (SELECT count(*) FROM items
       WHERE stack_id = @stackId AND state = 'undecided') WHERE id = @stackId`,
  ).run({ stackId });
  expectChanges(result, 1, 'a stack');
}

export function listDecidable(db: Reader, stackId: number): DecidableItem[] {
  const sql = `${DECIDABLE} WHERE i.stack_id = ? ORDER BY i.id`;
  return prepared<[number], DecidableItem>(db, sql).all(stackId);
}

export function getDecidable(db: Reader, itemId: number): DecidableItem {
  const row = prepared<[number], DecidableItem>(db, `${DECIDABLE} WHERE i.id = ?`).get(itemId);
  if (!row) throw new CustosError('NOT_FOUND', 'There is no such item in this workspace.');
  return row;
}

/** A decision as it crosses to a screen. */
/** Also true where every decision was undone since. */
export function wasEverDecided(db: Reader, itemId: number): boolean {
  const sql = 'SELECT 1 AS one FROM decisions WHERE item_id = ? LIMIT 1';
  return prepared<[number], { one: 1 }>(db, sql).get(itemId) !== undefined;
}

export function getDecision(db: Reader, id: number): Decision {
  const row = prepared<[number], Omit<Decision, 'overridden'> & { overridden: 0 | 1 }>(
    db,
    `SELECT d.id, d.category, d.category_title AS categoryTitle, d.rule, d.law_pack AS lawPack,
       d.law_pack_version AS lawPackVersion, d.overridden, d.basis, d.reason, m.name AS by, d.at
     FROM decisions d JOIN members m ON m.id = d.by WHERE d.id = ?`,
  ).get(id);
  if (!row) throw new CustosError('NOT_FOUND', 'There is no such decision in this workspace.');
  return { ...row, overridden: row.overridden === 1 };
}

export interface ActDecision {
  id: number;
  itemId: number;
  stackId: number | null;
  categoryTitle: string;
  /** Whether the item still follows this decision. */
  inForce: 0 | 1;
}

export function decisionsOfAct(db: Reader, actId: number): ActDecision[] {
  return prepared<[number], ActDecision>(
    db,
    `SELECT d.id, d.item_id AS itemId, i.stack_id AS stackId, d.category_title AS categoryTitle,
       i.decision_id = d.id AS inForce
     FROM decisions d JOIN items i ON i.id = d.item_id WHERE d.act_id = ? ORDER BY d.id`,
  ).all(actId);
}

/** Points an item back at the newest decision before `id` whose act still stands, or at none. */
export function restoreDecision(db: Writer, itemId: number, id: number): void {
  const earlier = prepared<[number], { id: number; category: string; basis: Basis }>(
    db,
    `WITH RECURSIVE before(id) AS (
       SELECT previous_id FROM decisions WHERE id = ?
       UNION SELECT d.previous_id FROM decisions d JOIN before b ON d.id = b.id)
     SELECT d.id, d.category, d.basis FROM before b JOIN decisions d ON d.id = b.id
       JOIN acts a ON a.id = d.act_id
     WHERE a.undone_at IS NULL ORDER BY d.id DESC LIMIT 1`,
  ).get(id);
  setItemDecision(db, itemId, {
    state: earlier ? 'decided' : 'undecided',
    decisionId: earlier?.id ?? null,
    category: earlier?.category ?? null,
    basis: earlier?.basis ?? null,
  });
}
