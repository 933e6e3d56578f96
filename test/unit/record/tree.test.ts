import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createFrontier,
  createTree,
  EMPTY_ROOT,
  verifyConsistency,
  verifyInclusion,
} from '#core/record/tree.ts';

/** The leaves, roots and proofs that Certificate Transparency's implementations are tested with. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const INCLUSION: [index: number, size: number, proof: string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
];
const CONSISTENCY: [from: number, to: number, proof: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

function treeOf(leaves: readonly Buffer[]) {
  const tree = createTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree;
}

/** The definition of RFC 6962, section 2.1, word for word. */
function mth(leaves: readonly Buffer[]): Buffer {
  const sha = (...parts: Uint8Array[]) =>
    createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Buffer.from([0]), leaves[0] as Buffer);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha(Buffer.from([1]), mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

const hex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('hex'));
const leavesArbitrary = fc
  .array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 70 })
  .map((leaves) => leaves.map((leaf) => Buffer.from(leaf)));

describe('published vectors', () => {
  it('has the known root at every size from 0 to 8, whole and at the edge only', () => {
    const tree = treeOf(LEAVES);
    const frontier = createFrontier();
    expect(EMPTY_ROOT.toString('hex')).toBe(ROOTS[0]);
    for (let size = 0; size <= 8; size += 1) {
      expect(tree.root(size).toString('hex')).toBe(ROOTS[size]);
      expect(frontier.root().toString('hex')).toBe(ROOTS[size]);
      expect(frontier.size).toBe(size);
      if (size < 8) frontier.append(LEAVES[size] as Buffer);
    }
  });

  it.each(INCLUSION)('proves that leaf %i is in a tree of %i', (index, size, proof) => {
    const tree = treeOf(LEAVES);
    expect(hex(tree.inclusionProof(index, size))).toEqual(proof);
  });

  it.each(CONSISTENCY)('proves that the tree of %i goes on to %i', (from, to, proof) => {
    expect(hex(treeOf(LEAVES).consistencyProof(from, to))).toEqual(proof);
  });
});

describe('for any leaves', () => {
  it('has the root that the definition gives', () => {
    fc.assert(
      fc.property(leavesArbitrary, (leaves) => {
        const frontier = createFrontier();
        for (const leaf of leaves) frontier.append(leaf);
        expect(frontier.root()).toEqual(mth(leaves));
        expect(treeOf(leaves).root()).toEqual(mth(leaves));
      }),
      { numRuns: 60 },
    );
  });

  it('proves inclusion of every leaf, and of nothing else', () => {
    fc.assert(
      fc.property(leavesArbitrary, fc.nat(), fc.nat(), (leaves, a, b) => {
        const size = 1 + (a % leaves.length);
        const index = b % size;
        const tree = treeOf(leaves);
        const proof = tree.inclusionProof(index, size);
        const data = leaves[index] as Buffer;
        const claim = { data, index, size, proof, root: tree.root(size) };
        expect(verifyInclusion(claim)).toBe(true);
        expect(
          verifyInclusion({
            ...claim,
            data: Buffer.concat([data, data, proof[0] ?? data, Buffer.from('x')]),
          }),
        ).toBe(false);
        expect(verifyInclusion({ ...claim, index: size })).toBe(false);
        expect(verifyInclusion({ ...claim, proof: [...proof, EMPTY_ROOT] })).toBe(false);
        if (proof.length > 0) {
          expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false);
          expect(verifyInclusion({ ...claim, proof: flipped(proof, b) })).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('proves consistency of every pair of sizes, and of no other roots', () => {
    fc.assert(
      fc.property(leavesArbitrary, fc.nat(), fc.nat(), (leaves, a, b) => {
        const to = 1 + (a % leaves.length);
        const from = 1 + (b % to);
        const tree = treeOf(leaves);
        const proof = tree.consistencyProof(from, to);
        const claim = { from, fromRoot: tree.root(from), to, toRoot: tree.root(to), proof };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, fromRoot: EMPTY_ROOT })).toBe(false);
        expect(verifyConsistency({ ...claim, toRoot: EMPTY_ROOT })).toBe(false);
        expect(verifyConsistency({ ...claim, from: to + 1 })).toBe(false);
        expect(verifyConsistency({ ...claim, from: 0 })).toBe(false);
        expect(verifyConsistency({ ...claim, proof: [...proof, EMPTY_ROOT] })).toBe(false);
        if (proof.length > 0) {
          expect(verifyConsistency({ ...claim, proof: [] })).toBe(false);
          expect(verifyConsistency({ ...claim, proof: flipped(proof, a) })).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('refuses to prove what is not in the tree', () => {
    const tree = treeOf(LEAVES);
    expect(() => tree.inclusionProof(8, 8)).toThrow(RangeError);
    expect(() => tree.inclusionProof(0, 9)).toThrow(RangeError);
    expect(() => tree.consistencyProof(0, 3)).toThrow(RangeError);
    expect(() => tree.consistencyProof(4, 3)).toThrow(RangeError);
    expect(() => tree.root(9)).toThrow(RangeError);
  });
});

function flipped(proof: readonly Buffer[], which: number): Buffer[] {
  const changed = proof.map((hash) => Buffer.from(hash));
  const hash = changed[which % changed.length] as Buffer;
  hash[which % 32] = (hash[which % 32] as number) ^ 1;
  return changed;
}
