/**
 * The keys of one session of writing. No I/O.
 *
 * A session key (32 random bytes) is sealed to K_record in the session's first entry. Every entry
 * has a key of its own, from a ratchet that only turns forwards: whoever takes the writing
 * process's memory cannot read what the session wrote before. The ratchet turns once per block of
 * 256 entries, so that a reader reaches entry n in n / 256 steps.
 *
 *   chain 0 = session key
 *   chain b+1 (32) ‖ key 0 (32) ‖ … ‖ key 255 (32) of block b
 *           = HKDF-SHA512(key: chain b, no salt, info: "custos/record/block/v1" ‖ b as 8 bytes)
 *
 * The entry at place i of its session (its `session.started` is place 0) uses key i mod 256 of
 * block floor(i / 256), once, for AES-256-GCM with the nonce 0x00000000 ‖ sequence number.
 *
 * Every entry carries SHA-256("custos/record/key/v1" ‖ key). AES-GCM alone does not bind a
 * ciphertext to one key: whoever wrote an entry could have made it so that two keys open it, to
 * two texts, and show an outsider the one or the other.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { hpkeOpen, hpkeSeal } from '#core/vault/hpke.ts';
import { TAG_BYTES, type EntryView } from './entry.ts';
import { sha256 } from './sha.ts';

const BLOCK_ENTRIES = 256;
const KEY_BYTES = 32;
const NO_SALT = Buffer.alloc(0);
/** Far beyond any session: a number that was tampered with must not send us on an endless walk. */
const MAX_PLACE = 2 ** 24;
const BLOCK_INFO = Buffer.from('custos/record/block/v1');
const COMMIT_PREFIX = Buffer.from('custos/record/key/v1');
const SEAL_INFO = Buffer.from('custos/record/session-key/v1');

export function newSessionKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** 80 bytes that only K_record opens, bound to this session of this workspace. */
export function sealSessionKey(
  key: Buffer,
  recordPublic: Buffer,
  workspaceId: string,
  session: Buffer,
): Buffer {
  return hpkeSeal(recordPublic, SEAL_INFO, sealAad(workspaceId, session), key);
}

/** Throws KEY_UNAVAILABLE where the sealed key is not for this session or was changed. */
export function openSessionKey(
  sealed: Buffer,
  recordPrivate: Buffer,
  workspaceId: string,
  session: Buffer,
): Buffer {
  return hpkeOpen(recordPrivate, SEAL_INFO, sealAad(workspaceId, session), sealed);
}

function sealAad(workspaceId: string, session: Buffer): Buffer {
  return Buffer.concat([sha256(Buffer.from(workspaceId)), session]);
}

/** 32 bytes that only this key gives. */
export function commitmentTo(key: Buffer): Buffer {
  return sha256(Buffer.concat([COMMIT_PREFIX, key]));
}

/** The key of one entry to be written. */
export interface WritingKey {
  /** 32 bytes, part of what `encrypt` takes as associated data. */
  readonly commitment: Buffer;
  /** AES-256-GCM: ciphertext ‖ tag. Once only: the key is zeroed. */
  encrypt(seq: number, aad: Buffer, plaintext: Buffer): Buffer;
}

/** The writer's half: gives each entry's key once, in order, and keeps nothing of the past. */
export interface WritingKeys {
  next(): WritingKey;
  wipe(): void;
}

/** Takes the session key over and zeroes it. `next` must be called for every entry in order. */
export function writingKeys(sessionKey: Buffer): WritingKeys {
  let chain = Buffer.from(sessionKey);
  let keys = Buffer.alloc(0);
  let place = 0;
  sessionKey.fill(0);

  /** SECURITY: what a block was made from is overwritten, so the past cannot be derived again. */
  function turn(): void {
    const next = blockOf(chain, place / BLOCK_ENTRIES);
    chain.fill(0);
    ({ chain, keys } = next);
  }

  return {
    next() {
      if (place % BLOCK_ENTRIES === 0) turn();
      const key = keyAt(keys, place % BLOCK_ENTRIES);
      place += 1;
      return {
        commitment: commitmentTo(key),
        encrypt(seq, aad, plaintext) {
          const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce(seq));
          cipher.setAAD(aad);
          const parts = [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
          key.fill(0);
          return Buffer.concat(parts);
        },
      };
    },
    wipe() {
      chain.fill(0);
      keys.fill(0);
    },
  };
}

