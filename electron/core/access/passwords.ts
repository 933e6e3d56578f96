/** A member's own password: proving it once more, and putting another in its place. */
import { isCustosError } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import type { EntryInput } from '#core/record/types.ts';
import type { Writer } from '#core/store/types.ts';
import { wipeAll } from '#core/vault/keyring.ts';
import { checkPassword } from '#core/vault/password-policy.ts';
import type { MemberSecrets } from '#core/vault/slot-file.ts';
import { openSlot, sealSlot, slotIdOf } from '#core/vault/slot.ts';
import { rememberKeyFiles } from './key-digests.ts';
import { headerOf, readSlot, removeSlot, writeSlot } from './key-files.ts';
import { beginAttempt } from './slow-down.ts';
import type { Session } from './types.ts';

/**
 * The member's own secret keys, by their password once more: a session holds none of them. The
 * caller zeroes both. A wrong password waits and is recorded like a failed unlocking.
 * Errors: WRONG_CREDENTIALS, SLOWED_DOWN, WORKSPACE_DAMAGED, RECORD_UNWRITABLE.
 */
export async function ownSecrets(
  session: Session,
  ports: Ports,
  password: string,
): Promise<MemberSecrets> {
  const { dir } = session.workspace;
  const header = headerOf(session.workspace);
  const slotId = slotIdOf(header, session.member.name);
  const attempt = beginAttempt(dir, ports.clock);
  try {
    const contents = readSlot(dir, slotId);
    const secrets = await openSlot(header, slotId, contents, password, ports.passwordCost);
    attempt.succeeded();
    return secrets;
  } catch (error) {
    if (isCustosError(error) && error.code === 'WRONG_CREDENTIALS') {
      attempt.failed();
      // SECURITY: durable before the answer, as for a failed unlocking.
      const detail = { reason: 'wrong-own-password', member: session.member.name };
      session.note({ type: 'unlock.failed', detail });
    }
    throw error;
  }
}

/** Errors: those of `ownSecrets`, PASSWORD_WEAK, and those of `Session.act`. */
export async function changePassword(
  session: Session,
  ports: Ports,
  input: { old: string; new: string },
): Promise<void> {
  const { id, name } = session.member;
  checkPassword(input.new, name);
  const secrets = await ownSecrets(session, ports, input.old);
  try {
    const header = headerOf(session.workspace);
    const contents = await sealSlot(header, secrets, input.new, ports.passwordCost);
    const entry: EntryInput = { type: 'member.password', detail: { member: id, name } };
    replaceSlot(session, entry, slotIdOf(header, name), contents);
  } finally {
    wipeAll([secrets.encryption, secrets.signing]);
  }
}

/**
 * Puts a slot in the place of the one before, as one act: recorded first, and after a failure the
 * slot before is back. `change`: what else belongs to the act.
 */
export function replaceSlot(
  session: Session,
  entry: EntryInput,
  slotId: string,
  contents: string,
  change: (tx: Writer) => void = () => undefined,
): void {
  const { dir } = session.workspace;
  const before = readSlot(dir, slotId);
  let written = false;
  try {
    session.act(entry, (tx) => {
      written = true;
      writeSlot(dir, slotId, contents);
      rememberKeyFiles(tx, dir, [`${slotId}.slot`]);
      change(tx);
    });
  } catch (error) {
    if (written) {
      if (before === null) removeSlot(dir, slotId);
      else writeSlot(dir, slotId, before);
    }
    throw error;
  }
}
