/**
 * Reads the whole record from its first byte to its last and checks everything that needs no key:
 * framing, numbering, sessions, the chain, the Merkle tree. In one pass, in little memory.
 *
 * A generator, so that one caller may run it to the end at once (opening) and another may let
 * other work in between (verifying).
 */
import { hash } from 'node:crypto';
import { ENTRY_CODES } from '#shared/contract/entry-types.ts';
import { CustosError } from '#shared/domain/errors.ts';
import {
  CHECKPOINT_MADE,
  DONE,
  genesisHash,
  isSegmentHeader,
  MAX_ENTRY_BYTES,
  MIN_ENTRY_BYTES,
  readRef,
  readU64,
  SEALED_KEY_BYTES,
  SEGMENT_HEADER_BYTES,
  segmentHeader,
  SESSION_BYTES,
  SESSION_STARTED,
  typeOfCode,
  viewEntry,
  type EntryView,
} from './entry.ts';
import { createIndex, type EntryIndex } from './entry-index.ts';
import { readAll, segmentPath, type RecordFiles, type SegmentFile } from './files.ts';
import { HASH_BYTES } from './sha.ts';
import { createFrontier, type Frontier } from './tree.ts';

export interface ScanOptions {
  files: RecordFiles;
  workspaceDir: string;
  workspaceId: string;
  /** As listed when the scan was decided upon; what is appended later is not looked at. */
  segments: readonly SegmentFile[];
  /** Sizes at which the tree's root is wanted. */
  rootsAt: Iterable<number>;
  /** Called for every entry; what it is given must be copied to be kept. */
  onEntry?: (entry: EntryView) => void;
}

/** An entry that was being written when the power went. */
export interface TornEntry {
  segment: number;
  offset: number;
  bytes: Buffer;
}

export interface Scan {
  index: EntryIndex;
  /** recHash of the last entry; of the genesis where there is none. */
  lastHash: Buffer;
  lastWall: number;
  lastDone: number;
  frontier: Frontier;
  roots: Map<number, Buffer>;
  /** Numbers of the entries that say a checkpoint was made. */
  checkpointSeqs: number[];
  /** The newest segment and its whole bytes; number 0 where there is none. */
  last: SegmentFile;
  torn: TornEntry | null;
  /** What does not hold, in words; at most 20. */
  problems: string[];
}

const CHUNK_BYTES = 8 * 1024 * 1024;
/** A caller that decrypts takes some 30 ms for as many. */
const PAUSE_ENTRIES = 2048;
const MAX_PROBLEMS = 20;
/** What may be written where nobody was let in: it needs no key, and says nothing of a member. */
export const UNSIGNED_CODES: ReadonlySet<number> = new Set([
  SESSION_STARTED,
  CHECKPOINT_MADE,
  ENTRY_CODES['unlock.failed'],
  ENTRY_CODES['clock.backwards'],
  ENTRY_CODES['record.torn'],
]);

