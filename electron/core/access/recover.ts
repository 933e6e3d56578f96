/**
 * The recovery words: a second way to one member's keys, for the day a password is lost. They are
 * checked once after they were written down, used to set a new password, and replaced afterwards.
 */
import path from 'node:path';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import { setMeta } from '#core/store/meta.ts';
import { acquireLock } from '#core/store/workspace-lock.ts';
import { wipeAll } from '#core/vault/keyring.ts';
import { argon2SelfTest } from '#core/vault/password.ts';
import { checkPassword } from '#core/vault/password-policy.ts';
import { entropyOf } from '#core/vault/recovery-words.ts';
import type { MemberSecrets } from '#core/vault/slot-file.ts';
import {
  openRecoverySlot,
  RECOVERY_SLOT_ID,
  sealRecoverySlot,
  sealSlot,
  slotIdOf,
} from '#core/vault/slot.ts';
import { headerOf, readHeader, readSlot } from './key-files.ts';
import { enter, recordFailure, withRoom, type Locked } from './open.ts';
import { ownSecrets, replaceSlot } from './passwords.ts';
import { CONFIRMED, renewedRecovery, USED } from './recovery-state.ts';
import { beginAttempt } from './slow-down.ts';
import type { Session } from './types.ts';

export interface RecoveryUse {
  words: readonly string[];
  /** The name the person gave, to be sure whose password is replaced; or null. */
  member: string | null;
  newPassword: string;
}

/**
 * Sets a new password for the member whose keys the words open, and answers with their name. The
 * workspace stays locked. On the record before the answer.
 * Errors: BAD_REQUEST (mistyped words), WRONG_CREDENTIALS, SLOWED_DOWN, PASSWORD_WEAK, NOT_FOUND
 * (no recovery words, or another member's), and those of unlocking and of `Session.act`.
 */
export async function useRecovery(
  ports: Ports,
  dir: string,
  input: RecoveryUse,
): Promise<{ member: string }> {
  // A slip of the pen costs no attempt and needs no key.
  entropyOf(input.words).fill(0);
  const folder = path.resolve(dir);
  const header = readHeader(folder);
  const lock = acquireLock(folder);
  try {
    await argon2SelfTest();
    const place = { dir: folder, header, lock };
    const { secrets, failedBefore } = openByWords(ports, place, input.words);
    try {
      return await setPassword(ports, place, secrets, input, failedBefore);
    } finally {
      wipeAll([secrets.encryption, secrets.signing]);
    }
  } finally {
    lock.release();
  }
}

function openByWords(
  ports: Ports,
  place: Locked,
  words: readonly string[],
): { secrets: MemberSecrets; failedBefore: number } {
  const { dir, header } = place;
  const contents = readRecoverySlot(dir);
  const attempt = withRoom(dir, () => beginAttempt(dir, ports.clock));
  try {
    const secrets = openRecoverySlot(header, contents, words);
    attempt.succeeded();
    return { secrets, failedBefore: attempt.failedBefore };
  } catch (error) {
    if (isCustosError(error) && error.code === 'WRONG_CREDENTIALS') {
      attempt.failed();
      // SECURITY: durable before the answer, as for a failed unlocking.
      recordFailure(ports, place, { reason: 'wrong-recovery-words', member: null });
    }
    throw error;
  }
}

async function setPassword(
  ports: Ports,
  place: Locked,
  secrets: MemberSecrets,
  input: RecoveryUse,
  failedBefore: number,
): Promise<{ member: string }> {
  const { header } = place;
  const { memberId, name } = secrets;
  const slotId = slotIdOf(header, name);
  if (input.member !== null && slotIdOf(header, input.member) !== slotId) {
    throw new CustosError(
      'NOT_FOUND',
      'These words belong to another member of this workspace. Nothing was changed.',
    );
  }
  checkPassword(input.newPassword, name);
  const contents = await sealSlot(header, secrets, input.newPassword, ports.passwordCost);
  const session = enter(ports, place, secrets, failedBefore);
  try {
    const detail = { member: memberId, name, what: 'a new password was set' };
    const at = ports.clock.now().toISOString();
    replaceSlot(session, { type: 'workspace.recovered', detail }, slotId, contents, (tx) => {
      setMeta(tx, USED, at);
    });
    return { member: name };
  } finally {
    session.close('closed');
  }
}

/**
 * Notes that the words were typed again as they were written down. Changes nothing else.
 * Errors: BAD_REQUEST, WRONG_CREDENTIALS, NOT_FOUND, and those of `Session.act`.
 */
export function confirmRecovery(session: Session, ports: Ports, words: readonly string[]): void {
  const { dir } = session.workspace;
  const { memberId, name, ...keys } = openRecoverySlot(
    headerOf(session.workspace),
    readRecoverySlot(dir),
    words,
  );
  wipeAll([keys.encryption, keys.signing]);
  const at = ports.clock.now().toISOString();
  session.act({ type: 'recovery.confirmed', detail: { member: memberId, name } }, (tx) => {
    setMeta(tx, CONFIRMED, at);
  });
}

/**
 * New recovery words, for this member's keys; the ones before open nothing any more.
 * Errors: NOT_ALLOWED, those of `ownSecrets` and of `Session.act`.
 */
export async function renewRecovery(
  session: Session,
  ports: Ports,
  password: string,
): Promise<{ recoveryWords: string[] }> {
  const { id, name, roles } = session.member;
  // As for the first member: who recovers must be able to add people and to hand on every key.
  if (!roles.includes('supervisor') || session.keys.content === null) {
    throw new CustosError(
      'NOT_ALLOWED',
      'Recovery words must open everything: they belong to a member who is a supervisor and also investigator or legal.',
    );
  }
  const secrets = await ownSecrets(session, ports, password);
  try {
    const { contents, words } = sealRecoverySlot(headerOf(session.workspace), secrets);
    const detail = { member: id, name };
    replaceSlot(session, { type: 'recovery.renewed', detail }, RECOVERY_SLOT_ID, contents, (tx) => {
      renewedRecovery(tx, id);
    });
    return { recoveryWords: words };
  } finally {
    wipeAll([secrets.encryption, secrets.signing]);
  }
}

function readRecoverySlot(dir: string): string {
  const contents = readSlot(dir, RECOVERY_SLOT_ID);
  if (contents === null) {
    throw new CustosError(
      'NOT_FOUND',
      'This workspace has no recovery words at present. A supervisor who also holds the keys to pictures can make new ones.',
    );
  }
  return contents;
}
