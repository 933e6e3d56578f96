/** Items as the screens read them: covered tiles, members of a stack, one item in full. */
import type { Basis, ItemState, Orientation } from '#shared/domain/words.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { prepared } from '../sql.ts';
import type { Reader } from '../types.ts';

export interface TileRow {
  itemId: number;
  stackId: number | null;
  state: ItemState;
  category: string | null;
  basis: Basis | null;
  /** Members of its stack; 1 for an item without one. */
  stackItems: number;
  occurrences: number;
  sources: number;
  looks: number;
  width: number | null;
  height: number | null;
  mime: string;
}

export const TILE_COLUMNS = `i.id AS itemId, i.stack_id AS stackId, i.state, i.category, i.basis,
  coalesce(s.items, 1) AS stackItems, i.occurrences, i.sources, i.looks, i.width, i.height, i.mime`;

export interface MemberRow extends TileRow {
  /** Display path of the first place it was found. */
  path: string | null;
  bytes: number;
  linkTo: number | null;
  linkDistance: number | null;
  linkOrientation: Orientation | null;
}

/** Members of a stack, representative first, then oldest first. */
export function listMembers(
  db: Reader,
  stack: { id: number; representativeId: number },
  limit: number,
): MemberRow[] {
  return prepared<[{ id: number; representativeId: number; limit: number }], MemberRow>(
    db,
    `SELECT ${TILE_COLUMNS}, i.bytes, i.link_to AS linkTo, i.link_distance AS linkDistance,
       i.link_orientation AS linkOrientation,
       (SELECT o.path_display FROM occurrences o WHERE o.item_id = i.id ORDER BY o.id LIMIT 1)
         AS path
     FROM items i LEFT JOIN stacks s ON s.id = i.stack_id WHERE i.stack_id = @id
     ORDER BY i.id <> @representativeId, i.id LIMIT @limit`,
  ).all({ ...stack, limit });
}

export interface ItemRow extends TileRow {
  caseId: number;
  sha256: Buffer;
  sha1: Buffer;
  md5: Buffer;
  bytes: number;
  frames: number | null;
  pdq: Buffer | null;
  pdqQuality: number | null;
  unreadableReason: string | null;
  importedAt: string;
  decisionId: number | null;
}

const ITEM = `SELECT ${TILE_COLUMNS}, i.case_id AS caseId, i.sha256, i.sha1, i.md5, i.bytes,
    i.frames, i.pdq, i.pdq_quality AS pdqQuality, i.unreadable_reason AS unreadableReason,
    i.created_at AS importedAt, i.decision_id AS decisionId
  FROM items i LEFT JOIN stacks s ON s.id = i.stack_id`;

export function getItem(db: Reader, id: number): ItemRow {
  const row = prepared<[number], ItemRow>(db, `${ITEM} WHERE i.id = ?`).get(id);
  if (!row) throw new CustosError('NOT_FOUND', 'There is no such item in this workspace.');
  return row;
}

/** Items with a higher id than `after`, in order of id. */
export function listItemsAfter(
  db: Reader,
  caseId: number,
  after: number,
  limit: number,
): ItemRow[] {
  return prepared<[number, number, number], ItemRow>(
    db,
    `${ITEM} WHERE i.case_id = ? AND i.id > ? ORDER BY i.id LIMIT ?`,
  ).all(caseId, after, limit);
}

export interface PlaceRow {
  path: string;
  source: string;
  exhibit: string;
  importId: number;
  seenAt: string;
  modifiedAt: string | null;
}

/** Where an item was found, oldest first. */
export function placesOfItem(
  db: Reader,
  itemId: number,
  limit: number,
  offset: number,
): PlaceRow[] {
  return prepared<[number, number, number], PlaceRow>(
    db,
    `SELECT path_display AS path, source, exhibit, import_id AS importId, seen_at AS seenAt,
       modified_at AS modifiedAt FROM occurrences WHERE item_id = ? ORDER BY id LIMIT ? OFFSET ?`,
  ).all(itemId, limit, offset);
}

export function findByHash(
  db: Reader,
  caseId: number,
  sha256: Buffer,
): { itemId: number; stackId: number | null } | null {
  const sql = `SELECT id AS itemId, stack_id AS stackId FROM items
    WHERE case_id = ? AND sha256 = ?`;
  return (
    prepared<[number, Buffer], { itemId: number; stackId: number | null }>(db, sql).get(
      caseId,
      sha256,
    ) ?? null
  );
}
