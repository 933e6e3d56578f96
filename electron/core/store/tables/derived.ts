/** Table `renditions` of the derived store: pictures made from originals, kept to save work. */
import { expectChanges, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface RenditionRow {
  /** SHA-256 of the original, 32 bytes. */
  itemSha256: Buffer;
  /** What was made, for instance "thumbnail". */
  kind: string;
  mime: string;
  /** Pixels. */
  width: number;
  height: number;
  bytes: Buffer;
}

/** Keeps a rendition in place of an older one of the same item and kind. */
export function putRendition(db: Writer, row: RenditionRow): void {
  const result = prepared<[RenditionRow]>(
    db,
    `INSERT INTO renditions (item_sha256, kind, mime, width, height, bytes)
     VALUES (@itemSha256, @kind, @mime, @width, @height, @bytes)
     ON CONFLICT (item_sha256, kind) DO UPDATE SET mime = excluded.mime, width = excluded.width,
       height = excluded.height, bytes = excluded.bytes`,
  ).run(row);
  expectChanges(result, 1, 'the renditions');
}

/** Null where none is kept: it can be made again from the original. */
export function getRendition(db: Reader, itemSha256: Buffer, kind: string): RenditionRow | null {
  const sql = `SELECT item_sha256 AS itemSha256, kind, mime, width, height, bytes
    FROM renditions WHERE item_sha256 = ? AND kind = ?`;
  return prepared<[Buffer, string], RenditionRow>(db, sql).get(itemSha256, kind) ?? null;
}

/** Returns whether there was one. */
export function deleteRendition(db: Writer, itemSha256: Buffer, kind: string): boolean {
  const sql = 'DELETE FROM renditions WHERE item_sha256 = ? AND kind = ?';
  return prepared<[Buffer, string]>(db, sql).run(itemSha256, kind).changes === 1;
}

/** Originals that a rendition of `kind` is kept of, in order of their hash, after `after`. */
export function renditionsAfter(
  db: Reader,
  kind: string,
  after: Buffer,
  limit: number,
): { itemSha256: Buffer; bytes: number }[] {
  return prepared<[string, Buffer, number], { itemSha256: Buffer; bytes: number }>(
    db,
    `SELECT item_sha256 AS itemSha256, length(bytes) AS bytes FROM renditions
     WHERE kind = ? AND item_sha256 > ? ORDER BY item_sha256 LIMIT ?`,
  ).all(kind, after, limit);
}
