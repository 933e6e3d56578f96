/**
 * The section "The record" of docs/formats.md, followed by somebody who has nothing of Custos: the
 * code below uses node's own library alone (and HPKE, which is checked against its RFC elsewhere).
 */
import { createDecipheriv, createHash, createPublicKey, hkdfSync, verify } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hpkeOpen } from '#core/vault/hpke.ts';
import { ADA, look, OUTSIDER, setUp, WORKSPACE_ID } from '../../integration/record/setup.ts';

const sha = (...parts: (string | Uint8Array)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
    .digest();
const WORKSPACE = sha(WORKSPACE_ID);

/** recHash of every entry, and the entries themselves; throws at the first thing that is wrong. */
function readRecord(dir: string): Buffer[] {
  const entries: Buffer[] = [];
  let previous = sha(`custos/record/genesis/v1\n${WORKSPACE_ID}`);
  let session = '';
  const names = readdirSync(dir).filter((name) => name.endsWith('.evl'));
  for (const [i, name] of names.sort().entries()) {
    const bytes = readFileSync(path.join(dir, name));
    const wanted = Buffer.alloc(88);
    wanted.write('CUSTOSRL');
    wanted.writeUInt16BE(2, 8);
    wanted.writeUInt16BE(88, 10);
    wanted.writeUInt32BE(i + 1, 12);
    wanted.writeBigUInt64BE(BigInt(entries.length), 16);
    Buffer.concat([WORKSPACE, previous]).copy(wanted, 24);
    if (!bytes.subarray(0, 88).equals(wanted)) throw new Error(`header of ${name}`);
    for (let at = 88; at < bytes.length;) {
      const entry = bytes.subarray(at, at + bytes.readUInt32BE(at));
      const number = entries.length;
      if (!sha(entry.subarray(0, -32)).equals(entry.subarray(-32)))
        throw new Error(`${number} hash`);
      if (!entry.subarray(56, 88).equals(previous)) throw new Error(`${number} chain`);
      if (entry.readBigUInt64BE(24) !== BigInt(number)) throw new Error(`${number} sequence`);
      if (entry.readUInt16BE(4) === 74) session = entry.toString('hex', 8, 24);
      if (entry.toString('hex', 8, 24) !== session) throw new Error(`${number} session`);
      previous = entry.subarray(-32);
      entries.push(entry);
      at += entry.length;
    }
  }
  return entries;
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Buffer.from([0]), leaves[0] as Buffer);
  const k = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return sha(Buffer.from([1]), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

/** Sizes of the notes, each checked against the entries. */
function checkNotes(dir: string, entries: readonly Buffer[], publicKey: Buffer): number[] {
  const x = publicKey.toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const text = readFileSync(path.join(dir, 'checkpoints.txt'), 'utf8');
  const name = `custos/record/${WORKSPACE_ID}`;
  const sizes: number[] = [];
  for (const [, body = '', size, root, blob = ''] of text.matchAll(
    new RegExp(`(${name}\n(\\d+)\n(\\S+)\n)\n— ${name} (\\S+)\n\n`, 'g'),
  )) {
    const signed = Buffer.from(blob, 'base64');
    const keyHash = sha(name, '\n', Buffer.from([1]), publicKey).subarray(0, 4);
    if (!signed.subarray(0, 4).equals(keyHash)) throw new Error(`key of ${size}`);
    if (!verify(null, Buffer.from(body), key, signed.subarray(4)))
      throw new Error(`signed ${size}`);
    const leaves = entries.slice(0, Number(size)).map((entry) => entry.subarray(-32));
    if (rootOf(leaves).toString('base64') !== root) throw new Error(`root of ${size}`);
    sizes.push(Number(size));
  }
  return sizes;
}

function decryptAll(entries: readonly Buffer[], recordPrivate: Buffer): unknown[] {
  let chain = Buffer.alloc(0);
  let keys = Buffer.alloc(0);
  let place = 0;
  return entries.map((entry) => {
    const starts = entry.readUInt16BE(4) === 74;
    const body = starts ? 200 : 120;
    if (starts) {
      const aad = Buffer.concat([WORKSPACE, entry.subarray(8, 24)]);
      const info = Buffer.from('custos/record/session-key/v1');
      chain = Buffer.from(hpkeOpen(recordPrivate, info, aad, entry.subarray(120, 200)));
      place = 0;
    }
    if (place % 256 === 0) {
      const b = Buffer.alloc(8);
      b.writeBigUInt64BE(BigInt(place / 256));
      const info = Buffer.concat([Buffer.from('custos/record/block/v1'), b]);
      const made = Buffer.from(hkdfSync('sha512', chain, '', info, 8224));
      [chain, keys] = [made.subarray(0, 32), made.subarray(32)];
    }
    const key = keys.subarray((place % 256) * 32, (place % 256) * 32 + 32);
    const commitment = sha('custos/record/key/v1', key);
    if (!entry.subarray(88, 120).equals(commitment)) throw new Error(`${place} key`);
    const nonce = Buffer.concat([Buffer.alloc(4), entry.subarray(24, 32)]);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
    decipher.setAAD(entry.subarray(0, body));
    decipher.setAuthTag(entry.subarray(-48, -32));
    const plain = Buffer.concat([decipher.update(entry.subarray(body, -48)), decipher.final()]);
    place += 1;
    return plain.length === 0 ? null : (JSON.parse(plain.toString()) as unknown);
  });
}

describe('a stranger with docs/formats.md', () => {
  function written() {
    const rig = setUp({ segmentBytes: 20_000 });
    const record = rig.create();
    record.done(record.append(look(1)));
    record.appendMany(Array.from({ length: 520 }, (_, i) => look(i)));
    record.close();
    const locked = rig.open(OUTSIDER);
    locked.append({ type: 'unlock.failed', detail: { reason: 'wrong password' } });
    locked.close();
    return { ...rig, record: path.join(rig.dir, 'record') };
  }

  it('verifies and reads the record', () => {
    const { record, options } = written();
    const entries = readRecord(record);
    expect(entries).toHaveLength(527);
    expect(checkNotes(record, entries, options.checkpointPublic)).toEqual([1, 524]);
    const details = decryptAll(entries, options.recordPrivate as Buffer);
    expect(details[0]).toEqual({
      version: 1,
      member: { id: ADA.id, name: 'Ada' },
      signature: expect.any(String),
    });
    expect(details[2]).toMatchObject({ itemId: 1 });
    expect(details[3]).toBeNull();
    expect(details[523]).toMatchObject({ itemId: 519 });
    expect(details[525]).toEqual({ version: 1, member: null });
    expect(details[526]).toEqual({ reason: 'wrong password' });
  });

  it('finds a changed byte', () => {
    const { record } = written();
    const file = path.join(record, '000002.evl');
    const bytes = readFileSync(file);
    bytes[500] = (bytes[500] as number) ^ 1;
    writeFileSync(file, bytes);
    expect(() => readRecord(record)).toThrow();
  });
});