export function* scanRecord(options: ScanOptions): Generator<undefined, Scan> {
  const { files, workspaceDir, workspaceId, segments } = options;
  const wanted = new Set(options.rootsAt);
  const scan: Scan = {
    index: createIndex(),
    lastHash: genesisHash(workspaceId),
    lastWall: 0,
    lastDone: -1,
    frontier: createFrontier(),
    roots: new Map(),
    checkpointSeqs: [],
    last: { number: 0, bytes: 0 },
    torn: null,
    problems: [],
  };
  let lastHash = scan.lastHash.toString('latin1');
  let session: string | null = null;
  /** Whether the session has made a checkpoint, which takes the workspace's key. */
  let sessionSigned = false;
  let nextSeq = 0;
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  keepRoot();
  if (segments.length === 0) problem('The record has no segment: its files are missing.');

  for (const [i, segment] of segments.entries()) {
    if (segment.number !== i + 1) {
      problem(`Segment ${i + 1} of the record is missing.`);
      break;
    }
    const fd = files.openSync(segmentPath(workspaceDir, segment.number), 'r');
    try {
      if (!headerFits(fd, segment)) break;
      if (!(yield* entriesOf(fd, segment, i === segments.length - 1))) break;
    } finally {
      files.closeSync(fd);
    }
  }
  scan.lastHash = Buffer.from(lastHash, 'latin1');
  return scan;

  function problem(sentence: string): void {
    if (scan.problems.length < MAX_PROBLEMS) scan.problems.push(sentence);
  }

  function keepRoot(): void {
    if (wanted.has(scan.frontier.size)) scan.roots.set(scan.frontier.size, scan.frontier.root());
  }

  /** False where the file is no segment at all and cannot be read on. */
  function headerFits(fd: number, segment: SegmentFile): boolean {
    const found = Buffer.alloc(SEGMENT_HEADER_BYTES);
    if (!readAll(files, fd, found, 0) || !isSegmentHeader(found)) {
      problem(`Segment ${segment.number} of the record does not begin as a segment does.`);
      return false;
    }
    const place = {
      number: segment.number,
      firstSeq: nextSeq,
      prevHash: Buffer.from(lastHash, 'latin1'),
    };
    if (!found.equals(segmentHeader(workspaceId, place))) {
      problem(`The header of segment ${segment.number} does not fit the record before it.`);
    }
    scan.last = { number: segment.number, bytes: SEGMENT_HEADER_BYTES };
    return true;
  }

  /** False where framing is lost: nothing after that can be told apart. */
  function* entriesOf(
    fd: number,
    segment: SegmentFile,
    newest: boolean,
  ): Generator<undefined, boolean> {
    let base = SEGMENT_HEADER_BYTES; // where in the file the buffer's first byte lies
    let have = 0;
    let at = 0;
    for (;;) {
      const left = segment.bytes - base - at;
      if (left <= 0) return true;
      if (have - at < Math.min(left, MAX_ENTRY_BYTES)) {
        buffer.copyWithin(0, at, have);
        base += at;
        have -= at;
        at = 0;
        const fresh = buffer.subarray(have, Math.min(CHUNK_BYTES, segment.bytes - base));
        if (!readAll(files, fd, fresh, base + have)) throw shrunk();
        have += fresh.length;
        yield;
      }
      const length = left >= 4 ? buffer.readUInt32BE(at) : 0;
      const whole = length >= MIN_ENTRY_BYTES && length <= Math.min(left, MAX_ENTRY_BYTES);
      const fault = whole ? faultOf(at, length) : 'its length is not possible';
      if (fault !== null && newest && left <= MAX_ENTRY_BYTES) {
        const rest = buffer.subarray(at, at + left);
        if (isTorn(rest, session)) {
          scan.torn = { segment: segment.number, offset: base + at, bytes: Buffer.from(rest) };
          return true;
        }
      }
      if (fault !== null) problem(`Entry ${nextSeq} of the record does not hold: ${fault}.`);
      if (!whole) return false;
      take(segment, base + at, at, length);
      at += length;
      if (scan.index.size % PAUSE_ENTRIES === 0) yield;
    }
  }

  /** What is wrong with the entry at `at` of the buffer, or null. */
  function faultOf(at: number, length: number): string | null {
    const code = buffer.readUInt16BE(at + 4);
    const starts = code === SESSION_STARTED;
    const hashAt = at + length - HASH_BYTES;
    if (
      hash('sha256', buffer.subarray(at, hashAt), 'binary') !==
      buffer.toString('latin1', hashAt, hashAt + HASH_BYTES)
    ) {
      return 'its bytes were changed after it was written';
    }
    if (buffer.toString('latin1', at + 56, at + 88) !== lastHash) {
      return 'it does not follow from the entry before it';
    }
    if (readU64(buffer, at + 24) !== nextSeq) return 'it has another number';
    if (typeOfCode(code) === undefined || buffer.readUInt16BE(at + 6) !== 0) {
      return 'it is of a type that this version of Custos does not know';
    }
    if (!starts && buffer.toString('latin1', at + 8, at + 24) !== session) {
      return 'it belongs to a session that had not started';
    }
    if (starts && length < MIN_ENTRY_BYTES + SEALED_KEY_BYTES) return 'it holds no session key';
    // SECURITY: entries are sealed to a public key, so anybody who can write to the folder can make
    // one, in any name. A member's session signs a checkpoint before its first entry; a session
    // that has not was written by nobody who holds a key of this workspace (P5).
    if (!sessionSigned && !UNSIGNED_CODES.has(code)) {
      return 'its session was not signed: somebody without the keys of this workspace wrote it';
    }
    const ref = readRef(buffer, at);
    if (code === DONE ? ref === null || ref >= nextSeq : ref !== null) {
      return 'the entry that it closes is not before it';
    }
    return null;
  }

  function take(segment: SegmentFile, offset: number, at: number, length: number): void {
    const code = buffer.readUInt16BE(at + 4);
    const starts = code === SESSION_STARTED && length >= MIN_ENTRY_BYTES + SEALED_KEY_BYTES;
    if (starts) {
      session = buffer.toString('latin1', at + 8, at + 24);
      sessionSigned = false;
    }
    if (code === CHECKPOINT_MADE) sessionSigned = true;
    const hashAt = at + length - HASH_BYTES;
    // After a fault the entry's own word is taken, so that one fault is told once and not for
    // every entry that follows.
    lastHash = buffer.toString('latin1', hashAt, hashAt + HASH_BYTES);
    const seq = readU64(buffer, at + 24);
    nextSeq = (Number.isSafeInteger(seq) ? seq : nextSeq) + 1;
    scan.index.push({ segment: segment.number, offset }, code, starts);
    scan.frontier.append(buffer.subarray(hashAt, hashAt + HASH_BYTES));
    keepRoot();
    scan.last = { number: segment.number, bytes: offset + length };
    scan.lastWall = readU64(buffer, at + 40);
    if (code === DONE) scan.lastDone = Math.max(scan.lastDone, readRef(buffer, at) ?? -1);
    if (code === CHECKPOINT_MADE) scan.checkpointSeqs.push(seq);
    if (options.onEntry && (code !== SESSION_STARTED || starts)) {
      options.onEntry(viewEntry(buffer, at, length));
    }
  }
}

