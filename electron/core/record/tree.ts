/**
 * The Merkle tree of RFC 6962 (section 2.1), over SHA-256. Pure.
 *
 *   leaf(d) = SHA-256(0x00 ‖ d)      node(l, r) = SHA-256(0x01 ‖ l ‖ r)
 *   root of nothing = SHA-256("")    root of n > 1 leaves = node(root of the first k, root of the
 *   rest), k the largest power of two below n
 *
 * The record's leaves are d = recHash of entry 0, 1, 2 …
 */
import { HASH_BYTES, sha256, sha256Into } from './sha.ts';

export const EMPTY_ROOT = sha256(Buffer.alloc(0));

function leafHash(data: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from([0]), data]));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from([1]), left, right]));
}

/** The tree's right edge: all that is needed to append and to know the root. A few kilobytes. */
export interface Frontier {
  readonly size: number;
  /** `data`: what the leaf is about (32 bytes in the record), not yet hashed. */
  append(data: Uint8Array): void;
  root(): Buffer;
}

export function createFrontier(): Frontier {
  // Level k holds the root of a whole subtree of 2^k leaves wherever bit k of `size` is set.
  const edge = Buffer.alloc(53 * HASH_BYTES);
  const node = Buffer.alloc(1 + 2 * HASH_BYTES);
  node[0] = 1;
  let size = 0;
  let leaf = Buffer.alloc(1 + HASH_BYTES);

  return {
    get size() {
      return size;
    },
    append(data) {
      if (leaf.length !== data.length + 1) leaf = Buffer.alloc(data.length + 1);
      leaf.set(data, 1);
      sha256Into(node, 1 + HASH_BYTES, leaf);
      let level = 0;
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
        edge.copy(node, 1, level * HASH_BYTES, (level + 1) * HASH_BYTES);
        sha256Into(node, 1 + HASH_BYTES, node);
        level += 1;
      }
      node.copy(edge, level * HASH_BYTES, 1 + HASH_BYTES);
      size += 1;
    },
    root() {
      let root: Buffer | null = null;
      for (let level = 0, rest = size; rest > 0; level += 1, rest = Math.floor(rest / 2)) {
        if (rest % 2 === 0) continue;
        const whole = edge.subarray(level * HASH_BYTES, (level + 1) * HASH_BYTES);
        root = root ? nodeHash(whole, root) : Buffer.from(whole);
      }
      return root ?? EMPTY_ROOT;
    },
  };
}

/** The whole tree: 64 bytes per leaf, for proofs. */
export interface Tree {
  readonly size: number;
  append(data: Uint8Array): void;
  /** Of the first `size` leaves; of all where left out. */
  root(size?: number): Buffer;
  /** PATH(index, D[size]): shows that leaf `index` is in the tree of `size` leaves. */
  inclusionProof(index: number, size: number): Buffer[];
  /** PROOF(from, D[to]): shows that the tree of `to` leaves continues the tree of `from`. */
  consistencyProof(from: number, to: number): Buffer[];
}

export function createTree(): Tree {
  /** rows[k]: the roots of whole subtrees of 2^k leaves, in order. */
  const rows: HashRow[] = [createRow()];

  function size(): number {
    return (rows[0] as HashRow).length;
  }

  /** Root of the leaves start … start + count − 1, where `start` is a multiple of a fitting 2^k. */
  function rootOf(start: number, count: number): Buffer {
    const level = Math.log2(count);
    if (Number.isInteger(level)) return (rows[level] as HashRow).at(start / count);
    const k = splitPoint(count);
    return nodeHash(rootOf(start, k), rootOf(start + k, count - k));
  }

  function path(index: number, start: number, count: number): Buffer[] {
    if (count === 1) return [];
    const k = splitPoint(count);
    return index < k
      ? [...path(index, start, k), rootOf(start + k, count - k)]
      : [...path(index - k, start + k, count - k), rootOf(start, k)];
  }

  function subproof(from: number, start: number, count: number, known: boolean): Buffer[] {
    if (from === count) return known ? [] : [rootOf(start, count)];
    const k = splitPoint(count);
    return from <= k
      ? [...subproof(from, start, k, known), rootOf(start + k, count - k)]
      : [...subproof(from - k, start + k, count - k, false), rootOf(start, k)];
  }

  return {
    get size() {
      return size();
    },
    append(data) {
      let hash = leafHash(data);
      for (let level = 0; ; level += 1) {
        const row = (rows[level] ??= createRow());
        row.push(hash);
        if (row.length % 2 === 1) return;
        hash = nodeHash(row.at(row.length - 2), hash);
      }
    },
    root(count = size()) {
      requireRange(count <= size());
      return count === 0 ? EMPTY_ROOT : rootOf(0, count);
    },
    inclusionProof(index, count) {
      requireRange(index >= 0 && index < count && count <= size());
      return path(index, 0, count);
    },
    consistencyProof(from, to) {
      requireRange(from > 0 && from <= to && to <= size());
      return subproof(from, 0, to, true);
    },
  };
}

interface HashRow {
  readonly length: number;
  push(hash: Uint8Array): void;
  /** A view; not to be written to. */
  at(index: number): Buffer;
}

/** Hashes side by side: a Buffer object of its own for each would take five times the memory. */
function createRow(): HashRow {
  let bytes = Buffer.alloc(8 * HASH_BYTES);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(hash) {
      if (length * HASH_BYTES === bytes.length) bytes = Buffer.concat([bytes], bytes.length * 2);
      bytes.set(hash, length * HASH_BYTES);
      length += 1;
    },
    at: (index) => bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  };
}

/** RFC 9162, section 2.1.3.2. `data`: what the leaf is about, not yet hashed. */
export function verifyInclusion(claim: {
  data: Uint8Array;
  index: number;
  size: number;
  proof: readonly Uint8Array[];
  root: Uint8Array;
}): boolean {
  if (claim.index < 0 || claim.index >= claim.size) return false;
  let fn = claim.index;
  let sn = claim.size - 1;
  let hash = leafHash(claim.data);
  for (const sibling of claim.proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && hash.equals(claim.root);
}

/** RFC 9162, section 2.1.4.2. */
export function verifyConsistency(claim: {
  from: number;
  fromRoot: Uint8Array;
  to: number;
  toRoot: Uint8Array;
  proof: readonly Uint8Array[];
}): boolean {
  if (claim.from <= 0 || claim.from > claim.to) return false;
  if (claim.from === claim.to) {
    return claim.proof.length === 0 && Buffer.from(claim.fromRoot).equals(claim.toRoot);
  }
  const steps = Number.isInteger(Math.log2(claim.from))
    ? [claim.fromRoot, ...claim.proof]
    : [...claim.proof];
  const first = steps.shift();
  if (!first) return false;
  let fn = claim.from - 1;
  let sn = claim.to - 1;
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let older: Buffer = Buffer.from(first);
  let newer: Buffer = Buffer.from(first);
  for (const sibling of steps) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      newer = nodeHash(newer, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && older.equals(claim.fromRoot) && newer.equals(claim.toRoot);
}

/** The largest power of two below `count` (count > 1). */
function splitPoint(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1);
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function requireRange(within: boolean): void {
  if (!within) throw new RangeError('a proof about leaves that are not in the tree');
}
