/**
 * SHA-256 and HMAC-SHA-512 in the shape the record needs: millions of short inputs.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** Writes SHA-256(`input`) into `target` at `offset`; 32 bytes. */
export function sha256Into(target: Buffer, offset: number, input: Uint8Array): void {
  // Why a string of Latin-1 ("binary"): a 32-character string costs a quarter of a fresh Buffer, and a long record is
  // nothing but short hashes. Not for secrets: a string cannot be zeroed.
  target.write(hash('sha256', input, 'binary'), offset, HASH_BYTES, 'latin1');
}

export function sha256(input: Uint8Array): Buffer {
  return hash('sha256', input, 'buffer');
}

const BLOCK_BYTES = 128;
const DIGEST_BYTES = 64;
const inner = Buffer.alloc(BLOCK_BYTES + 256);
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/**
 * HMAC-SHA-512 (RFC 2104) of at most 256 bytes under a key of at most 128 bytes. Written out over
 * the one-shot hash because `createHmac` costs five times as much, and reading the record needs
 * one per entry; checked against `createHmac` in the tests.
 */
export function hmacSha512(key: Uint8Array, message: Uint8Array): Buffer {
  if (key.length > BLOCK_BYTES || message.length > 256) throw new RangeError('too long');
  inner.fill(0x36, 0, BLOCK_BYTES);
  outer.fill(0x5c, 0, BLOCK_BYTES);
  for (let i = 0; i < key.length; i += 1) {
    inner[i] = (inner[i] as number) ^ (key[i] as number);
    outer[i] = (outer[i] as number) ^ (key[i] as number);
  }
  inner.set(message, BLOCK_BYTES);
  const middle = hash('sha512', inner.subarray(0, BLOCK_BYTES + message.length), 'buffer');
  outer.set(middle, BLOCK_BYTES);
  const digest = hash('sha512', outer, 'buffer');
  // SECURITY: nothing derived from the key stays behind in the working space.
  inner.fill(0);
  outer.fill(0);
  middle.fill(0);
  return digest;
}
