/**
 * Against what others publish: RFC 6962 by its own definition, exhaustively; the keys and notes of
 * Go's sumdb; the checkpoint and cosignature that C2SP prints.
 */
import { createHash, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENTRY_CODES } from '#shared/contract/entry-types.ts';
import { parseCheckpoint, parseVerifierKey, verifierKey } from '#core/record/checkpoint.ts';
import { cosign, cosignedAt } from '#core/record/cosignature.ts';
import {
  createFrontier,
  createTree,
  verifyConsistency,
  verifyInclusion,
} from '#core/record/tree.ts';
import { privateKeyObject, publicKeyObject, rawPublicKey } from '#core/vault/curve-keys.ts';

const SIZES = 70;
const root = path.resolve(import.meta.dirname, '../../..');
const leaves = Array.from({ length: SIZES }, (_, i) => Buffer.from(`leaf ${i}`));
const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1, word for word. */
const split = (n: number) => 2 ** (Math.ceil(Math.log2(n)) - 1);
function mth(d: readonly Buffer[]): Buffer {
  if (d.length === 0) return sha();
  if (d.length === 1) return sha(Buffer.from([0]), d[0] as Buffer);
  const k = split(d.length);
  return sha(Buffer.from([1]), mth(d.slice(0, k)), mth(d.slice(k)));
}
function pathOf(m: number, d: readonly Buffer[]): Buffer[] {
  if (d.length === 1) return [];
  const k = split(d.length);
  return m < k
    ? [...pathOf(m, d.slice(0, k)), mth(d.slice(k))]
    : [...pathOf(m - k, d.slice(k)), mth(d.slice(0, k))];
}
function subproof(m: number, d: readonly Buffer[], whole: boolean): Buffer[] {
  if (m === d.length) return whole ? [] : [mth(d)];
  const k = split(d.length);
  return m <= k
    ? [...subproof(m, d.slice(0, k), whole), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
}

describe(`the tree, for every size up to ${SIZES}`, () => {
  const tree = createTree();
  for (const leaf of leaves) tree.append(leaf);

  it('has the roots of the definition', () => {
    const frontier = createFrontier();
    for (let size = 0; size <= SIZES; size += 1) {
      expect(tree.root(size)).toEqual(mth(leaves.slice(0, size)));
      expect(frontier.root()).toEqual(tree.root(size));
      if (size < SIZES) frontier.append(leaves[size] as Buffer);
    }
  });

  it('has the inclusion proofs of the definition, each good for its own leaf alone', () => {
    for (let size = 1; size <= SIZES; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = tree.inclusionProof(index, size);
        expect(proof).toEqual(pathOf(index, leaves.slice(0, size)));
        const claim = { data: leaves[index] as Buffer, index, size, proof, root: tree.root(size) };
        expect(verifyInclusion(claim)).toBe(true);
        const other = (index + 1) % size;
        if (other !== index) expect(verifyInclusion({ ...claim, index: other })).toBe(false);
        expect(verifyInclusion({ ...claim, data: Buffer.from('x') })).toBe(false);
      }
    }
  });

  it('has the consistency proofs of the definition, each good for its own sizes alone', () => {
    for (let to = 1; to <= SIZES; to += 1) {
      for (let from = 1; from <= to; from += 1) {
        const proof = tree.consistencyProof(from, to);
        expect(proof).toEqual(subproof(from, leaves.slice(0, to), true));
        const claim = { from, fromRoot: tree.root(from), to, toRoot: tree.root(to), proof };
        expect(verifyConsistency(claim)).toBe(true);
        if (from === to) continue;
        expect(verifyConsistency({ ...claim, fromRoot: tree.root(to) })).toBe(false);
        expect(verifyConsistency({ ...claim, toRoot: tree.root(to - 1) })).toBe(false);
      }
    }
  });
});

describe('keys and notes of other programs', () => {
  const GO = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const SUMDB = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';

  it.each([GO, SUMDB])('%s is read, and written the same', (text) => {
    const key = parseVerifierKey(text, 1);
    expect(key).not.toBeNull();
    expect(key && verifierKey(key.name, key.publicKey)).toBe(text);
    // The same key as a witness's has another key hash, and is no key of a log.
    const witness = key && verifierKey(key.name, key.publicKey, 4);
    expect(witness).not.toBe(text);
    expect(parseVerifierKey(witness ?? '', 1)).toBeNull();
    for (const bad of [
      text.slice(0, -1),
      text.replace('+0', '+1').replace('+c', '+d'),
      `${text}=`,
    ]) {
      expect(parseVerifierKey(bad, 1)).toBeNull();
    }
  });

  it('signs as the note of Go’s package says', () => {
    const text =
      'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n";
    const signature = Buffer.from(
      'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
      'base64',
    );
    expect(signature.toString('hex', 0, 4)).toBe(GO.split('+')[1]);
    const { publicKey } = parseVerifierKey(GO, 1) as { publicKey: Buffer };
    const key = publicKeyObject('ed25519', publicKey);
    expect(verify(null, Buffer.from(text), key, signature.subarray(4))).toBe(true);
  });

  const C2SP = [
    'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
    '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=',
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==',
    '',
  ].join('\n');

  it('reads the checkpoint that C2SP prints, with its co-signature', () => {
    const parsed = parseCheckpoint(C2SP);
    expect(parsed?.checkpoint).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
    });
    const [, line] = parsed?.signatures ?? [];
    expect(line?.name).toBe('witness.example.com/w1');
    expect(line?.blob).toHaveLength(4 + 8 + 64);
    expect(line?.blob.readBigUInt64BE(4)).toBe(1679315147n);
  });

  it('co-signs exactly the message that C2SP prints', () => {
    const privateKey = privateKeyObject('ed25519', Buffer.alloc(32, 9));
    const publicKey = rawPublicKey(privateKey);
    const name = 'witness.example.com/w1';
    const checkpoint = parseCheckpoint(C2SP)?.checkpoint;
    if (!checkpoint) throw new Error('not read');
    const at = new Date(1679315147 * 1000);
    const note = cosign(C2SP, checkpoint, { name, publicKey, privateKey }, at);
    const added = Buffer.from(note.slice(C2SP.length).trimEnd().split(' ')[2] ?? '', 'base64');
    const id = sha(Buffer.from(`${name}\n`), Buffer.from([4]), publicKey).subarray(0, 4);
    expect(added.subarray(0, 4)).toEqual(id);
    const message =
      'cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const key = publicKeyObject('ed25519', publicKey);
    expect(verify(null, Buffer.from(message), key, added.subarray(12))).toBe(true);
    expect(cosignedAt(note, { name, publicKey })).toEqual(at);
  });
});

describe('the types of entry', () => {
  it.each(['docs/formats.md', 'resources/verify-record.mjs'])('are all named in %s', (file) => {
    const text = readFileSync(path.join(root, file), 'utf8').replaceAll('`', '');
    const missing = Object.entries(ENTRY_CODES)
      .map(([type, code]) => `${code} ${type}`)
      .filter((words) => !new RegExp(`\\b${words.replace('.', '\\.')}\\b`).test(text));
    expect(missing, `name these in ${file} too: a stranger reads types there`).toEqual([]);
  });
});
