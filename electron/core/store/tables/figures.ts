/** Counts over one case. Each is one statement over an index or one pass over the case's rows. */
import type { Basis, ItemState } from '#shared/domain/words.ts';
import { prepared } from '../sql.ts';
import type { Reader } from '../types.ts';

export interface ItemCount {
  state: ItemState;
  category: string | null;
  basis: Basis | null;
  items: number;
  occurrences: number;
}

export function countItems(db: Reader, caseId: number): ItemCount[] {
  return prepared<[number], ItemCount>(
    db,
    `SELECT state, category, basis, count(*) AS items, sum(occurrences) AS occurrences
     FROM items WHERE case_id = ? GROUP BY state, category, basis`,
  ).all(caseId);
}

/** `decided`: no member waits for a decision. */
export function countStacks(db: Reader, caseId: number): { stacks: number; decided: number } {
  const row = prepared<[number], { stacks: number; decided: number }>(
    db,
    `SELECT count(*) AS stacks, coalesce(sum(undecided = 0), 0) AS decided
     FROM stacks WHERE case_id = ? AND items > 0`,
  ).get(caseId);
  return row ?? { stacks: 0, decided: 0 };
}

export interface LookCount {
  looks: number;
  colour: number;
  relooks: number;
}

export function countLooks(db: Reader, caseId: number): LookCount {
  const row = prepared<[number], LookCount>(
    db,
    `SELECT count(*) AS looks, coalesce(sum(rung = 4), 0) AS colour,
       coalesce(sum(relook), 0) AS relooks FROM looks WHERE case_id = ?`,
  ).get(caseId);
  return row ?? { looks: 0, colour: 0, relooks: 0 };
}

/** Decided stacks that were looked at: with one look, and with more, whatever the rung. */
export function countLookedAtDecided(
  db: Reader,
  caseId: number,
): { once: number; oftener: number } {
  const row = prepared<[number], { once: number; oftener: number }>(
    db,
    `SELECT coalesce(sum(n = 1), 0) AS once, coalesce(sum(n > 1), 0) AS oftener FROM (
       SELECT count(*) AS n FROM looks l JOIN items i ON i.id = l.item_id
         JOIN stacks s ON s.id = i.stack_id
       WHERE l.case_id = ? AND s.undecided = 0 GROUP BY s.id)`,
  ).get(caseId);
  return row ?? { once: 0, oftener: 0 };
}
