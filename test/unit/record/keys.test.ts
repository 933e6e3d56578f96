import { createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHead, finishEntry, viewEntry, type EntryHead } from '#core/record/entry.ts';
import {
  newSessionKey,
  openSessionKey,
  readingKeys,
  sealSessionKey,
  writingKeys,
} from '#core/record/session-keys.ts';
import { sha256, sha256Into } from '#core/record/sha.ts';
import { generateRawKeyPair } from '#core/vault/curve-keys.ts';

const SESSION = randomBytes(16);
const headOf = (seq: number): EntryHead => ({
  code: 40,
  session: SESSION,
  seq,
  ref: null,
  wall: 1_790_000_000_000,
  mono: 12.5,
  prevHash: Buffer.alloc(32, 9),
});

/** A session of `count` entries that starts at number `start`; each says its own number. */
function sessionOf(start: number, count: number, key = newSessionKey()) {
  const kept = Buffer.from(key);
  const writer = writingKeys(key);
  const entries = Array.from({ length: count }, (_, i) => {
    const plaintext = Buffer.from(`entry ${start + i}`);
    const next = writer.next();
    const head = encodeHead(headOf(start + i), next.commitment, Buffer.alloc(0), plaintext.length);
    return finishEntry(head, next.encrypt(start + i, head, plaintext));
  });
  return { key: kept, given: key, entries };
}
const view = (entry: Buffer) => viewEntry(entry, 0, entry.length);

describe('hashes', () => {
  it('are the ones that node makes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 256 }), (message) => {
        const digest = createHash('sha256').update(message).digest();
        expect(sha256(message)).toEqual(digest);
        const target = Buffer.alloc(40);
        sha256Into(target, 4, message);
        expect(target.subarray(4, 36)).toEqual(digest);
      }),
      { numRuns: 100 },
    );
  });
});

describe('an entry', () => {
  it('reads as it was written', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.option(fc.maxSafeNat()),
        fc.nat({ max: 2 ** 45 }),
        fc.uint8Array({ maxLength: 300 }),
        (seq, ref, wall, plain) => {
          const head = { ...headOf(seq), ref, wall };
          const bytes = encodeHead(head, Buffer.alloc(32, 5), Buffer.alloc(0), plain.length);
          const body = Buffer.concat([plain, Buffer.alloc(16, 1)]);
          const entry = finishEntry(bytes, body);
          expect(entry.readUInt32BE(0)).toBe(entry.length);
          const seen = view(entry);
          expect(seen.head).toEqual(head);
          expect(seen.bytes).toEqual(entry);
          expect(seen.commitment).toEqual(Buffer.alloc(32, 5));
          expect(seen.ciphertext).toEqual(Buffer.from(plain));
          expect(seen.tag).toEqual(Buffer.alloc(16, 1));
          expect(seen.hash).toEqual(sha256(entry.subarray(0, -32)));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('session keys', () => {
  it('decrypt every entry, in any order, across blocks', () => {
    const { key, entries } = sessionOf(1000, 600);
    const reader = readingKeys(key, 1000);
    for (const i of [599, 0, 255, 256, 257, 511, 512, 300, 1]) {
      expect(reader.decrypt(view(entries[i] as Buffer))?.toString()).toBe(`entry ${1000 + i}`);
    }
  });

  it('follow the steps written in docs/formats.md', () => {
    const key = Buffer.alloc(32, 3);
    const block = (chain: Uint8Array, b: number) => {
      const info = Buffer.concat([
        Buffer.from('custos/record/block/v1'),
        Buffer.from([0, 0, 0, 0, 0, 0, 0, b]),
      ]);
      return Buffer.from(hkdfSync('sha512', chain, '', info, 8224));
    };
    const second = block(block(key, 0).subarray(0, 32), 1);
    const { entries } = sessionOf(5, 257, Buffer.from(key));
    const entry = view(entries[256] as Buffer);
    const alone = decryptWith(second.subarray(32, 64), 5 + 256, entry);
    expect(alone).toBe(`entry ${5 + 256}`);
  });

  it('bind each entry to one key', () => {
    const { key, entries } = sessionOf(5, 3);
    const reader = readingKeys(key, 5);
    const entry = view(entries[1] as Buffer);
    const shown = reader.keyOf(entry) as Buffer;
    const prefixed = Buffer.concat([Buffer.from('custos/record/key/v1'), shown]);
    expect(entry.commitment).toEqual(sha256(prefixed));
    expect(decryptWith(shown, 6, entry)).toBe('entry 6');
    // What it shows of one entry shows nothing of another.
    expect(reader.keyOf(view(entries[2] as Buffer))).not.toEqual(shown);
    entry.commitment[0] = (entry.commitment[0] as number) ^ 1;
    expect(reader.keyOf(entry)).toBeNull();
  });

  it('never use a key twice and zero the session key that was handed over', () => {
    const { given, entries } = sessionOf(0, 300);
    expect(given.equals(Buffer.alloc(32))).toBe(true);
    // Same plaintext, same head but for the number: equal keys would give equal key streams.
    const bodies = new Set(entries.map((entry) => view(entry).ciphertext.toString('hex')));
    expect(bodies.size).toBe(300);
  });

  it('refuse a changed byte anywhere, another place, another session', () => {
    const { key, entries } = sessionOf(0, 4);
    const reader = readingKeys(key, 0);
    const entry = entries[2] as Buffer;
    for (let i = 4; i < entry.length - 32; i += 1) {
      const changed = Buffer.from(entry);
      changed[i] = (changed[i] as number) ^ 0x10;
      expect(reader.decrypt(view(changed)), `byte ${i}`).toBeNull();
    }
    expect(reader.decrypt(view(entry))).not.toBeNull();
    expect(readingKeys(key, 1).decrypt(view(entry))).toBeNull();
    expect(readingKeys(key, 3).decrypt(view(entry))).toBeNull();
    expect(readingKeys(newSessionKey(), 0).decrypt(view(entry))).toBeNull();
  });

  it('open only with the private half, in their own session and workspace', () => {
    const pair = generateRawKeyPair('x25519');
    const other = generateRawKeyPair('x25519');
    const key = newSessionKey();
    const sealed = sealSessionKey(key, pair.publicKey, 'w', SESSION);
    expect(sealed).toHaveLength(80);
    expect(openSessionKey(sealed, pair.privateKey, 'w', SESSION)).toEqual(key);
    const refused = expect.objectContaining({ code: 'KEY_UNAVAILABLE' });
    expect(() => openSessionKey(sealed, other.privateKey, 'w', SESSION)).toThrow(refused);
    expect(() => openSessionKey(sealed, pair.privateKey, 'v', SESSION)).toThrow(refused);
    expect(() => openSessionKey(sealed, pair.privateKey, 'w', randomBytes(16))).toThrow(refused);
  });
});

function decryptWith(key: Buffer, seq: number, entry: ReturnType<typeof view>): string {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(seq), 4);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(entry.aad);
  decipher.setAuthTag(entry.tag);
  return Buffer.concat([decipher.update(entry.ciphertext), decipher.final()]).toString();
}
