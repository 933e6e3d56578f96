/**
 * Near-duplicates by PDQ distance, in memory and exact: a linear scan that stops at the first words
 * too far apart. About 12 ms per million hashes and orientation, so no cleverer index is needed at
 * the size of a case.
 */
import { CustosError } from '#shared/domain/errors.ts';
import { ORIENTATIONS, type Orientation } from '#shared/domain/words.ts';
import { PDQ_BYTES } from './pdq.ts';

export interface PdqNeighbour {
  id: number;
  /** Bits of 256 that differ. */
  distance: number;
  /** How the query had to be turned to come this close. */
  orientation: Orientation;
}

export interface PdqIndex {
  readonly size: number;
  /**
   * @param id a safe integer; the same id may be added with several hashes.
   * @param hash 32 bytes, as stored in the catalogue. Other lengths throw INTERNAL: one short hash
   *   would shift every later one.
   */
  add(id: number, hash: Uint8Array): void;
  /**
   * Everything within `maxDistance` of any of the query's eight orientations, each id once with its
   * least distance (the earlier of ORIENTATIONS on a tie), nearest first, then by id.
   *
   * @param hashes 8 × 32 bytes in the order of ORIENTATIONS.
   */
  search(hashes: Uint8Array, maxDistance: number): PdqNeighbour[];
}

export function createPdqIndex(): PdqIndex {
  return new LinearIndex();
}

const WORDS = PDQ_BYTES / 4;
const FIRST_CAPACITY = 1024;

class LinearIndex implements PdqIndex {
  #words = new Uint32Array(FIRST_CAPACITY * WORDS);
  #ids = new Float64Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(id: number, hash: Uint8Array): void {
    const words = wordsOf(hash, 1);
    if (this.#size === this.#ids.length) this.#grow();
    this.#words.set(words, this.#size * WORDS);
    this.#ids[this.#size] = id;
    this.#size++;
  }

  search(hashes: Uint8Array, maxDistance: number): PdqNeighbour[] {
    const queries = wordsOf(hashes, ORIENTATIONS.length);
    const found = new Map<number, PdqNeighbour>();
    ORIENTATIONS.forEach((orientation, turn) => {
      const query = queries.subarray(turn * WORDS, (turn + 1) * WORDS);
      this.#scan(query, maxDistance, (id, distance) => {
        const before = found.get(id);
        if (!before || distance < before.distance) found.set(id, { id, distance, orientation });
      });
    });
    return [...found.values()].sort((a, b) => a.distance - b.distance || a.id - b.id);
  }

  #scan(
    query: Uint32Array,
    maxDistance: number,
    hit: (id: number, distance: number) => void,
  ): void {
    const words = this.#words;
    const first = query[0]!;
    const second = query[1]!;
    for (let entry = 0, at = 0; entry < this.#size; entry++, at += WORDS) {
      // Two words of eight tell most strangers apart: 32 bits of 64 differ on average.
      let distance = bitsIn(words[at]! ^ first) + bitsIn(words[at + 1]! ^ second);
      for (let word = 2; word < WORDS && distance <= maxDistance; word++)
        distance += bitsIn(words[at + word]! ^ query[word]!);
      if (distance <= maxDistance) hit(this.#ids[entry]!, distance);
    }
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const ids = new Float64Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}

/** Bits that are set, of 32 (Warren, "Hacker's Delight", figure 5-2). */
function bitsIn(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function wordsOf(bytes: Uint8Array, hashes: number): Uint32Array {
  if (bytes.length !== hashes * PDQ_BYTES)
    throw new CustosError(
      'INTERNAL',
      `A perceptual hash of ${bytes.length} bytes was offered where ${hashes * PDQ_BYTES} are needed.`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: hashes * WORDS }, (_, i) => view.getUint32(i * 4));
}
