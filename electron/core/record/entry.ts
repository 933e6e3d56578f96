/**
 * The bytes of the record: a segment's header and an entry. No I/O, no keys.
 *
 * Segment header, 88 bytes (integers big-endian):
 *
 *   0    8   magic "CUSTOSRL"
 *   8    2   version, 2
 *   10   2   bytes of this header, 88
 *   12   4   number of the segment, from 1
 *   16   8   sequence number of the first entry
 *   24   32  SHA-256 of the workspace id's text
 *   56   32  recHash of the entry before the first; of the genesis where there is none
 *
 * Entry:
 *
 *   0    4   bytes of the whole entry, this field and recHash included
 *   4    2   type, one of ENTRY_CODES
 *   6    2   zero
 *   8    16  session, random
 *   24   8   sequence number, from 0
 *   32   8   the entry that this one closes; 2^64 − 1 for none
 *   40   8   wall clock, milliseconds since 1970 UTC
 *   48   8   monotonic clock, microseconds since some moment of the machine
 *   56   32  recHash of the entry before
 *   88   32  commitment to the key that the ciphertext is under (`session-keys.ts`)
 *   120  80  only in `session.started`: the session key, sealed to K_record
 *   …    n   ciphertext, n ≥ 0
 *   …    16  its tag
 *   …    32  recHash = SHA-256 of everything before
 */
import { ENTRY_CODES, ENTRY_TYPES, type EntryType } from '#shared/contract/entry-types.ts';
import { HASH_BYTES, sha256 } from './sha.ts';

export const SEGMENT_HEADER_BYTES = 88;
const ENTRY_HEAD_BYTES = 120;
export const SESSION_BYTES = 16;
export const TAG_BYTES = 16;
/** HPKE: 32 bytes of ephemeral key, the 32-byte session key, a 16-byte tag. */
export const SEALED_KEY_BYTES = 80;
export const MIN_ENTRY_BYTES = ENTRY_HEAD_BYTES + TAG_BYTES + HASH_BYTES;
/** One entry is a sentence or a short list, never a file. */
export const MAX_ENTRY_BYTES = 1024 * 1024;
export const MAX_PAYLOAD_BYTES = MAX_ENTRY_BYTES - MIN_ENTRY_BYTES - SEALED_KEY_BYTES;

const MAGIC = Buffer.from('CUSTOSRL', 'ascii');
const VERSION = 2;
const NO_REF = 0xffff_ffff_ffff_ffffn;
const TYPE_OF_CODE = new Map<number, EntryType>(
  ENTRY_TYPES.map((type) => [ENTRY_CODES[type], type]),
);

export const SESSION_STARTED = ENTRY_CODES['session.started'];
export const DONE = ENTRY_CODES.done;
export const CHECKPOINT_MADE = ENTRY_CODES['checkpoint.made'];
export const WITNESS_ACCEPTED = ENTRY_CODES['witness.accepted'];

/** Undefined for a code this version does not know. */
export function typeOfCode(code: number): EntryType | undefined {
  return TYPE_OF_CODE.get(code);
}

/** What the first entry of a workspace's record points back to. 32 bytes. */
export function genesisHash(workspaceId: string): Buffer {
  return sha256(Buffer.from(`custos/record/genesis/v1\n${workspaceId}`));
}

export interface SegmentPlace {
  /** From 1. */
  number: number;
  firstSeq: number;
  prevHash: Buffer;
}

/** The 88 bytes a segment starts with; a reader compares them whole. */
export function segmentHeader(workspaceId: string, place: SegmentPlace): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header, 0);
  header.writeUInt16BE(VERSION, 8);
  header.writeUInt16BE(SEGMENT_HEADER_BYTES, 10);
  header.writeUInt32BE(place.number, 12);
  writeU64(header, place.firstSeq, 16);
  sha256(Buffer.from(workspaceId)).copy(header, 24);
  place.prevHash.copy(header, 56);
  return header;
}

export function isSegmentHeader(header: Buffer): boolean {
  return header.subarray(0, MAGIC.length).equals(MAGIC);
}

