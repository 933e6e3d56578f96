/**
 * One member's stretch of writing. Its first entry, `session.started`, carries the session key
 * sealed to K_record and, encrypted like every payload, who the member is, signed by them. A
 * payload is UTF-8 JSON; that of a `done` is empty.
 */
import { randomBytes } from 'node:crypto';
import { isCustosError } from '#shared/domain/errors.ts';
import { encodeHead, finishEntry, SESSION_BYTES, SESSION_STARTED } from './entry.ts';
import type { EntryHead, EntryView } from './entry.ts';
import {
  isCheckpointOf,
  isSessionOf,
  SESSION_VERSION,
  signMemberCheckpoint,
  signSession,
  type KnownMember,
  type Member,
  type MemberDirectory,
  type SigningMember,
} from './member-proof.ts';
import {
  newSessionKey,
  openSessionKey,
  readingKeys,
  sealSessionKey,
  writingKeys,
  type ReadingKeys,
} from './session-keys.ts';

const NOTHING = Buffer.alloc(0);
/** Who wrote, where nobody had been let in yet: a failed unlock. */
export const NOBODY = 'nobody';
/** Who wrote, where the session's first entry cannot be opened or is not signed by whom it names. */
const UNKNOWN = 'unknown';

export interface WritingSession {
  /** Payload of the session's first entry, which goes to `place`. */
  startedDetail(place: { seq: number; prevHash: Buffer }): Record<string, unknown>;
  /** The member's own signature under a checkpoint; null where nobody was let in. */
  signCheckpoint(made: { size: number; root: string }): string | null;
  /** The bytes of the next entry. Every one made must be written, in order. */
  entry(head: Omit<EntryHead, 'session'>, plaintext: Buffer): Buffer;
  wipe(): void;
}

/** The first entry asked for must be `session.started`, with `startedDetail` as its payload. */
export function startSession(
  recordPublic: Buffer,
  workspace: string,
  member: SigningMember | null,
): WritingSession {
  const session = randomBytes(SESSION_BYTES);
  const key = newSessionKey();
  const sealedKey = sealSessionKey(key, recordPublic, workspace, session);
  const keys = writingKeys(key);
  return {
    startedDetail(place) {
      if (!member) return { version: SESSION_VERSION, member: null };
      const { id, name, signing } = member;
      const claim = { workspace, member: id, session, sealedKey, ...place };
      const signature = signSession(claim, signing);
      return { version: SESSION_VERSION, member: { id, name }, signature };
    },
    signCheckpoint(made) {
      return member && signMemberCheckpoint({ workspace, session, ...made }, member.signing);
    },
    entry(head, plaintext) {
      const next = keys.next();
      const sealed = head.code === SESSION_STARTED ? sealedKey : NOTHING;
      const bytes = encodeHead({ ...head, session }, next.commitment, sealed, plaintext.length);
      return finishEntry(bytes, next.encrypt(head.seq, bytes, plaintext));
    },
    wipe() {
      keys.wipe();
    },
  };
}

export interface OpenSession {
  /**
   * The member's name as a supervisor signed it; "nobody" for an anonymous session, "unknown"
   * where it does not open or is not signed by the member it names.
   */
  readonly by: string;
  /** Null for an anonymous session and where it is not known who wrote. */
  readonly member: KnownMember | null;
  /** Why it is not known who wrote, in words; null where it is. */
  readonly problem: string | null;
  /** Null where the entry does not decrypt or is no JSON object. */
  detailOf(entry: EntryView): Record<string, unknown> | null;
  /** The exact payload, and the key of this entry alone; null where it does not decrypt. */
  disclose(entry: EntryView): { text: string; key: Buffer } | null;
  /** Whether the session's member signed this checkpoint (the payload's `signature`). */
  isCheckpointSigned(made: { size: number; root: string }, signature: unknown): boolean;
  wipe(): void;
}

/** `started`: the session's first entry; it is not kept. `recordPrivates`: of all epochs, newest first. */
export function openSession(
  started: EntryView,
  recordPrivates: readonly Buffer[],
  workspace: string,
  members: MemberDirectory,
): OpenSession {
  const keys = keysOf(started, recordPrivates, workspace);
  const detailOf = (entry: EntryView) => keys && parsePayload(keys.decrypt(entry));
  const writer = writerOf(started, detailOf(started), workspace, members);
  const session = Buffer.from(started.head.session);
  return {
    ...writer,
    detailOf,
    disclose(entry) {
      const plaintext = keys?.decrypt(entry);
      const key = keys?.keyOf(entry);
      return plaintext && key ? { text: plaintext.toString('utf8'), key } : null;
    },
    isCheckpointSigned(made, signature) {
      // An anonymous session has no member to sign; what it may hold is judged elsewhere.
      if (writer.by === NOBODY) return true;
      const claim = { workspace, session, ...made };
      return writer.member !== null && isCheckpointOf(writer.member, claim, signature);
    },
    wipe() {
      keys?.wipe();
    },
  };
}

function keysOf(
  started: EntryView,
  recordPrivates: readonly Buffer[],
  workspaceId: string,
): ReadingKeys | null {
  const { sealedKey, head } = started;
  for (const recordPrivate of recordPrivates) {
    try {
      const key = openSessionKey(sealedKey, recordPrivate, workspaceId, head.session);
      return readingKeys(key, head.seq);
    } catch (error) {
      // Of another epoch; or somebody changed the sealed key, or wrote a session of their own,
      // which is told entry by entry.
      if (!isCustosError(error)) throw error;
    }
  }
  return null;
}

type Writer = Pick<OpenSession, 'by' | 'member' | 'problem'>;

/**
 * SECURITY (P5): every member holds the checkpoint key, and anybody can seal to K_record. Who wrote
 * is taken from the member's own signature and nothing else.
 */
function writerOf(
  started: EntryView,
  detail: Record<string, unknown> | null,
  workspace: string,
  members: MemberDirectory,
): Writer {
  const { session, seq, prevHash } = started.head;
  const unknown = (why: string): Writer => ({
    by: UNKNOWN,
    member: null,
    problem: `The session that begins at entry ${seq} ${why}.`,
  });
  if (!detail) return unknown('does not decrypt');
  if (detail['version'] !== SESSION_VERSION) {
    return unknown('is of a kind that this version of Custos does not know');
  }
  if (detail['member'] === null) return { by: NOBODY, member: null, problem: null };
  const claimed = detail['member'] as Partial<Member> | undefined;
  const known = typeof claimed?.id === 'string' ? members(claimed.id) : null;
  if (!known) return unknown('names somebody who is no member');
  const { sealedKey } = started;
  const claim = { workspace, member: known.id, session, seq, prevHash, sealedKey };
  return isSessionOf(known, claim, detail['signature'])
    ? { by: known.name, member: known, problem: null }
    : unknown(`is not signed by ${known.name}, whom it names`);
}

function parsePayload(plaintext: Buffer | null): Record<string, unknown> | null {
  if (!plaintext) return null;
  if (plaintext.length === 0) return {};
  try {
    const value: unknown = JSON.parse(plaintext.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // authentic, but not ours: the caller says which entry cannot be read
  }
}
