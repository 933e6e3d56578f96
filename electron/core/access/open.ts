/**
 * Unlocking: from a folder, a name and a password to a session. The order is the promise: locked
 * against a second process, slowed down, tried, recorded, and only then answered.
 */
import path from 'node:path';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { openRecord } from '#core/record/recorder.ts';
import { makeRoomToOpen, releaseBallast } from '#core/store/ballast.ts';
import { openBlobStore, type BlobKeySource } from '#core/store/blobs.ts';
import {
  closeDatabase,
  openDatabase,
  openDerived,
  together,
  withOneOf,
} from '#core/store/databases.ts';
import { asCustosError, systemCode } from '#core/store/errors.ts';
import type { BlobStore, Writer } from '#core/store/types.ts';
import { acquireLock, type WorkspaceLock } from '#core/store/workspace-lock.ts';
import { privateKeyObject, rawPublicKey } from '#core/vault/curve-keys.ts';
import { openGrant } from '#core/vault/grants.ts';
import { identityOf, type WorkspaceHeader } from '#core/vault/header.ts';
import { catalogueKeys, makeKeyring, wipeAll } from '#core/vault/keyring.ts';
import { argon2SelfTest } from '#core/vault/password.ts';
import type { MemberSecrets } from '#core/vault/slot-file.ts';
import type { Keyring } from '#core/vault/types.ts';
import { openSlot, slotIdOf } from '#core/vault/slot.ts';
import { requireMember } from './admission.ts';
import { changedWhileClosed, digestOfCatalogue } from './closed-catalogue.ts';
import { recordKeysOf } from './epochs.ts';
import { faceOf, onlySlotId, readEpochs, readGrant, readHeader, readSlot } from './key-files.ts';
import { keysInUse, readKeyState } from './key-state.ts';
import { openOwnRecord, putRight, requireSameOrigin } from './recovery.ts';
import { recoveryUsedNotice } from './recovery-state.ts';
import { tellRestore } from './restored.ts';
import { createSession } from './session.ts';
import { beginAttempt } from './slow-down.ts';
import type { Session } from './types.ts';

/**
 * `member`: a name, or null where the workspace has one member only (else USAGE).
 * Errors: NOT_A_WORKSPACE, NEWER_WORKSPACE, WORKSPACE_BUSY, SLOWED_DOWN, WRONG_CREDENTIALS,
 * NOT_ALLOWED (no longer a member; a workspace made for tests), KEY_UNAVAILABLE,
 * WORKSPACE_DAMAGED, RECORD_UNWRITABLE, DISK_FULL, IO_FAILED. Whatever is thrown, nothing stays
 * open. A record or a catalogue that was rolled back or changed opens read-only and says so.
 */
