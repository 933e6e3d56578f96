/**
 * Originals found damaged, or good again: a state of the items that hold those bytes, on the record
 * like every change. Whoever reads an original and meets damage says so here.
 */
import {
  clearDamage,
  countDamagedWith,
  itemsWithBytes,
  markDamaged,
} from '#core/store/tables/damage.ts';
import type { EntryInput } from '#core/record/types.ts';
import type { Session } from './types.ts';

/**
 * Marks every item with these bytes. Returns how many items were not marked before; 0 as well where
 * the workspace is read-only and nothing can be marked. Errors: those of `Session.act`.
 */
export function noteDamaged(session: Session, at: string, sha256: Buffer, reason: string): number {
  const items = itemsWithBytes(session.catalogue, sha256);
  const fresh = items.length - countDamagedWith(session.catalogue, sha256);
  if (session.readOnly !== null || fresh === 0) return 0;
  session.actMany(entries('item.damaged', items, sha256, { reason }), (tx) => {
    markDamaged(tx, sha256, at, reason);
  });
  return fresh;
}

/** Good bytes are in their place. Returns how many items were marked until now. */
export function noteMended(session: Session, sha256: Buffer): number {
  if (session.readOnly !== null || countDamagedWith(session.catalogue, sha256) === 0) return 0;
  const items = itemsWithBytes(session.catalogue, sha256);
  return session.actMany(entries('item.mended', items, sha256, {}), (tx) =>
    clearDamage(tx, sha256),
  );
}

function entries(
  type: 'item.damaged' | 'item.mended',
  items: readonly { itemId: number; caseId: number }[],
  sha256: Buffer,
  more: Record<string, unknown>,
): EntryInput[] {
  const hash = sha256.toString('hex');
  return items.map(({ itemId, caseId }) => ({
    type,
    detail: { caseId, itemId, sha256: hash, ...more },
  }));
}
