/**
 * One member's stretch of writing. Its first entry, `session.started`, carries the session key
 * sealed to K_record and, encrypted like every payload, who the member is. A payload is UTF-8
 * JSON; that of a `done` is empty.
 */
import { randomBytes } from 'node:crypto';
import { isCustosError } from '#shared/domain/errors.ts';
import { encodeHead, finishEntry, SESSION_BYTES, SESSION_STARTED } from './entry.ts';
import type { EntryHead, EntryView } from './entry.ts';
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
/** Who wrote, where the session's first entry cannot be opened. */
const UNKNOWN = 'unknown';

export interface Member {
  /** 32 hex characters. */
  id: string;
  name: string;
}

export interface WritingSession {
  /** The bytes of the next entry. Every one made must be written, in order. */
  entry(head: Omit<EntryHead, 'session'>, plaintext: Buffer): Buffer;
  wipe(): void;
}

/** The first entry asked for must be `session.started`, with `startedDetail` as its payload. */
export function startSession(recordPublic: Buffer, workspaceId: string): WritingSession {
  const session = randomBytes(SESSION_BYTES);
  const key = newSessionKey();
  const sealed = sealSessionKey(key, recordPublic, workspaceId, session);
  const keys = writingKeys(key);
  return {
    entry(head, plaintext) {
      const sealedKey = head.code === SESSION_STARTED ? sealed : NOTHING;
      const bytes = encodeHead({ ...head, session }, sealedKey, plaintext.length);
      return finishEntry(bytes, keys.encrypt(head.seq, bytes, plaintext));
    },
    wipe() {
      keys.wipe();
    },
  };
}

/** `member`: null for an anonymous session. */
export function startedDetail(member: Member | null): Record<string, unknown> {
  return { member: member && { id: member.id, name: member.name } };
}

export interface OpenSession {
  /** The member's name, "nobody" for an anonymous session, "unknown" where it does not open. */
  readonly by: string;
  /** Null where the entry does not decrypt or is no JSON object. */
  detailOf(entry: EntryView): Record<string, unknown> | null;
  wipe(): void;
}

/** `started`: the session's first entry; it is not kept. */
export function openSession(
  started: EntryView,
  recordPrivate: Buffer,
  workspaceId: string,
): OpenSession {
  const keys = keysOf(started, recordPrivate, workspaceId);
  const detailOf = (entry: EntryView) => keys && parsePayload(keys.decrypt(entry));
  const detail = detailOf(started);
  return {
    by: detail ? memberName(detail) : UNKNOWN,
    detailOf,
    wipe() {
      keys?.wipe();
    },
  };
}

function keysOf(
  started: EntryView,
  recordPrivate: Buffer,
  workspaceId: string,
): ReadingKeys | null {
  const { sealedKey, head } = started;
  try {
    const key = openSessionKey(sealedKey, recordPrivate, workspaceId, head.session);
    return readingKeys(key, head.seq);
  } catch (error) {
    // Somebody changed the sealed key, or wrote a session of their own: told entry by entry.
    if (isCustosError(error)) return null;
    throw error;
  }
}

function memberName(detail: Record<string, unknown>): string {
  const member = detail['member'] as Partial<Member> | null | undefined;
  return typeof member?.name === 'string' ? member.name : NOBODY;
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
