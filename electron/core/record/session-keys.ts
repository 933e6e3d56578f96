/**
 * The keys of one session of writing. No I/O.
 *
 * A session key (32 random bytes) is sealed to K_record in the session's first entry. Every entry
 * has a key of its own, made by a ratchet that only turns forwards: whoever takes the writing
 * process's memory cannot read what the session wrote before. The ratchet turns in blocks of 256,
 * so that a reader reaches entry n in n / 256 + 256 steps.
 *
 *   step(state, label, number) = HMAC-SHA-512(state, label ‖ number as 8 bytes ‖ 0x01)
 *                                which is HKDF-Expand (RFC 5869) of 64 bytes with SHA-512
 *   chain 0             = session key
 *   chain b+1 ‖ first b = step(chain b, "custos/record/block/v1", b)
 *   state 0 of block b  = first b
 *   state j+1 ‖ key j   = step(state j, "custos/record/entry/v1", sequence number)
 *
 * The entry at place i of its session (its `session.started` is place 0) uses key j = i mod 256 of
 * block b = floor(i / 256), once, with the nonce 0x00000000 ‖ sequence number.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { hpkeOpen, hpkeSeal } from '#core/vault/hpke.ts';
import { TAG_BYTES, type EntryView } from './entry.ts';
import { hmacSha512, sha256 } from './sha.ts';

export const BLOCK_ENTRIES = 256;
const KEY_BYTES = 32;
const MAX_PLACE = 2 ** 24;
const BLOCK_LABEL = Buffer.from('custos/record/block/v1');
const ENTRY_LABEL = Buffer.from('custos/record/entry/v1');
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
  let chain: Buffer = Buffer.from(sessionKey);
  let state: Buffer = Buffer.alloc(KEY_BYTES);
  let place = 0;
  sessionKey.fill(0);

  /** SECURITY: what a step was made from is overwritten, so the past cannot be derived again. */
  function turn(from: Buffer, label: Buffer, number: number): [next: Buffer, out: Buffer] {
    const stepped = step(from, label, number);
    from.fill(0);
    return [stepped.subarray(0, KEY_BYTES), stepped.subarray(KEY_BYTES)];
  }

  return {
    encrypt(seq, aad, plaintext) {
      if (place % BLOCK_ENTRIES === 0) {
        state.fill(0);
        [chain, state] = turn(chain, BLOCK_LABEL, place / BLOCK_ENTRIES);
      }
      let key: Buffer;
      [state, key] = turn(state, ENTRY_LABEL, seq);
      place += 1;
      const cipher = createCipheriv('aes-256-gcm', key, nonce(seq));
      cipher.setAAD(aad);
      const body = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      key.fill(0);
      return body;
    },
    wipe() {
      chain.fill(0);
      state.fill(0);
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
  const chains: Buffer[] = [Buffer.from(sessionKey)];
  let block = -1;
  let keys: Buffer[] = [];
  let state: Buffer = Buffer.alloc(KEY_BYTES);

  function enter(wanted: number): void {
    for (let b = chains.length - 1; b <= wanted; b += 1) {
      chains.push(step(chains[b] as Buffer, BLOCK_LABEL, b).subarray(0, KEY_BYTES));
    }
    forget();
    state = step(chains[wanted] as Buffer, BLOCK_LABEL, wanted).subarray(KEY_BYTES);
    block = wanted;
  }

  function forget(): void {
    for (const key of keys) key.fill(0);
    state.fill(0);
    keys = [];
    block = -1;
  }

  function keyOf(place: number): Buffer {
    const wanted = Math.floor(place / BLOCK_ENTRIES);
    if (wanted !== block) enter(wanted);
    while (keys.length <= place % BLOCK_ENTRIES) {
      const seq = startSeq + wanted * BLOCK_ENTRIES + keys.length;
      const stepped = step(state, ENTRY_LABEL, seq);
      state = stepped.subarray(0, KEY_BYTES);
      keys.push(stepped.subarray(KEY_BYTES));
    }
    return keys[place % BLOCK_ENTRIES] as Buffer;
  }

  return {
    decrypt(entry) {
      const place = entry.head.seq - startSeq;
      // A number that was tampered with must not send us on an endless walk.
      if (!Number.isInteger(place) || place < 0 || place > MAX_PLACE) return null;
      const key = keyOf(place);
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
      forget();
      for (const chain of chains) chain.fill(0);
    },
  };
}

function step(state: Buffer, label: Buffer, number: number): Buffer {
  const message = Buffer.alloc(label.length + 9);
  label.copy(message);
  message.writeBigUInt64BE(BigInt(number), label.length);
  message[label.length + 8] = 1;
  return hmacSha512(state, message);
}

function nonce(seq: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(seq), 4);
  return bytes;
}