/** The reader's half: any entry of the session, in any order. */
export interface ReadingKeys {
  /** Null where the entry does not open: it was changed, or is not of this session. */
  decrypt(entry: EntryView): Buffer | null;
  /** A copy of the key that opens this entry and no other; null as for `decrypt`. */
  keyOf(entry: EntryView): Buffer | null;
  wipe(): void;
}

/** `startSeq`: the sequence number of the session's first entry. */
export function readingKeys(sessionKey: Buffer, startSeq: number): ReadingKeys {
  const chains = [Buffer.from(sessionKey)];
  let block = -1;
  let keys = Buffer.alloc(0);
  const committed = Buffer.alloc(COMMIT_PREFIX.length + KEY_BYTES);
  COMMIT_PREFIX.copy(committed);

  function enter(wanted: number): void {
    for (let b = chains.length - 1; b <= wanted; b += 1) {
      const next = blockOf(chains[b] as Buffer, b);
      chains.push(next.chain);
      next.keys.fill(0);
    }
    keys.fill(0);
    ({ keys } = blockOf(chains[wanted] as Buffer, wanted));
    block = wanted;
  }

  /** Not a copy. Null where the entry says that it is under another key. */
  function find(entry: EntryView): Buffer | null {
    const place = entry.head.seq - startSeq;
    if (!Number.isInteger(place) || place < 0 || place > MAX_PLACE) return null;
    const wanted = Math.floor(place / BLOCK_ENTRIES);
    if (wanted !== block) enter(wanted);
    const key = keyAt(keys, place % BLOCK_ENTRIES);
    key.copy(committed, COMMIT_PREFIX.length);
    const digest = hash('sha256', committed, 'binary');
    return digest === entry.commitment.toString('latin1') ? key : null;
  }

  return {
    decrypt(entry) {
      const key = find(entry);
      return key && openEntry(entry, key);
    },
    keyOf(entry) {
      const key = find(entry);
      return key && Buffer.from(key);
    },
    wipe() {
      for (const chain of chains) chain.fill(0);
      keys.fill(0);
      committed.fill(0);
      block = -1;
    },
  };
}

/** Null where the tag does not fit: that is an answer here, and the caller says which entry. */
function openEntry(entry: EntryView, key: Buffer): Buffer | null {
  // A KeyObject, because Node looks at a bare Buffer for ten microseconds to see what it is.
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce(entry.head.seq), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(entry.aad);
  decipher.setAuthTag(entry.tag);
  const plaintext = decipher.update(entry.ciphertext);
  try {
    decipher.final();
    return plaintext;
  } catch {
    return null; // changed after it was written
  }
}

/** The next chain key and the 256 keys of block `b`. */
function blockOf(
  chain: Buffer,
  b: number,
): { chain: Buffer<ArrayBuffer>; keys: Buffer<ArrayBuffer> } {
  const info = Buffer.alloc(BLOCK_INFO.length + 8);
  BLOCK_INFO.copy(info);
  info.writeBigUInt64BE(BigInt(b), BLOCK_INFO.length);
  const bytes = (1 + BLOCK_ENTRIES) * KEY_BYTES;
  const made = Buffer.from(hkdfSync('sha512', chain, NO_SALT, info, bytes));
  return { chain: made.subarray(0, KEY_BYTES), keys: made.subarray(KEY_BYTES) };
}

function keyAt(keys: Buffer, place: number): Buffer {
  return keys.subarray(place * KEY_BYTES, (place + 1) * KEY_BYTES);
}

function nonce(seq: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(seq), 4);
  return bytes;
}
