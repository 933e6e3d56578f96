/** SHA-256 in the shape the record needs: millions of short inputs. */
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
