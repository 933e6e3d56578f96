/**
 * Originals that are missing or damaged, as a state of the items they belong to. The same bytes may
 * be an item in several cases; whatever befalls the one sealed file befalls all of them.
 */
import { prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface DamageRow {
  itemId: number;
  caseId: number;
  /** When it was found. */
  at: string;
  reason: string;
}

const SELECT = `SELECT id AS itemId, case_id AS caseId, damaged_at AS at, damaged_reason AS reason
  FROM items`;

/** Null for an item whose original is not known to be damaged. */
export function damageOf(db: Reader, itemId: number): DamageRow | null {
  const sql = `${SELECT} WHERE id = ? AND damaged_at IS NOT NULL`;
  return prepared<[number], DamageRow>(db, sql).get(itemId) ?? null;
}

/** How many items with these bytes are known to be damaged. */
export function countDamagedWith(db: Reader, sha256: Buffer): number {
  const sql = 'SELECT count(*) AS count FROM items WHERE sha256 = ? AND damaged_at IS NOT NULL';
  return prepared<[Buffer], { count: number }>(db, sql).get(sha256)?.count ?? 0;
}

/** Every item with these bytes, in order of id. */
export function itemsWithBytes(db: Reader, sha256: Buffer): { itemId: number; caseId: number }[] {
  const sql = 'SELECT id AS itemId, case_id AS caseId FROM items WHERE sha256 = ? ORDER BY id';
  return prepared<[Buffer], { itemId: number; caseId: number }>(db, sql).all(sha256);
}

/** Damaged items of a case in order of id. */
export function listDamaged(
  db: Reader,
  page: { caseId: number; after: number; limit: number },
): DamageRow[] {
  return prepared<[typeof page], DamageRow>(
    db,
    `${SELECT} WHERE case_id = @caseId AND id > @after AND damaged_at IS NOT NULL
     ORDER BY id LIMIT @limit`,
  ).all(page);
}

/** Damaged items of all cases. */
export function countDamaged(db: Reader): number {
  const sql = 'SELECT count(*) AS count FROM items WHERE damaged_at IS NOT NULL';
  return prepared<[], { count: number }>(db, sql).get()?.count ?? 0;
}

/** Keeps the moment it was first found; the reason is the newest. */
export function markDamaged(db: Writer, sha256: Buffer, at: string, reason: string): void {
  prepared<[string, string, Buffer]>(
    db,
    `UPDATE items SET damaged_at = coalesce(damaged_at, ?), damaged_reason = ? WHERE sha256 = ?`,
  ).run(at, reason, sha256);
}

/** Good bytes are in place again. Returns how many items were mended by that. */
export function clearDamage(db: Writer, sha256: Buffer): number {
  return prepared<[Buffer]>(
    db,
    `UPDATE items SET damaged_at = NULL, damaged_reason = NULL
     WHERE sha256 = ? AND damaged_at IS NOT NULL`,
  ).run(sha256).changes;
}
