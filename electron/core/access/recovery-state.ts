/** What the catalogue knows of the recovery words: whether they were checked, and used. */
import { CustosError } from '#shared/domain/errors.ts';
import { getMeta } from '#core/store/meta.ts';
import type { Reader } from '#core/store/types.ts';

/** In `meta`: when the words in force were typed again, and when they were last used. */
export const CONFIRMED = 'recovery_confirmed';
export const USED = 'recovery_used';

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