export async function openWorkspace(
  ports: Ports,
  dir: string,
  member: string | null,
  password: string,
): Promise<Session> {
  const folder = path.resolve(dir);
  // Before the lock, so that a folder that is no workspace gets no lock file.
  const header = readHeader(folder);
  const lock = acquireLock(folder);
  try {
    return await unlock(ports, { dir: folder, header, lock }, member, password);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A workspace whose lock is held and that nobody has unlocked yet. */
export interface Locked {
  dir: string;
  header: WorkspaceHeader;
  lock: WorkspaceLock;
}

async function unlock(
  ports: Ports,
  place: Locked,
  member: string | null,
  password: string,
): Promise<Session> {
  const { dir, header } = place;
  await argon2SelfTest();
  const slotId = member === null ? requireOnlySlot(dir) : slotIdOf(header, member);
  const attempt = withRoom(dir, () => beginAttempt(dir, ports.clock));
  const slot = readSlot(dir, slotId);
  let secrets: MemberSecrets;
  try {
    secrets = await openSlot(header, slotId, slot, password, ports.passwordCost);
  } catch (error) {
    if (isCustosError(error) && error.code === 'WRONG_CREDENTIALS') {
      withRoom(dir, () => {
        attempt.failed();
      });
      // SECURITY: durable before the answer, or the answer is not given (security.md 3). The name
      // is kept only if it is a member's: a person may have typed their password in its place.
      recordFailure(ports, place, {
        reason: 'wrong-credentials',
        member: slot === null ? null : (member?.trim() ?? null),
      });
    }
    throw error;
  }
  attempt.succeeded();
  try {
    return enter(ports, place, secrets, attempt.failedBefore);
  } finally {
    wipeAll([secrets.encryption, secrets.signing]);
  }
}

/**
 * The password (or the recovery words) were right: keys, databases, membership, record. `secrets`
 * stay the caller's to zero.
 */
export function enter(
  ports: Ports,
  place: Locked,
  secrets: MemberSecrets,
  failedBefore: number,
): Session {
  const { dir, header } = place;
  if (secrets.identity !== identityOf(header)) throw exchangedHeader();
  makeRoomToOpen(dir);
  const grant = readGrant(dir, header.id, secrets.memberId);
  const undo: (() => void)[] = [];
  try {
    const opened = openGrant(grant, secrets.encryption);
    undo.push(() => {
      wipeAll(opened.map(({ key }) => key));
    });
    const asFound = digestOfCatalogue(dir);
    const catalogue = withOneOf(catalogueKeys(opened), (key) =>
      openDatabase(dir, 'catalogue', key, { readOnly: false }),
    );
    undo.push(() => {
      closeDatabase(catalogue);
    });
    const signing = privateKeyObject('ed25519', secrets.signing);
    const { row, keys } = admit(ports, place, () => {
      const state = readKeyState(catalogue);
      const admitted = requireMember(header, catalogue, state, grant, rawPublicKey(signing));
      const record = recordKeysOf(header, state.epochs);
      return { row: admitted, keys: makeKeyring(record, signing, opened, keysInUse(state)) };
    });
    const lost: string[] = [];
    const derived = openPictures(dir, keys, (sentence) => lost.push(sentence));
    undo.push(() => {
      if (derived) closeDatabase(derived);
    });
    const member = { id: row.id, name: row.name, roles: row.roles };
    const { record, notices, writable, ...own } = openOwnRecord(
      ports,
      { dir, header, keys, member },
      catalogue,
    );
    undo.push(() => {
      record.close();
    });
    if (writable) requireSameOrigin(header, record, keys);
    const isOther = changedWhileClosed(ports.machineDir, header.id, asFound, record.lastDone);
    const readOnly = own.readOnly ?? (isOther ? CHANGED_WHILE_CLOSED : null);
    let keysNow = (): Keyring => keys;
    const session = createSession(ports, {
      workspace: { ...faceOf(dir, header), dir },
      member,
      keys,
      databases: together(catalogue, derived),
      blobs: openBlobs(dir, () => keysNow(), readOnly !== null),
      record,
      recordWritable: writable,
      lock: place.lock,
      readOnly,
      notices,
    });
    notices.push(...lost);
    keysNow = () => session.keys;
    // A record that was tampered with takes no entry; nothing can be shown or changed then.
    if (writable) {
      welcome(ports, session, notices, failedBefore, row.state === 'waiting');
      for (const what of lost) session.note({ type: 'workspace.recovered', detail: { what } });
      notices.push(...tellRestore(ports, session));
    }
    return session;
  } catch (error) {
    for (const step of undo.reverse()) {
      try {
        step();
      } catch (second) {
        // The first failure is the one to answer with; this one must not hide it.
        const reason = isCustosError(second) ? second.code : 'INTERNAL';
        ports.log({ level: 'error', text: `closing after a failed unlock: ${reason}` });
      }
    }
    // A damaged page may be met by any query; it is told like damage met at the first.
    throw systemCode(error) === '' ? error : asCustosError(error, 'opening the workspace');
  }
}

const CHANGED_WHILE_CLOSED =
  'The catalogue was changed from outside while it was closed, or part of it was put back to an earlier state: it is not as this machine left it, and no change was made since. Nothing is changed here any more; compare with a backup.';

/** Null for a member without the keys of pictures. `onLost`: as for `openDerived`. */
function openPictures(
  dir: string,
  { pictures, earlier }: Keyring,
  onLost: (sentence: string) => void,
): Writer | null {
  if (pictures === null) return null;
  const others = earlier === null ? [] : [earlier.content];
  return openDerived(dir, [pictures.content, ...others], { readOnly: false }, onLost);
}

/** `now`: the keys as they stand, which a rotation replaces. Null without the keys of pictures. */
function openBlobs(dir: string, now: () => Keyring, readOnly: boolean): BlobStore | null {
  if (now().pictures === null) return null;
  // A session that holds the keys of pictures never comes to hold none.
  const source: BlobKeySource = () => ({ current: now().pictures!, earlier: now().earlier });
  return openBlobStore(dir, source, { readOnly });
}

function welcome(
  ports: Ports,
  session: Session,
  notices: string[],
  failedBefore: number,
  isWaiting: boolean,
): void {
  if (failedBefore > 0) {
    notices.push(
      `${String(failedBefore)} failed ${failedBefore === 1 ? 'attempt' : 'attempts'} to unlock came before this one.`,
    );
  }
  if (isWaiting) {
    notices.push(
      'Some of your keys are still to be granted, so pictures cannot be opened yet. They follow when a member who holds them next unlocks.',
    );
  }
  const used = recoveryUsedNotice(session.catalogue);
  if (used !== null) notices.push(used);
  const { roles } = session.member;
  const { readOnly } = session;
  session.note({ type: 'unlock.succeeded', detail: { roles, failedBefore, readOnly } });
  if (readOnly === null) notices.push(...putRight(session, ports.clock));
}

/** Runs `check`; a refusal after a right password is on the record too, before it is answered. */
function admit<T>(ports: Ports, place: Locked, check: () => T): T {
  try {
    return check();
  } catch (error) {
    const reason = asCustosError(error, 'checking the members').code;
    recordFailure(ports, place, { reason, member: null });
    throw error;
  }
}

/** Puts a refusal on the record while nobody is let in. Errors: RECORD_UNWRITABLE, RECORD_TAMPERED. */
export function recordFailure(
  ports: Ports,
  { dir, header }: Locked,
  detail: { reason: string; member: string | null },
): void {
  const keys = recordKeysOf(header, readEpochs(dir, header.id));
  const record = openRecord({
    dir,
    workspaceId: header.id,
    recordPublic: keys.recordPublic,
    recordPrivate: null,
    checkpoint: null,
    checkpointPublic: keys.checkpointPublic,
    earlierCheckpoints: keys.earlierCheckpoints,
    member: null,
    // Nothing is read here.
    members: () => null,
    clock: ports.clock,
    anchors: openAnchors(ports.machineDir),
    onFull: () => {
      releaseBallast(dir);
    },
  });
  try {
    record.append({ type: 'unlock.failed', detail });
  } finally {
    record.close();
  }
}

/** On a full disk, once more with the room that was kept for this: a full disk locks nobody out. */
export function withRoom<T>(dir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isCustosError(error) || error.code !== 'DISK_FULL') throw error;
    releaseBallast(dir);
    return work();
  }
}

function requireOnlySlot(dir: string): string {
  const slotId = onlySlotId(dir);
  if (slotId !== null) return slotId;
  throw new CustosError(
    'USAGE',
    'This workspace has more than one member. Say who you are: the name you were added with.',
  );
}

function exchangedHeader(): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    'The header of this workspace (custos.json) is not the one it was when you were added: it was changed or exchanged. Nothing was opened. Restore the file from a backup, and tell a supervisor.',
  );
}
