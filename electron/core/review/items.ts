/** One item in full: hashes, places, looks, decision. No picture. */
import type { Output, Parsed } from '#shared/contract/contract.ts';
import type { ItemDetail } from '#shared/contract/review.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { getDecision } from '#core/store/tables/decisions.ts';
import { looksOfItem } from '#core/store/tables/looks.ts';
import {
  findByHash,
  getItem,
  type ItemRow,
  listItemsAfter,
  placesOfItem,
} from '#core/store/tables/tiles.ts';

const PLACES = 200;
const LOOKS = 500;

/** Throws NOT_FOUND. */
export function itemDetail(session: Session, { itemId }: Parsed<'items.get'>): Output<'items.get'> {
  return detail(session, getItem(session.catalogue, itemId));
}

/** Items of a case in order of id, from the first one after `after`. Throws NOT_FOUND. */
export function itemsPage(
  session: Session,
  { caseId, after, limit, placesFrom = 0 }: Parsed<'items.page'>,
): Output<'items.page'> {
  getCase(session.catalogue, caseId);
  return listItemsAfter(session.catalogue, caseId, after, limit).map((row) =>
    detail(session, row, placesFrom),
  );
}

/** The item of a case with these bytes. Throws NOT_FOUND. */
export function findItem(
  session: Session,
  { caseId, sha256 }: Parsed<'items.find'>,
): Output<'items.find'> {
  getCase(session.catalogue, caseId);
  const found = findByHash(session.catalogue, caseId, Buffer.from(sha256, 'hex'));
  if (found === null) {
    throw new CustosError('NOT_FOUND', 'No item of this case has this SHA-256.');
  }
  return found;
}

function detail({ catalogue: db }: Session, row: ItemRow, placesFrom = 0): ItemDetail {
  const { decisionId, ...item } = row;
  return {
    ...item,
    sha256: row.sha256.toString('hex'),
    sha1: row.sha1.toString('hex'),
    md5: row.md5.toString('hex'),
    pdq: row.pdq?.toString('hex') ?? null,
    places: placesOfItem(db, row.itemId, PLACES, placesFrom),
    lookList: looksOfItem(db, row.itemId, LOOKS),
    decision: decisionId === null ? null : getDecision(db, decisionId),
  };
}
