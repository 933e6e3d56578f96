/** Adding members, and handing on to them the keys their roles entitle them to. */
import { randomBytes } from 'node:crypto';
import type { MemberSummary } from '#shared/contract/workspace.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Role } from '#shared/domain/words.ts';
import type { Ports } from '#core/ports.ts';
import {
  insertMember,
  listMemberRows,
  memberExists,
  setMemberState,
  type MemberRow,
} from '#core/store/tables/members.ts';
import { generateRawKeyPair } from '#core/vault/curve-keys.ts';
import { missingFrom, type Grant } from '#core/vault/grants.ts';
import { identityOf } from '#core/vault/header.ts';
import { wipeAll } from '#core/vault/keyring.ts';
import { argon2SelfTest } from '#core/vault/password.ts';
import { checkPassword } from '#core/vault/password-policy.ts';
import { sealSlot, slotIdOf } from '#core/vault/slot.ts';
import { sealFor } from './grant-files.ts';
import { rememberKeyFiles } from './key-digests.ts';
import { headerOf, readGrant, removeKeyFiles, writeGrant, writeSlot } from './key-files.ts';
import { keysInUse, readKeyState } from './key-state.ts';
import { genuineRevocations } from './revocations.ts';
import { sshFingerprint } from './ssh-fingerprint.ts';
import { requireGenuine, signStatement, sortedRoles } from './statements.ts';
import type { Session } from './types.ts';

export interface NewMember {
  member: string;
  password: string;
  roles: readonly Role[];
}

/** In the order they were added. Errors: WORKSPACE_DAMAGED where a row is not what was signed. */
export function listMembers(session: Session): MemberSummary[] {
  const rows = listMemberRows(session.catalogue);
  requireGenuine(headerOf(session.workspace), rows);
  genuineRevocations(session.workspace.id, session.catalogue, rows);
  const names = new Map(rows.map((row) => [row.id, row.name]));
  return rows.map((row) => summaryOf(row, names));
}

/**
 * Adds a member with their own keys, sealed under `password`, and hands on what the adder holds.
 * Where that is not all the roles entitle to, the member is `waiting`: whoever holds the rest
 * completes it when they next unlock.
 * Errors: NOT_ALLOWED, ALREADY_EXISTS, PASSWORD_WEAK, BAD_REQUEST, and those of `Session.act`.
 */
export async function addMember(
  session: Session,
  ports: Ports,
  input: NewMember,
): Promise<MemberSummary> {
  if (!session.member.roles.includes('supervisor')) {
    throw new CustosError('NOT_ALLOWED', 'Only a supervisor can add members. Ask one to do it.');
  }
  const { dir } = session.workspace;
  const header = headerOf(session.workspace);
  const name = requireName(input.member);
  const roles = requireRoles(input.roles);
  const slotId = slotIdOf(header, name);
  requireFreeName(session, name, (taken) => slotIdOf(header, taken) === slotId);
  checkPassword(input.password, name);
  await argon2SelfTest();

  const id = randomBytes(16).toString('hex');
  const encryption = generateRawKeyPair('x25519');
  const signing = generateRawKeyPair('ed25519');
  const secrets = {
    memberId: id,
    name,
    encryption: encryption.privateKey,
    signing: signing.privateKey,
    identity: identityOf(header),
  };
  const slot = await sealSlot(header, secrets, input.password, ports.passwordCost);
  wipeAll([secrets.encryption, secrets.signing]);

  const grant: Grant = {
    workspace: header.id,
    member: id,
    parts: sealFor(session, { id, roles, encryptionKey: encryption.publicKey }, []),
  };
  const waitingFor = missingFrom(grant, roles, keysInUse(readKeyState(session.catalogue)));
  const stated = {
    workspace: header.id,
    member: id,
    name,
    roles,
    encryptionKey: encryption.publicKey,
    signingKey: signing.publicKey,
    addedAt: ports.clock.now().toISOString(),
    by: session.member.id,
  };
  const signed = signStatement(stated, session.keys.signing);
  const state = waitingFor.length === 0 ? 'active' : 'waiting';
  const detail = { member: id, name, roles, state, statement: signed.statement };
  let filesWritten = false;
  try {
    return session.act({ type: 'member.added', detail }, (tx, seq) => {
      // Somebody may have been added while the password was being worked on.
      requireFreeName(session, name, (taken) => slotIdOf(header, taken) === slotId);
      filesWritten = true;
      writeSlot(dir, slotId, slot);
      writeGrant(dir, grant);
      rememberKeyFiles(tx, dir, [`${slotId}.slot`, `grants/${id}.grant`]);
      const row: MemberRow = {
        id,
        name,
        roles,
        state,
        encryptionKey: stated.encryptionKey,
        signingKey: stated.signingKey,
        statement: signed.statement,
        signature: signed.signature,
        signedBy: stated.by,
        addedAt: stated.addedAt,
        seq,
      };
      insertMember(tx, row);
      return summaryOf(row, new Map([[session.member.id, session.member.name]]));
    });
  } catch (error) {
    if (filesWritten) removeKeyFiles(dir, slotId, id);
    throw error;
  }
}

/**
 * Hands on to a member what this session holds, their signed roles entitle them to and they do not
 * hold yet. Returns whether their keys were completed now. `row` has been checked (`requireGenuine`).
 */
export function completeGrant(session: Session, row: MemberRow): boolean {
  const { dir, id: workspace } = session.workspace;
  const grant = readGrant(dir, workspace, row.id);
  const missing = missingFrom(grant, row.roles, keysInUse(readKeyState(session.catalogue)));
  if (missing.length === 0 && row.state === 'active') return false;
  const added = sealFor(session, row, grant.parts);
  // With nothing missing, a crash came between the file and the row: the row still has to follow.
  if (added.length === 0 && missing.length > 0) return false;
  const isComplete = added.length === missing.length;
  const compartments = added.map((part) => part.compartment);
  const detail = { member: row.id, name: row.name, compartments, complete: isComplete };
  session.act({ type: 'member.granted', detail }, (tx) => {
    writeGrant(dir, { ...grant, parts: [...grant.parts, ...added] });
    rememberKeyFiles(tx, dir, [`grants/${row.id}.grant`]);
    if (isComplete) setMemberState(tx, row.id, 'active');
  });
  return isComplete;
}

/** Trimmed, and shown as it will be stored. */
export function requireName(typed: string): string {
  const name = typed.normalize('NFC').trim();
  if (name.length === 0 || name.length > 200 || /\p{Cc}/u.test(name)) {
    throw new CustosError(
      'BAD_REQUEST',
      'A member needs a name of 1 to 200 characters, without line breaks.',
    );
  }
  return name;
}

/** Sorted, each once; at least one. */
export function requireRoles(roles: readonly Role[]): Role[] {
  const sorted = sortedRoles(roles);
  if (sorted.length === 0) {
    throw new CustosError('BAD_REQUEST', 'A member needs at least one role.');
  }
  return sorted;
}

function requireFreeName(session: Session, name: string, isSame: (taken: string) => boolean): void {
  if (listMemberRows(session.catalogue).some((row) => isSame(row.name))) throw memberExists(name);
}

function summaryOf(row: MemberRow, names: ReadonlyMap<string, string>): MemberSummary {
  return {
    id: row.id,
    name: row.name,
    roles: row.roles,
    addedAt: row.addedAt,
    addedBy: row.signedBy === row.id ? null : (names.get(row.signedBy) ?? null),
    state: row.state,
    fingerprint: sshFingerprint(row.signingKey),
  };
}