export interface EntryHead {
  code: number;
  /** 16 bytes. */
  session: Buffer;
  seq: number;
  /** The entry this one closes, or null. */
  ref: number | null;
  /** Milliseconds since 1970 UTC. */
  wall: number;
  /** Milliseconds, monotonic. */
  mono: number;
  prevHash: Buffer;
}

/**
 * The readable part of an entry whose payload will have `plainBytes` bytes: what the cipher takes
 * as associated data. `commitment`: 32 bytes. `sealedKey` is the sealed session key of a
 * `session.started`, else empty.
 */
export function encodeHead(
  head: EntryHead,
  commitment: Buffer,
  sealedKey: Buffer,
  plainBytes: number,
): Buffer {
  const bytes = Buffer.alloc(ENTRY_HEAD_BYTES + sealedKey.length);
  bytes.writeUInt32BE(bytes.length + plainBytes + TAG_BYTES + HASH_BYTES, 0);
  bytes.writeUInt16BE(head.code, 4);
  head.session.copy(bytes, 8);
  writeU64(bytes, head.seq, 24);
  if (head.ref === null) bytes.writeBigUInt64BE(NO_REF, 32);
  else writeU64(bytes, head.ref, 32);
  writeU64(bytes, head.wall, 40);
  writeU64(bytes, Math.round(head.mono * 1000), 48);
  head.prevHash.copy(bytes, 56);
  commitment.copy(bytes, 88);
  sealedKey.copy(bytes, ENTRY_HEAD_BYTES);
  return bytes;
}

/** The whole entry; its last 32 bytes are recHash. `body` is ciphertext ‖ tag. */
export function finishEntry(head: Buffer, body: Buffer): Buffer {
  const covered = Buffer.concat([head, body]);
  return Buffer.concat([covered, sha256(covered)]);
}

/**
 * An entry as it lies in `bytes` from `start` on; nothing is copied. The caller has checked that
 * `length` bytes are there.
 */
export interface EntryView {
  head: EntryHead;
  /** The whole entry. */
  bytes: Buffer;
  /** Associated data: everything readable. */
  aad: Buffer;
  /** 32 bytes. */
  commitment: Buffer;
  /** 80 bytes in `session.started`, else empty. */
  sealedKey: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
  hash: Buffer;
}

export function viewEntry(bytes: Buffer, start: number, length: number): EntryView {
  const code = bytes.readUInt16BE(start + 4);
  const body = start + bodyOffset(code);
  const end = start + length;
  const tag = end - HASH_BYTES - TAG_BYTES;
  return {
    head: {
      code,
      session: bytes.subarray(start + 8, start + 24),
      seq: readU64(bytes, start + 24),
      ref: readRef(bytes, start),
      wall: readU64(bytes, start + 40),
      mono: readU64(bytes, start + 48) / 1000,
      prevHash: bytes.subarray(start + 56, start + 88),
    },
    bytes: bytes.subarray(start, end),
    aad: bytes.subarray(start, body),
    commitment: bytes.subarray(start + 88, start + ENTRY_HEAD_BYTES),
    sealedKey: bytes.subarray(start + ENTRY_HEAD_BYTES, body),
    ciphertext: bytes.subarray(body, tag),
    tag: bytes.subarray(tag, tag + TAG_BYTES),
    hash: bytes.subarray(end - HASH_BYTES, end),
  };
}

/** Where an entry's ciphertext starts, counted from the entry's first byte. */
function bodyOffset(code: number): number {
  return ENTRY_HEAD_BYTES + (code === SESSION_STARTED ? SEALED_KEY_BYTES : 0);
}

export function readRef(bytes: Buffer, start: number): number | null {
  const high = bytes.readUInt32BE(start + 32);
  const low = bytes.readUInt32BE(start + 36);
  return high === 0xffff_ffff && low === 0xffff_ffff ? null : high * 0x1_0000_0000 + low;
}

export function readU64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) * 0x1_0000_0000 + bytes.readUInt32BE(offset + 4);
}

function writeU64(bytes: Buffer, value: number, offset: number): void {
  bytes.writeBigUInt64BE(BigInt(value), offset);
}
