import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPdqIndex } from '#core/media/pdq-index.ts';
import { ORIENTATIONS } from '#shared/domain/words.ts';
import { seededRandom } from './made-pictures.ts';

const bytes = (random: () => number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, () => Math.floor(random() * 256));

/** Bit by bit, as slow and plain as can be. */
function naiveDistance(a: Uint8Array, b: Uint8Array): number {
  let distance = 0;
  for (let bit = 0; bit < 256; bit++)
    if (((a[bit >> 3]! >> (bit & 7)) & 1) !== ((b[bit >> 3]! >> (bit & 7)) & 1)) distance++;
  return distance;
}

function naiveSearch(entries: [number, Uint8Array][], query: Uint8Array, most: number) {
  return entries
    .map(([id, hash]) => {
      const distances = ORIENTATIONS.map((_, turn) =>
        naiveDistance(hash, query.subarray(turn * 32, turn * 32 + 32)),
      );
      const distance = Math.min(...distances);
      return { id, distance, orientation: ORIENTATIONS[distances.indexOf(distance)]! };
    })
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || a.id - b.id);
}

/** Entries near one of the query's orientations, so that there is something to find. */
function scene(seed: number, count: number) {
  const random = seededRandom(seed);
  const query = bytes(random, 256);
  const entries = Array.from({ length: count }, (_, id): [number, Uint8Array] => {
    const turn = Math.floor(random() * 8);
    const hash = query.slice(turn * 32, turn * 32 + 32);
    for (let flips = Math.floor(random() * 60); flips > 0; flips--) {
      const bit = Math.floor(random() * 256);
      hash[bit >> 3]! ^= 1 << (bit & 7);
    }
    return [id + 1, hash];
  });
  return { query, entries };
}

describe('near-duplicate index', () => {
  it('finds exactly what a naive search finds', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 256 }),
        (seed, count, most) => {
          const { query, entries } = scene(seed, count);
          const index = createPdqIndex();
          for (const [id, hash] of entries) index.add(id, hash);
          expect(index.search(query, most)).toEqual(naiveSearch(entries, query, most));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps every entry while it grows', () => {
    const { query, entries } = scene(7, 5000);
    const index = createPdqIndex();
    for (const [id, hash] of entries) index.add(id, hash);
    expect(index.size).toBe(5000);
    expect(index.search(query, 31)).toEqual(naiveSearch(entries, query, 31));
  });

  it('reads hashes that lie inside a larger buffer', () => {
    const { query, entries } = scene(3, 1);
    const index = createPdqIndex();
    const offset = new Uint8Array(45);
    offset.set(entries[0]![1], 13);
    index.add(1, offset.subarray(13, 45));
    expect(index.search(query, 256)).toEqual(naiveSearch(entries, query, 256));
  });

  it('refuses a hash of the wrong length', () => {
    const index = createPdqIndex();
    expect(() => index.add(1, new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    expect(() => index.search(new Uint8Array(32), 31)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    expect(index.size).toBe(0);
  });
});
