/** Table `scrubs`, and the originals as a scrub walks them. */
import { expectChanges, insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export type ScrubKind = 'quick' | 'full';
export type ScrubState = 'running' | 'done' | 'cancelled' | 'interrupted' | 'failed';

/** How far a scrub has come. */
export interface ScrubPosition {
  /** Originals up to this item have been checked. */
  afterItem: number;
  checked: number;
  /** Of originals, as they were imported. */
  bytes: number;
  damaged: number;
  mended: number;
}

export interface ScrubRow extends ScrubPosition {
  id: number;
  kind: ScrubKind;
  state: ScrubState;
  /** Member's name. */
  by: string;
  startedAt: string;
  endedAt: string | null;
  /** JSON; null until it came to its end. */
  report: string | null;
}

const SELECT = `SELECT s.id, s.kind, s.state, m.name AS by, s.started_at AS startedAt,
    s.ended_at AS endedAt, s.after_item AS afterItem, s.checked, s.bytes, s.damaged, s.mended,
    s.report
  FROM scrubs s JOIN members m ON m.id = s.by`;

export function insertScrub(
  db: Writer,
  row: { kind: ScrubKind; by: string; startedAt: string; seq: number },
): number {
  const result = prepared<[typeof row]>(
    db,
    `INSERT INTO scrubs (kind, state, by, started_at, seq)
     VALUES (@kind, 'running', @by, @startedAt, @seq)`,
  ).run(row);
  return insertedId(result, 'the scrubs');
}

export function setScrub(
  db: Writer,
  id: number,
  to: ScrubPosition & { state: ScrubState; endedAt: string | null; report: string | null },
): void {
  const result = prepared<[typeof to & { id: number }]>(
    db,
    `UPDATE scrubs SET state = @state, ended_at = @endedAt, after_item = @afterItem,
       checked = @checked, bytes = @bytes, damaged = @damaged, mended = @mended, report = @report
     WHERE id = @id`,
  ).run({ ...to, id });
  expectChanges(result, 1, 'a scrub');
}

/** The newest scrub of a kind if it did not come to its end. */
export function unfinishedScrub(db: Reader, kind: ScrubKind): ScrubRow | null {
  const row = prepared<[ScrubKind], ScrubRow>(
    db,
    `${SELECT} WHERE s.kind = ? ORDER BY s.id DESC LIMIT 1`,
  ).get(kind);
  return row && row.state !== 'done' ? row : null;
}

/** Newest first. */
export function listScrubs(db: Reader, limit: number): ScrubRow[] {
  return prepared<[number], ScrubRow>(db, `${SELECT} ORDER BY s.id DESC LIMIT ?`).all(limit);
}

export interface OriginalRow {
  itemId: number;
  sha256: Buffer;
  /** Of the original as it was imported. */
  bytes: number;
  damaged: 0 | 1;
}

/** Every original once, by the first item that holds it, in order of that item. */
export function originalsAfter(db: Reader, after: number, limit: number): OriginalRow[] {
  return prepared<[number, number], OriginalRow>(
    db,
    `SELECT i.id AS itemId, i.sha256, i.bytes, i.damaged_at IS NOT NULL AS damaged FROM items i
     WHERE i.id > ? AND NOT EXISTS (
       SELECT 1 FROM items e WHERE e.sha256 = i.sha256 AND e.id < i.id)
     ORDER BY i.id LIMIT ?`,
  ).all(after, limit);
}

export function countOriginals(db: Reader): number {
  const sql = 'SELECT count(DISTINCT sha256) AS count FROM items';
  return prepared<[], { count: number }>(db, sql).get()?.count ?? 0;
}

/** Whether some item has these bytes and they could be read as a picture. */
export function isReadableOriginal(db: Reader, sha256: Buffer): boolean {
  const sql = `SELECT 1 AS one FROM items WHERE sha256 = ? AND state <> 'unreadable' LIMIT 1`;
  return prepared<[Buffer], { one: 1 }>(db, sql).get(sha256) !== undefined;
}

export function countReadableOriginals(db: Reader): number {
  const sql = `SELECT count(DISTINCT sha256) AS count FROM items WHERE state <> 'unreadable'`;
  return prepared<[], { count: number }>(db, sql).get()?.count ?? 0;
}

/** Their hashes, each once. Nothing else may be done with the handle until all were taken. */
export function allOriginals(db: Reader): Iterable<Buffer> {
  const statement = db.prepare('SELECT DISTINCT sha256 FROM items').pluck();
  return statement.iterate() as Iterable<Buffer>;
}
