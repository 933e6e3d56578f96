/** The open record: append, close, sign. */
import { ENTRY_CODES } from '#shared/contract/entry-types.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { rawPublicKey } from '#core/vault/curve-keys.ts';
import { checkpointOrigin, signCheckpoint } from './checkpoint.ts';
import { CHECKPOINT_MADE, DONE, MAX_PAYLOAD_BYTES, SESSION_STARTED } from './entry.ts';
import { nodeFiles } from './files.ts';
import { createGuard } from './guard.ts';
import { appendNote } from './notes.ts';
import { setAside, tornNotice } from './opening.ts';
import type { OpenRecord, RecordOptions } from './options.ts';
import { createReader } from './reader.ts';
import type { Scan } from './scan.ts';
import { openSegments, SEGMENT_BYTES } from './segments.ts';
import { startSession, type WritingSession } from './session.ts';
import { HASH_BYTES } from './sha.ts';
import type { EntryInput } from './types.ts';

const CHECKPOINT_ENTRIES = 1000;
const CHECKPOINT_MS = 5 * 60 * 1000;
const NEVER = { size: Number.NEGATIVE_INFINITY, mono: 0 };

interface Draft {
  code: number;
  ref: number | null;
  plaintext: Buffer;
}

/** `scan`: the record as it was found, without problems. */
export function startWriting(options: RecordOptions, scan: Scan): OpenRecord {
  const { dir, workspaceId, clock, anchors } = options;
  let { checkpoint: key, checkpointPublic, recordPublic } = options;
  if (key && !rawPublicKey(key).equals(checkpointPublic)) throw foreignKey();
  const { index, frontier, torn } = scan;
  const guard = createGuard(options.files ?? nodeFiles, options.onFull);
  const aside = torn && guard.run(() => setAside(guard.files, dir, torn, clock.now()));
  const segments = openSegments({
    guard,
    workspaceDir: dir,
    workspaceId,
    last: scan.last,
    segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
  });
  let reader = createReader(options, index);
  const origin = checkpointOrigin(workspaceId);
  let { lastHash, lastWall, lastDone } = scan;
  let session: WritingSession | null = null;
  /** When a checkpoint was last made here, and how long the record was then. */
  let signed = NEVER;
  let closed = false;

  function requireOpen(): void {
    if (closed) throw new CustosError('RECORD_UNWRITABLE', 'The record is closed.');
  }

  /** Every session says who it is before anything else; a checkpoint is then due at once. */
  function ensureSession(): void {
    requireOpen();
    if (session) return;
    session = startSession(recordPublic, workspaceId, options.member);
    const place = { seq: index.size, prevHash: lastHash };
    put([draft(SESSION_STARTED, session.startedDetail(place))]);
    signed = NEVER;
  }

  /** Writes the entries in one go; returns the first one's number once they are durable. */
  function put(drafts: readonly Draft[]): number {
    const writer = session as WritingSession;
    const wall = Math.max(0, clock.now().getTime());
    const mono = Math.max(0, clock.monotonicMs());
    const starting = drafts[0]?.code === SESSION_STARTED;
    const all = [...drafts];
    if (wall < lastWall) all.splice(starting ? 1 : 0, 0, clockBackwards(lastWall, wall));
    const base = index.size;
    const parts: Buffer[] = [];
    let prevHash = lastHash;
    try {
      for (const { code, ref, plaintext } of all) {
        const head = { code, seq: base + parts.length, ref, wall, mono, prevHash };
        const bytes = writer.entry(head, plaintext);
        parts.push(bytes);
        prevHash = bytes.subarray(-HASH_BYTES);
      }
      const place = segments.append(Buffer.concat(parts), { seq: base, prevHash: lastHash });
      let { offset } = place;
      for (const [i, bytes] of parts.entries()) {
        const { code } = all[i] as Draft;
        index.push({ segment: place.segment, offset }, code, code === SESSION_STARTED);
        frontier.append(bytes.subarray(-HASH_BYTES));
        offset += bytes.length;
      }
    } catch (error) {
      // SECURITY: the keys of what was not written are used up; the next entry starts a session.
      writer.wipe();
      session = null;
      throw error;
    }
    lastHash = prevHash;
    lastWall = wall;
    return base + all.indexOf(drafts[0] as Draft);
  }

  function sign(): { note: string; size: number; root: string } {
    if (!key) throw noCheckpointKey();
    const { size } = index;
    const root = frontier.root();
    const note = signCheckpoint({ origin, size, root }, key, checkpointPublic);
    // The note first: an entry that speaks of a note that is not there means it was taken away.
    guard.run(() => appendNote(dir, guard.files, note));
    const made = { note, size, root: root.toString('hex') };
    const signature = (session as WritingSession).signCheckpoint(made);
    put([draft(CHECKPOINT_MADE, { ...made, signature })]);
    signed = { size: index.size, mono: clock.monotonicMs() };
    remember();
    return made;
  }

  function signIfDue(): void {
    const fresh = index.size - signed.size;
    const overdue = fresh > 0 && clock.monotonicMs() - signed.mono >= CHECKPOINT_MS;
    if (key && (fresh >= CHECKPOINT_ENTRIES || overdue)) sign();
  }

  function remember(): void {
    anchors.put(workspaceId, { size: index.size, root: frontier.root().toString('hex') });
  }

  /** Signs first where that is due, so that a failure to sign comes before the entry. */
  function write(drafts: readonly Draft[]): number {
    ensureSession();
    signIfDue();
    return put(drafts);
  }

  function appendMany(entries: readonly EntryInput[]): number {
    const drafts = entries.map(({ type, detail }) => draft(ENTRY_CODES[type], detail));
    requireOpen();
    if (drafts.length === 0) return index.size;
    const first = write(drafts);
    // SECURITY: before anybody is shown anything. A folder copied in the middle of a session and put
    // back after the process was ended would otherwise take the looks since the last checkpoint
    // with it, without a trace.
    if (key) remember();
    return first;
  }

  const notices: string[] = [];
  if (torn && aside) {
    notices.push(tornNotice(torn, aside.file));
    appendMany([{ type: 'record.torn', detail: aside }]);
  }

  return {
    get size() {
      return index.size;
    },
    get lastDone() {
      return lastDone;
    },
    notices,
    append: (entry) => appendMany([entry]),
    appendMany,
    done(seq) {
      if (!Number.isInteger(seq) || seq < 0 || seq >= index.size) {
        throw new CustosError('INTERNAL', `There is no entry ${seq} that could be closed.`);
      }
      write([{ code: DONE, ref: seq, plaintext: Buffer.alloc(0) }]);
      lastDone = Math.max(lastDone, seq);
    },
    read(query) {
      requireOpen();
      return reader.read(query);
    },
    checkpoint() {
      if (!key) throw noCheckpointKey();
      ensureSession();
      return sign();
    },
    rekey(keys) {
      requireOpen();
      session?.wipe();
      session = null;
      reader.close();
      reader = createReader({ ...options, ...keys }, index);
      ({ checkpoint: key, checkpointPublic, recordPublic } = keys);
    },
    close() {
      if (closed) return;
      try {
        if (session && !guard.broken && index.size > signed.size) {
          if (key) sign();
          else remember();
        }
      } finally {
        closed = true;
        session?.wipe();
        reader.close();
        segments.close();
      }
    },
  };
}

/** Throws BAD_REQUEST where the detail is too long for one entry. */
function draft(code: number, detail: Record<string, unknown>): Draft {
  const plaintext = Buffer.from(JSON.stringify(detail));
  if (plaintext.length > MAX_PAYLOAD_BYTES) {
    throw new CustosError(
      'BAD_REQUEST',
      'This is too long for one entry of the record (1 MB). Do it in smaller parts.',
    );
  }
  return { code, ref: null, plaintext };
}

function clockBackwards(from: number, to: number): Draft {
  return draft(ENTRY_CODES['clock.backwards'], {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
}

function noCheckpointKey(): CustosError {
  return new CustosError(
    'KEY_UNAVAILABLE',
    'A checkpoint can only be signed while a member is unlocked.',
  );
}

function foreignKey(): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    'The key that signs checkpoints does not belong to this workspace: one of its key files was exchanged.',
  );
}
