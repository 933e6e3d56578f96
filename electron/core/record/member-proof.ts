/**
 * What a member signs with their own key, so that nobody else can write in their name: not who
 * holds the workspace's checkpoint key (every member does), nor who can seal to K_record (anybody).
 *
 * - The beginning of a session: `session.started` names the member and carries their signature
 *   over the session, its sealed key, its place and the hash of the entry before it.
 * - Every checkpoint of the session: the root of all entries so far. A supervisor can open a
 *   session's key, and could otherwise go on writing in it after the member has left.
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { canonicalBytes } from '#core/vault/canonical.ts';
import { publicKeyObject } from '#core/vault/curve-keys.ts';

const SESSION_PURPOSE = 'custos/record/session/v1';
const CHECKPOINT_PURPOSE = 'custos/record/member-checkpoint/v1';
/** Of the payload of `session.started`. */
export const SESSION_VERSION = 1;

export interface Member {
  /** 32 hex characters. */
  id: string;
  name: string;
}

export interface SigningMember extends Member {
  /** The member's own Ed25519 private key. */
  signing: KeyObject;
}

/** Who a member is by what a supervisor signed (`access/statements.ts`), with the proof of it. */
export interface KnownMember extends Member {
  /** 32 bytes, raw Ed25519. */
  signingKey: Buffer;
  /** Canonical text of the role statement. */
  statement: string;
  /** 64 bytes, by `signedBy` over the statement. */
  signature: Buffer;
  /** Member id; the founder's own. */
  signedBy: string;
}

/**
 * Members past and present, by id; null for an id that no supervisor ever signed for. Handed in by
 * whoever opens the record: the record knows no catalogue.
 */
export type MemberDirectory = (id: string) => KnownMember | null;

/** Everything a session is bound to. */
export interface SessionClaim {
  workspace: string;
  member: string;
  /** 16 bytes. */
  session: Buffer;
  /** Number of `session.started`. */
  seq: number;
  /** recHash of the entry before it: the whole record as it was then. */
  prevHash: Buffer;
  /** 80 bytes. */
  sealedKey: Buffer;
}

/** Base64. */
export function signSession(claim: SessionClaim, signing: KeyObject): string {
  return sign(null, sessionBytes(claim), signing).toString('base64');
}

export function isSessionOf(member: KnownMember, claim: SessionClaim, signature: unknown): boolean {
  return isSignedBy(member, sessionBytes(claim), signature);
}

export interface CheckpointClaim {
  workspace: string;
  /** 16 bytes. */
  session: Buffer;
  size: number;
  /** 64 hex characters. */
  root: string;
}

/** Base64. */
export function signMemberCheckpoint(claim: CheckpointClaim, signing: KeyObject): string {
  return sign(null, checkpointBytes(claim), signing).toString('base64');
}

export function isCheckpointOf(
  member: KnownMember,
  claim: CheckpointClaim,
  signature: unknown,
): boolean {
  return isSignedBy(member, checkpointBytes(claim), signature);
}

function isSignedBy(member: KnownMember, bytes: Buffer, signature: unknown): boolean {
  if (typeof signature !== 'string') return false;
  const key = publicKeyObject('ed25519', member.signingKey);
  return verify(null, bytes, key, Buffer.from(signature, 'base64'));
}

function sessionBytes(claim: SessionClaim): Buffer {
  return canonicalBytes(SESSION_PURPOSE, {
    workspace: claim.workspace,
    member: claim.member,
    session: claim.session.toString('hex'),
    seq: claim.seq,
    previous: claim.prevHash.toString('hex'),
    key: claim.sealedKey.toString('hex'),
  });
}

function checkpointBytes(claim: CheckpointClaim): Buffer {
  const { workspace, size, root } = claim;
  const session = claim.session.toString('hex');
  return canonicalBytes(CHECKPOINT_PURPOSE, { workspace, session, size, root });
}
