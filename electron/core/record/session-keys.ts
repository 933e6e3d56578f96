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
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
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

/** The writer's half: gives each entry's key once, in order, and keeps nothing of the past. */
export interface WritingKeys {
  /** AES-256-GCM under the next key: ciphertext ‖ tag. */
  encrypt(seq: number, aad: Buffer, plaintext: Buffer): Buffer;
  wipe(): void;
}

/** Takes the session key over and zeroes it. `encrypt` must be called for every entry in order. */
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
    encrypt(seq, aad, plaintext) {
      if (place % BLOCK_ENTRIES === 0) turn();
      const key = keyAt(keys, place % BLOCK_ENTRIES);
      const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce(seq));
      cipher.setAAD(aad);
      const body = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      key.fill(0);
      place += 1;
      return body;
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
  wipe(): void;
}

/** `startSeq`: the sequence number of the session's first entry. */
export function readingKeys(sessionKey: Buffer, startSeq: number): ReadingKeys {
  const chains = [Buffer.from(sessionKey)];
  let block = -1;
  let keys = Buffer.alloc(0);

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

  return {
    decrypt(entry) {
      const place = entry.head.seq - startSeq;
      if (!Number.isInteger(place) || place < 0 || place > MAX_PLACE) return null;
      const wanted = Math.floor(place / BLOCK_ENTRIES);
      if (wanted !== block) enter(wanted);
      // A KeyObject, because Node looks at a bare Buffer for ten microseconds to see what it is.
      const key = createSecretKey(keyAt(keys, place % BLOCK_ENTRIES));
      const decipher = createDecipheriv('aes-256-gcm', key, nonce(entry.head.seq), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(entry.aad);
      decipher.setAuthTag(entry.tag);
      const plaintext = decipher.update(entry.ciphertext);
      try {
        decipher.final();
        return plaintext;
      } catch {
        // A tag that does not fit is an answer here, not a failure: the caller says which entry.
        return null;
      }
    },
    wipe() {
      for (const chain of chains) chain.fill(0);
      keys.fill(0);
      block = -1;
    },
  };
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
