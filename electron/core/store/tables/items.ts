/** Tables `items` and `occurrences`, as intake writes them. */
import type { Orientation } from '#shared/domain/words.ts';
import { expectChanges, insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface NewItem {
  caseId: number;
  importId: number;
  sha256: Buffer;
  sha1: Buffer;
  md5: Buffer;
  bytes: number;
  mime: string;
  ext: string;
  width: number | null;
  height: number | null;
  frames: number | null;
  pdq: Buffer | null;
  pdqQuality: number | null;
  state: 'undecided' | 'unreadable';
  unreadableCode: string | null;
  unreadableReason: string | null;
  createdAt: string;
  seq: number;
}

export interface NewOccurrence {
  itemId: number;
  importId: number;
  pathRaw: Buffer;
  pathDisplay: string;
  source: string;
  exhibit: string;
  modifiedAt: string | null;
  seenAt: string;
}

export interface Link {
  toItemId: number;
  distance: number;
  orientation: Orientation;
}

export function insertItem(db: Writer, row: NewItem): number {
  const result = prepared<[NewItem]>(
    db,
    `INSERT INTO items (case_id, import_id, sha256, sha1, md5, bytes, mime, ext, width, height,
       frames, pdq, pdq_quality, state, unreadable_code, unreadable_reason, created_at, seq)
     VALUES (@caseId, @importId, @sha256, @sha1, @md5, @bytes, @mime, @ext, @width, @height,
       @frames, @pdq, @pdqQuality, @state, @unreadableCode, @unreadableReason, @createdAt, @seq)`,
  ).run(row);
  return insertedId(result, 'the items');
}

export function findItemByHash(db: Reader, caseId: number, sha256: Buffer): number | null {
  const row = prepared<[number, Buffer], { id: number }>(
    db,
    'SELECT id FROM items WHERE case_id = ? AND sha256 = ?',
  ).get(caseId, sha256);
  return row?.id ?? null;
}

/** Adds one place where an item was found and keeps the item's counts true. */
export function insertOccurrence(db: Writer, row: NewOccurrence): void {
  const known = prepared<[number, string], { one: 1 }>(
    db,
    'SELECT 1 AS one FROM occurrences WHERE item_id = ? AND source = ? LIMIT 1',
  ).get(row.itemId, row.source);
  prepared<[NewOccurrence]>(
    db,
    `INSERT INTO occurrences (item_id, import_id, path_raw, path_display, source, exhibit,
       modified_at, seen_at)
     VALUES (@itemId, @importId, @pathRaw, @pathDisplay, @source, @exhibit, @modifiedAt, @seenAt)`,
  ).run(row);
  const result = prepared<[number, number]>(
    db,
    'UPDATE items SET occurrences = occurrences + 1, sources = sources + ? WHERE id = ?',
  ).run(known ? 0 : 1, row.itemId);
  expectChanges(result, 1, 'an item');
}

export function setItemStack(db: Writer, itemId: number, stackId: number, link: Link | null): void {
  const result = prepared<[number, number | null, number | null, string | null, number]>(
    db,
    `UPDATE items SET stack_id = ?, link_to = ?, link_distance = ?, link_orientation = ?
     WHERE id = ?`,
  ).run(stackId, link?.toItemId ?? null, link?.distance ?? null, link?.orientation ?? null, itemId);
  expectChanges(result, 1, 'an item');
}

export interface HashedItem {
  id: number;
  pdq: Buffer;
}

/** Items of a case whose hash is good enough to be compared, oldest first, a page of them. */
export function listHashed(
  db: Reader,
  caseId: number,
  minQuality: number,
  page: { after: number; limit: number },
): HashedItem[] {
  return prepared<[number, number, number, number], HashedItem>(
    db,
    `SELECT id, pdq FROM items
     WHERE case_id = ? AND id > ? AND pdq IS NOT NULL AND pdq_quality >= ? ORDER BY id LIMIT ?`,
  ).all(caseId, page.after, minQuality, page.limit);
}

/** The id of a case's newest item; 0 where there is none. */
export function newestItem(db: Reader, caseId: number): number {
  const row = prepared<[number], { id: number | null }>(
    db,
    'SELECT max(id) AS id FROM items WHERE case_id = ?',
  ).get(caseId);
  return row?.id ?? 0;
}

/** The stack of each item; items without one are left out. */
export function stacksOfItems(db: Reader, ids: readonly number[]): Map<number, number> {
  const rows = prepared<[string], { id: number; stackId: number }>(
    db,
    `SELECT i.id, i.stack_id AS stackId FROM json_each(?) AS wanted
     JOIN items i ON i.id = wanted.value WHERE i.stack_id IS NOT NULL`,
  ).all(JSON.stringify(ids));
  return new Map(rows.map((row) => [row.id, row.stackId]));
}

/** Hashes (or null) of the members that joined by no link: the first, and those of merged stacks. */
export function listFounders(db: Reader, stackId: number): (Buffer | null)[] {
  const rows = prepared<[number], { pdq: Buffer | null }>(
    db,
    'SELECT pdq FROM items WHERE stack_id = ? AND link_to IS NULL',
  ).all(stackId);
  return rows.map((row) => row.pdq);
}
