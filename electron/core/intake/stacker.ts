/**
 * Near-duplicates find their stack. A new item joins the stack of its nearest neighbour within
 * PDQ_MATCH_DISTANCE in any of eight orientations; untouched stacks that it ties together become
 * one, so that the result depends little on the order of the files. A stack that somebody has
 * already worked on is never merged, and a new member of a decided stack stays undecided until a
 * reviewer confirms it: nothing near is ever decided silently.
 */
import { ORIENTATIONS, PDQ_MATCH_DISTANCE, PDQ_MIN_QUALITY } from '#shared/domain/words.ts';
import { createPdqIndex, type PdqIndex, type PdqNeighbour } from '#core/media/pdq-index.ts';
import {
  listFounders,
  listHashed,
  newestItem,
  setItemStack,
  stacksOfItems,
} from '#core/store/tables/items.ts';
import {
  getStack,
  growStack,
  insertStack,
  isUntouched,
  mergeStack,
  offerRepresentative,
} from '#core/store/tables/stacks.ts';
import type { Reader, Writer } from '#core/store/types.ts';

/**
 * How far a member may be from the founders of its stack, those who joined by no link. Chains of
 * near pairs can drift; peers' users report giant groups that bury the true pairs. Twice the match
 * distance is the furthest a neighbour of a neighbour can be. Founders never change with a stack's
 * growth, as its representative does, so a chain cannot carry the limit along with it.
 */
const MAX_FROM_FOUNDER = 2 * PDQ_MATCH_DISTANCE;
/** Rows read at once: a case of a million is not held twice. */
const PAGE = 10_000;

export interface HashedPicture {
  /** 8 × 32 bytes in the order of ORIENTATIONS, or null where the picture is not hashable. */
  pdq: Uint8Array | null;
  pdqQuality: number;
}

export interface Stacker {
  /**
   * Reads hashes that came into the case since the last look, by whatever import. First thing in
   * each transaction that places.
   */
  catchUp(db: Reader): void;
  /** Puts a freshly inserted readable item into a stack, inside the same transaction. */
  place(tx: Writer, item: { id: number; picture: HashedPicture; createdAt: string }): void;
}

/** Memory is 40 bytes per item. */
export function createStacker(caseId: number): Stacker {
  const index = createPdqIndex();
  let newest = 0;

  return {
    catchUp(db) {
      for (;;) {
        const rows = listHashed(db, caseId, PDQ_MIN_QUALITY, { after: newest, limit: PAGE });
        for (const row of rows) index.add(row.id, row.pdq);
        newest = rows.at(-1)?.id ?? newest;
        if (rows.length < PAGE) break;
      }
      newest = newestItem(db, caseId);
    },
    place(tx, item) {
      const { pdq, pdqQuality } = item.picture;
      const eight = pdqQuality >= PDQ_MIN_QUALITY ? pdq : null;
      const near = eight ? neighbours(tx, index, eight) : [];
      if (eight) index.add(item.id, eight.subarray(0, 32));
      newest = item.id;
      const home = eight && near.find(({ stackId }) => fits(tx, eight, stackId));
      if (!home) {
        const row = { caseId, representativeId: item.id, createdAt: item.createdAt };
        setItemStack(tx, item.id, insertStack(tx, row), null);
        return;
      }
      const { stackId, hit } = home;
      growStack(tx, stackId);
      const { distance, orientation } = hit;
      setItemStack(tx, item.id, stackId, { toItemId: hit.id, distance, orientation });
      offerRepresentative(tx, stackId, item.id);
      const others = near.map((other) => other.stackId).filter((other) => other !== stackId);
      joinUntouched(tx, eight, stackId, others);
    },
  };
}

interface Near {
  stackId: number;
  /** The stack's member that is nearest. */
  hit: PdqNeighbour;
}

/** Stacks with a member near enough, each once, nearest first. */
function neighbours(db: Reader, index: PdqIndex, eight: Uint8Array): Near[] {
  const hits = index.search(eight, PDQ_MATCH_DISTANCE);
  if (hits.length === 0) return [];
  const stackOf = stacksOfItems(
    db,
    hits.map((hit) => hit.id),
  );
  const nearest = new Map<number, Near>();
  for (const hit of hits) {
    const stackId = stackOf.get(hit.id);
    if (stackId !== undefined && !nearest.has(stackId)) nearest.set(stackId, { stackId, hit });
  }
  return [...nearest.values()];
}

function fits(db: Reader, eight: Uint8Array, stackId: number): boolean {
  return listFounders(db, stackId).every(
    (founder) => founder !== null && smallestDistance(eight, founder) <= MAX_FROM_FOUNDER,
  );
}

function joinUntouched(tx: Writer, eight: Uint8Array, stackId: number, others: number[]): void {
  if (others.length === 0 || !isUntouched(tx, stackId)) return;
  for (const other of others) {
    if (!isUntouched(tx, other) || !belongTogether(tx, eight, stackId, other)) continue;
    const { representativeId } = getStack(tx, other);
    mergeStack(tx, other, stackId);
    offerRepresentative(tx, stackId, representativeId);
  }
}

/** Whether every founder of one stack is near enough to every founder of the other. */
function belongTogether(db: Reader, eight: Uint8Array, one: number, other: number): boolean {
  const theirs = listFounders(db, other);
  return listFounders(db, one).every((mine) =>
    theirs.every((their) => mine !== null && their !== null && areClose(eight, mine, their)),
  );
}

/**
 * The catalogue holds each item's hash as stored only, so two that were turned against each other
 * look far apart. The way over the item that ties them is never shorter than the true distance.
 */
function areClose(eight: Uint8Array, one: Uint8Array, other: Uint8Array): boolean {
  const over = smallestDistance(eight, one) + smallestDistance(eight, other);
  return Math.min(over, smallestDistance(one, other)) <= MAX_FROM_FOUNDER;
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
