import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHUNK_BYTES,
  createOpener,
  createSealer,
  HEADER_BYTES,
  openBytes,
  plainLength,
  sealBytes,
  sealedEpoch,
  sealedLength,
} from '#core/vault/sealed-file.ts';

const key = randomBytes(32);
const CHUNK = CHUNK_BYTES + 16;
const damaged = expect.objectContaining({ code: 'BLOB_DAMAGED' });

function openOrCode(sealed: Buffer, with_ = key): string {
  try {
    openBytes(with_, sealed);
    return 'opened';
  } catch (error) {
    return (error as { code?: string }).code ?? 'other';
  }
}

describe('sealed files', () => {
  it.each([
    0,
    1,
    15,
    4096,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    2 * CHUNK_BYTES,
    700_001,
  ])('gives back %i bytes exactly', (length) => {
    const plain = randomBytes(length);
    const sealed = sealBytes(key, 1, plain);
    expect(openBytes(key, sealed).equals(plain)).toBe(true);
    expect(sealed.length).toBe(sealedLength(length));
    expect(plainLength(sealed.length)).toBe(length);
    expect(sealedEpoch(sealed)).toBe(1);
  });

  it('does not depend on how the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 4 }),
        fc.integer({ min: 1_000, max: 300_000 }),
        (parts, step) => {
          const pieces = parts.map((n) => randomBytes(n));
          const sealer = createSealer(key, 3);
          const sealed = Buffer.concat([
            sealer.header(),
            ...pieces.map((piece) => sealer.push(piece)),
            sealer.end(),
          ]);
          const opener = createOpener(key);
          const plain: Buffer[] = [];
          for (let at = 0; at < sealed.length; at += step) {
            plain.push(opener.push(sealed.subarray(at, at + step)));
          }
          plain.push(opener.end());
          expect(Buffer.concat(plain).equals(Buffer.concat(pieces))).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('copies what is pushed, so a caller may reuse its buffer', () => {
    const sealer = createSealer(key, 1);
    const buffer = Buffer.alloc(1000, 1);
    const first = sealer.push(buffer);
    buffer.fill(2);
    const sealed = Buffer.concat([sealer.header(), first, sealer.end()]);
    expect(openBytes(key, sealed).equals(Buffer.alloc(1000, 1))).toBe(true);
  });

  it('finds every flipped bit', () => {
    const sealed = sealBytes(key, 1, randomBytes(2 * CHUNK_BYTES + 77));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: sealed.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        (at, bit) => {
          const copy = Buffer.from(sealed);
          copy[at] = (copy[at] ?? 0) ^ (1 << bit);
          expect(openOrCode(copy)).toBe('BLOB_DAMAGED');
        },
      ),
      { numRuns: 60 },
    );
    for (let at = 0; at < HEADER_BYTES; at++) {
      const copy = Buffer.from(sealed);
      copy[at] = (copy[at] ?? 0) ^ 1;
      expect(openOrCode(copy)).toBe('BLOB_DAMAGED');
    }
    // The control: the same bytes untouched do open.
    expect(openOrCode(Buffer.from(sealed))).toBe('opened');
  });

  it('finds truncation anywhere, also at the edge of a chunk', () => {
    const sealed = sealBytes(key, 1, randomBytes(3 * CHUNK_BYTES));
    const edges = [0, 1, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 15, sealed.length - 1];
    const chunkEdges = [1, 2].map((n) => HEADER_BYTES + n * CHUNK);
    for (const length of [...edges, ...chunkEdges]) {
      expect(openOrCode(sealed.subarray(0, length))).toBe('BLOB_DAMAGED');
    }
  });

  it('finds swapped, doubled, dropped and borrowed chunks, and appended bytes', () => {
    const sealed = sealBytes(key, 1, randomBytes(4 * CHUNK_BYTES));
    const other = sealBytes(key, 1, randomBytes(4 * CHUNK_BYTES));
    const chunks = (of: Buffer): Buffer[] =>
      [0, 1, 2, 3].map((n) =>
        of.subarray(HEADER_BYTES + n * CHUNK, HEADER_BYTES + (n + 1) * CHUNK),
      );
    const header = sealed.subarray(0, HEADER_BYTES);
    const [a, b, c, d] = chunks(sealed) as [Buffer, Buffer, Buffer, Buffer];
    const [x] = chunks(other) as [Buffer];
    const rebuilt = (...parts: Buffer[]): string => openOrCode(Buffer.concat([header, ...parts]));
    expect(rebuilt(a, b, c, d)).toBe('opened');
    expect(rebuilt(b, a, c, d)).toBe('BLOB_DAMAGED');
    expect(rebuilt(a, a, b, c, d)).toBe('BLOB_DAMAGED');
    expect(rebuilt(a, c, d)).toBe('BLOB_DAMAGED');
    expect(rebuilt(a, b, c)).toBe('BLOB_DAMAGED');
    expect(rebuilt(x, b, c, d)).toBe('BLOB_DAMAGED');
    expect(rebuilt(a, b, c, d, Buffer.from([0]))).toBe('BLOB_DAMAGED');
    expect(rebuilt(a, b, c, d, d)).toBe('BLOB_DAMAGED');
  });

  it('refuses another key before the first chunk, by its commitment', () => {
    const sealed = sealBytes(key, 1, randomBytes(10));
    expect(() => createOpener(randomBytes(32)).push(sealed.subarray(0, HEADER_BYTES))).toThrow(
      damaged,
    );
  });

  it('seals the same bytes differently every time', () => {
    const plain = Buffer.alloc(64);
    expect(sealBytes(key, 1, plain).equals(sealBytes(key, 1, plain))).toBe(false);
  });

  it('refuses sizes that no sealed file has', () => {
    for (const size of [0, 95, 96, 111, HEADER_BYTES + CHUNK + 1, HEADER_BYTES + CHUNK + 16]) {
      expect(() => plainLength(size)).toThrow(damaged);
    }
  });
});
