/**
 * Damage that SQL never reads: every page of a database carries an HMAC, and here each is checked
 * by itself, free pages and unused tables included, without SQLite and without decrypting anything.
 *
 * Format: SQLCipher 4 (docs/formats.md). A page of 4096 bytes ends in 16 bytes of IV and 64 of
 * HMAC-SHA512 over ciphertext, IV and page number (little-endian); the key of the HMAC is
 * PBKDF2-HMAC-SHA512 with two rounds of the raw key over the salt XOR 0x3a; the salt takes the
 * place of the first 16 bytes of page 1.
 *
 * How a database that is open can be read beside SQLite at all: POSIX locks belong to the process,
 * and closing any descriptor of a file drops all of them. So the descriptor that pages are read
 * through stays open until SQLite has closed the database (`page-file.ts`). No second process and
 * no copy is needed, the key goes nowhere, and nothing is torn: SQLite writes and this reads on the
 * same thread, one after the other.
 */
import { createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';

export const PAGE_BYTES = 4096;
const SALT_BYTES = 16;
const MAC_BYTES = 64;
const MAC_SALT_MASK = 0x3a;
const MAC_KEY_ROUNDS = 2;
/** SQLite keeps its locks at byte 2^30 and never writes the page that holds it. */
const LOCK_PAGE = 0x40000000 / PAGE_BYTES + 1;
/** Pages read at a time: some 3 ms of work. */
const SLICE_PAGES = 256;
/** More numbers than these say nothing new. */
const MAX_NAMED = 100;

export interface PageCheck {
  readonly total: number;
  readonly checked: number;
  readonly bad: number;
  /** Numbers of bad pages, from 1; the first hundred. */
  readonly badPages: readonly number[];
  /** Checks some more pages; false once all are checked. The file may have grown in between. */
  step(): boolean;
}

/** `fd`: a descriptor for reading. `key`: the raw 32 bytes of the database. */
export function createPageCheck(fd: number, key: Buffer): PageCheck {
  const start = Buffer.alloc(SALT_BYTES);
  const macKey = readSync(fd, start, 0, SALT_BYTES, 0) === SALT_BYTES ? macKeyOf(start, key) : null;
  const slice = Buffer.allocUnsafe(SLICE_PAGES * PAGE_BYTES);
  const badPages: number[] = [];
  let checked = 0;
  let bad = 0;

  const judge = (page: Buffer): void => {
    checked += 1;
    if (checked === LOCK_PAGE || (macKey !== null && isGood(page, checked, macKey))) return;
    bad += 1;
    if (badPages.length < MAX_NAMED) badPages.push(checked);
  };

  return {
    get total() {
      return Math.ceil(fstatSync(fd).size / PAGE_BYTES);
    },
    get checked() {
      return checked;
    },
    get bad() {
      return bad;
    },
    badPages,
    step() {
      const read = readSync(fd, slice, 0, slice.length, checked * PAGE_BYTES);
      for (let at = 0; at < read; at += PAGE_BYTES) {
        judge(slice.subarray(at, Math.min(at + PAGE_BYTES, read)));
      }
      return read === slice.length;
    },
  };
}

/** `salt`: the first 16 bytes of the file. */
function macKeyOf(salt: Buffer, key: Buffer): Buffer {
  const masked = Buffer.from(salt.map((byte) => byte ^ MAC_SALT_MASK));
  return pbkdf2Sync(key, masked, MAC_KEY_ROUNDS, 32, 'sha512');
}

/** `page`: the whole page as it lies on disk; `number` from 1. */
function isGood(page: Buffer, number: number, macKey: Buffer): boolean {
  if (page.length !== PAGE_BYTES) return false;
  const end = PAGE_BYTES - MAC_BYTES;
  const suffix = Buffer.alloc(4);
  suffix.writeUInt32LE(number);
  const mac = createHmac('sha512', macKey)
    .update(page.subarray(number === 1 ? SALT_BYTES : 0, end))
    .update(suffix)
    .digest();
  return timingSafeEqual(mac, page.subarray(end));
}
