/**
 * Near-duplicates find their stack. A new item joins the stack of its nearest neighbour within
 * PDQ_MATCH_DISTANCE in any of eight orientations; untouched stacks that it ties together become
 * one, so that the result does not depend on the order of the files. A stack that somebody has
 * already worked on is never merged, and a new member of a decided stack stays undecided until a
 * reviewer confirms it: nothing near is ever decided silently.
 */
import { ORIENTATIONS, PDQ_MATCH_DISTANCE, PDQ_MIN_QUALITY } from '#shared/domain/words.ts';
import { createPdqIndex } from '#core/media/pdq-index.ts';
import { getItemPdq, listHashed, setItemStack } from '#core/store/tables/items.ts';
import {
  chooseRepresentative,
  getStack,
  growStack,
  insertStack,
  isUntouched,
  mergeStack,
  stackOfItem,
} from '#core/store/tables/stacks.ts';
import type { Reader, Writer } from '#core/store/types.ts';

/**
 * How far a member may be from its stack's representative. Chains of near pairs can drift; peers'
 * users report giant groups that bury the true pairs. Twice the match distance is the furthest a
 * neighbour of a neighbour can be.
 */
const MAX_FROM_REPRESENTATIVE = 2 * PDQ_MATCH_DISTANCE;

export interface HashedPicture {
  /** 8 × 32 bytes in the order of ORIENTATIONS, or null where the picture is not hashable. */
  pdq: Uint8Array | null;
  pdqQuality: number;
}

export interface Stacker {
  /** Puts a freshly inserted readable item into a stack, inside the same transaction. */
  place(
    tx: Writer,
    item: { id: number; caseId: number; picture: HashedPicture; createdAt: string },
  ): void;
}

/** Reads the case's hashes once; memory is 36 bytes per item. */
export function createStacker(catalogue: Reader, caseId: number): Stacker {
  const index = createPdqIndex();
  for (const row of listHashed(catalogue, caseId, PDQ_MIN_QUALITY)) index.add(row.id, row.pdq);

  return {
    place(tx, item) {
      const { pdq, pdqQuality } = item.picture;
      const hashable = pdq !== null && pdqQuality >= PDQ_MIN_QUALITY;
      const near = hashable ? index.search(pdq, PDQ_MATCH_DISTANCE) : [];
      if (hashable) index.add(item.id, pdq.subarray(0, 32));

      const best = near.find((hit) => fits(tx, pdq!, stackOfItem(tx, hit.id).representativeId));
      if (!best) {
        const row = { caseId: item.caseId, representativeId: item.id, createdAt: item.createdAt };
        setItemStack(tx, item.id, insertStack(tx, row), null);
        return;
      }
      const stackId = stackOfItem(tx, best.id).id;
      growStack(tx, stackId);
      setItemStack(tx, item.id, stackId, {
        toItemId: best.id,
        distance: best.distance,
        orientation: best.orientation,
      });
      const neighbours = new Set(near.map((hit) => stackOfItem(tx, hit.id).id));
      neighbours.delete(stackId);
      joinUntouched(tx, stackId, [...neighbours]);
      chooseRepresentative(tx, stackId);
    },
  };
}

/** Whether a picture is near enough to a stack's representative, in any orientation. */
function fits(db: Reader, eight: Uint8Array, representativeId: number): boolean {
  const other = getItemPdq(db, representativeId);
  return other !== null && smallestDistance(eight, other) <= MAX_FROM_REPRESENTATIVE;
}

function joinUntouched(tx: Writer, stackId: number, others: number[]): void {
  for (const other of others) {
    if (!isUntouched(tx, stackId)) return;
    if (!isUntouched(tx, other)) continue;
    const mine = getItemPdq(tx, getStack(tx, stackId).representativeId);
    const theirs = getItemPdq(tx, getStack(tx, other).representativeId);
    // Both pairs hold within the match distance of the item that ties them; the two
    // representatives themselves are compared as stored, which errs towards leaving stacks apart.
    if (mine && theirs && smallestDistance(mine, theirs) <= MAX_FROM_REPRESENTATIVE)
      mergeStack(tx, other, stackId);
  }
}

/** Hamming distance in bits of 256 between `other` and the nearest 32-byte hash in `hashes`. */
function smallestDistance(hashes: Uint8Array, other: Uint8Array): number {
  let smallest = 256;
  const count = Math.min(ORIENTATIONS.length, hashes.length / 32);
  for (let variant = 0; variant < count; variant++) {
    let distance = 0;
    for (let byte = 0; byte < 32; byte++)
      distance += BITS[hashes[variant * 32 + byte]! ^ other[byte]!]!;
    if (distance < smallest) smallest = distance;
  }
  return smallest;
}

const BITS = Uint8Array.from({ length: 256 }, (_, value) => {
  let bits = 0;
  for (let rest = value; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
});