/** Runs a scan to its end without letting anything else happen meanwhile. */
export function scanAtOnce(options: ScanOptions): Scan {
  const steps = scanRecord(options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Whether `rest`, the end of the newest segment, is one write that a crash cut short: it is
 * incomplete, or the file system left zeros where bytes had not arrived.
 *
 * SECURITY: whole entries that follow show that this is not the end, and that a length in the
 * middle was changed. They carry their session's number, which is random.
 */
function isTorn(rest: Buffer, session: string | null): boolean {
  const length = rest.length >= 4 ? rest.readUInt32BE(0) : null;
  const incomplete =
    length === null ||
    (length > rest.length && length >= MIN_ENTRY_BYTES && length <= MAX_ENTRY_BYTES);
  const zeros = rest.subarray(-HASH_BYTES).every((byte) => byte === 0);
  if (!incomplete && !zeros) return false;
  const own =
    rest.length >= 8 + SESSION_BYTES ? rest.toString('latin1', 8, 8 + SESSION_BYTES) : null;
  return [own, session].every(
    (id) =>
      id === null ||
      /^\0*$/.test(id) ||
      rest.indexOf(Buffer.from(id, 'latin1'), 8 + SESSION_BYTES) < 0,
  );
}

function shrunk(): CustosError {
  return new CustosError(
    'RECORD_TAMPERED',
    'A file of the record became shorter while it was being read. Another program is changing it.',
  );
}
