/** What the catalogue knows of the recovery words: whether they were checked, and used. */
import { CustosError } from '#shared/domain/errors.ts';
import { clearMeta, getMeta, setMeta } from '#core/store/meta.ts';
import type { MemberRow } from '#core/store/tables/members.ts';
import type { Reader, Writer } from '#core/store/types.ts';

/** In `meta`: when the words in force were typed again, and when they were last used. */
export const CONFIRMED = 'recovery_confirmed';
export const USED = 'recovery_used';
/** In `meta`: whose keys the words open, once that is not the founder any more. */
const MEMBER = 'recovery_member';
/** The founder's words were taken away, and nobody has made others. */
const NOBODY = '';

/** Whose keys the words in force open, or null where there are none. */
export function recoveryMember(catalogue: Reader, rows: readonly MemberRow[]): string | null {
  const renewed = getMeta(catalogue, MEMBER);
  if (renewed === null) return rows.find((row) => row.signedBy === row.id)?.id ?? null;
  return renewed === NOBODY ? null : renewed;
}

/** New words, of this member: neither used nor checked yet. */
export function renewedRecovery(tx: Writer, member: string): void {
  setMeta(tx, MEMBER, member);
  clearMeta(tx, CONFIRMED);
  clearMeta(tx, USED);
}

/** No words any more. */
export function forgetRecovery(tx: Writer): void {
  renewedRecovery(tx, NOBODY);
}

/** Whether the words in force were typed again after they were written down. */
export function isRecoveryConfirmed(catalogue: Reader): boolean {
  return getMeta(catalogue, CONFIRMED) !== null;
}

/** Until the words were typed again nothing is brought in that a lost password would lose. */
export function requireRecoveryConfirmed(catalogue: Reader): void {
  if (isRecoveryConfirmed(catalogue)) return;
  throw new CustosError(
    'NOT_ALLOWED',
    'Before the first import the recovery words must be typed in once, as they were written down: without them a lost password means lost evidence. Do that in Settings, or make new words there.',
  );
}

/** Said at every unlocking until the used words were replaced; null where they were not used. */
export function recoveryUsedNotice(catalogue: Reader): string | null {
  const at = getMeta(catalogue, USED);
  return at === null
    ? null
    : `The recovery words were used on ${at.slice(0, 10)}. Whoever has seen them can use them again: make new ones (recovery renew).`;
}
