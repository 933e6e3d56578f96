/**
 * SQLCipher 4's page format, written from its public description and without SQLite, so that what
 * is on disk is checked by something other than the library that wrote it: 4096-byte pages,
 * AES-256-CBC, then 16 bytes of IV and 64 of HMAC-SHA512 over ciphertext, IV and page number; the
 * HMAC key is PBKDF2-HMAC-SHA512 with two rounds over the salt XOR 0x3a; the salt takes the place
 * of the first 16 bytes of page 1.
 */
import { createDecipheriv, createHmac, pbkdf2Sync } from 'node:crypto';

export const PAGE_BYTES = 4096;
const SALT_BYTES = 16;
const IV_BYTES = 16;
const MAC_BYTES = 64;

/** Plaintext of page `page` (from 1) under a raw 32-byte key, or null where its HMAC is wrong. */
export function readPage(file: Buffer, page: number, key: Buffer): Buffer | null {
  const salt = file.subarray(0, SALT_BYTES);
  const macKey = pbkdf2Sync(key, Buffer.from(salt.map((byte) => byte ^ 0x3a)), 2, 32, 'sha512');
  const start = (page - 1) * PAGE_BYTES + (page === 1 ? SALT_BYTES : 0);
  const end = page * PAGE_BYTES;
  const body = file.subarray(start, end - MAC_BYTES);
  const number = Buffer.alloc(4);
  number.writeUInt32LE(page);
  const mac = createHmac('sha512', macKey).update(body).update(number).digest();
  if (!mac.equals(file.subarray(end - MAC_BYTES, end))) return null;
  const cut = body.length - IV_BYTES;
  const decipher = createDecipheriv('aes-256-cbc', key, body.subarray(cut)).setAutoPadding(false);
  return Buffer.concat([decipher.update(body.subarray(0, cut)), decipher.final()]);
}
