/**
 * Opening a member's slot by password, and the founder's second one by the 24 recovery words.
 */
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import { readOrDamaged } from './fields.ts';
import type { WorkspaceHeader } from './header.ts';
import {
  checkKdfParameters,
  dummyKdfParameters,
  keyFromPassword,
  newKdfParameters,
  type PasswordCost,
} from './password.ts';
import { entropyOf, wordsOf } from './recovery-words.ts';
import {
  damagedSlot,
  type MemberSecrets,
  openUnder,
  parseSlot,
  sealUnder,
  SLOT_WORDS,
} from './slot-file.ts';

export const RECOVERY_SLOT_ID = 'recovery';

/** 32 hex characters, the same for every way of typing the name. Tells nothing without the salt. */
export function slotIdOf(header: WorkspaceHeader, member: string): string {
  const name = member.normalize('NFKC').trim().toLowerCase();
  const mac = createHmac('sha256', header.salt).update(`custos/slot-id/v1\0${name}`).digest();
  return mac.subarray(0, 16).toString('hex');
}

/** The contents of `keys/<slot id>.slot`. */
export async function sealSlot(
  header: WorkspaceHeader,
  secrets: MemberSecrets,
  password: string,
  cost: PasswordCost,
): Promise<string> {
  const kdf = newKdfParameters(cost);
  const key = await keyFromPassword(password, kdf);
  const id = slotIdOf(header, secrets.name);
  return sealUnder(key, header, id, { name: 'argon2id', ...kdf }, secrets);
}

/**
 * `contents`: the slot file of `slotId`, or null where there is none.
 * A wrong password and an unknown member cost the same and give the same WRONG_CREDENTIALS.
 * Errors besides: WORKSPACE_DAMAGED, NEWER_WORKSPACE, NOT_ALLOWED (a slot made for tests).
 */
export async function openSlot(
  header: WorkspaceHeader,
  slotId: string,
  contents: string | null,
  password: string,
  cost: PasswordCost,
): Promise<MemberSecrets> {
  if (contents === null) {
    // SECURITY: the same work as for a real member, so that the clock does not tell who is one.
    const key = await keyFromPassword(password, dummyKdfParameters(cost, slotId));
    key.fill(0);
    throw wrongCredentials();
  }
  const slot = parseSlot(contents);
  const kdf = slot.kdf;
  if (kdf.name !== 'argon2id' || slot.id !== slotId) throw damagedSlot();
  readOrDamaged(SLOT_WORDS, () => {
    checkKdfParameters(kdf, cost);
  });
  const key = await keyFromPassword(password, kdf);
  return openUnder(key, header, slot, wrongCredentials);
}

/** Makes the founder's second way in: the contents of `keys/recovery.slot`, and its 24 words. */
export function sealRecoverySlot(
  header: WorkspaceHeader,
  secrets: MemberSecrets,
): { contents: string; words: string[] } {
  const entropy = randomBytes(32);
  const words = wordsOf(entropy);
  const salt = randomBytes(32);
  const key = recoveryKey(entropy, salt);
  entropy.fill(0);
  const kdf = { name: 'hkdf-sha256', salt } as const;
  return { contents: sealUnder(key, header, RECOVERY_SLOT_ID, kdf, secrets), words };
}

/**
 * `words`: 24 words in any case. Errors: BAD_REQUEST (mistyped), WRONG_CREDENTIALS (words of
 * something else), WORKSPACE_DAMAGED.
 */
export function openRecoverySlot(
  header: WorkspaceHeader,
  contents: string,
  words: readonly string[],
): MemberSecrets {
  const slot = parseSlot(contents);
  if (slot.kdf.name !== 'hkdf-sha256') throw damagedSlot();
  const entropy = entropyOf(words);
  const key = recoveryKey(entropy, slot.kdf.salt);
  entropy.fill(0);
  return openUnder(key, header, slot, wrongWords);
}

/** 256 bits from the words need no slow hash: HKDF keeps the key apart from other uses of them. */
function recoveryKey(entropy: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', entropy, salt, 'custos/recovery/v1', 32));
}

function wrongCredentials(cause?: unknown): CustosError {
  return new CustosError(
    'WRONG_CREDENTIALS',
    'The name or the password is not right. Nothing was opened; check both and try again.',
    { cause },
  );
}

function wrongWords(cause?: unknown): CustosError {
  return new CustosError(
    'WRONG_CREDENTIALS',
    'These are 24 recovery words, but not those of this workspace, or they were replaced by newer ones. Nothing was opened.',
    { cause },
  );
}
