/**
 * After each failed unlocking the next one has to wait: 1, 2, 4 … 300 seconds. The count is kept
 * in the workspace, so that neither a restart nor another window shortens it. It stops a person at
 * this keyboard; against somebody with a copy of the files only the password's cost helps.
 */
import type { Clock } from '#core/ports.ts';
import { removeFileDurably, writeFileDurably } from '#core/store/files.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { attemptsPath, readSmallFile } from './key-files.ts';

const LONGEST_SECONDS = 300;

interface Attempts {
  failures: number;
  /** Milliseconds since 1970. */
  last: number;
}

export interface AttemptCounter {
  /** Attempts before this one that failed. */
  readonly failedBefore: number;
  /** This one failed: the wait counts from now. */
  failed(): void;
  succeeded(): void;
}

/** Seconds to wait after so many failures in a row. */
export function secondsToWait(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_SECONDS, 2 ** (failures - 1));
}

/**
 * Lets an attempt begin, or throws SLOWED_DOWN with the seconds left.
 * SECURITY: the attempt is counted before the password is tried, so that ending the process while
 * it works does not win a free guess.
 */
export function beginAttempt(dir: string, clock: Clock): AttemptCounter {
  const before = readAttempts(dir);
  const now = clock.now().getTime();
  if (before.last > now) {
    // The clock was set back; the wait begins anew instead of lasting until it has caught up.
    before.last = now;
    writeAttempts(dir, before);
  }
  const left = Math.ceil(secondsToWait(before.failures) - (now - before.last) / 1000);
  if (left > 0) {
    throw new CustosError(
      'SLOWED_DOWN',
      `The last attempt to unlock failed. Wait ${String(left)} ${left === 1 ? 'second' : 'seconds'}, then try again.`,
    );
  }
  const failures = before.failures + 1;
  writeAttempts(dir, { failures, last: now });
  return {
    failedBefore: before.failures,
    failed() {
      writeAttempts(dir, { failures, last: clock.now().getTime() });
    },
    succeeded() {
      removeFileDurably(attemptsPath(dir));
    },
  };
}

/** A file that cannot be understood counts as none: whoever can damage it could delete it too. */
function readAttempts(dir: string): Attempts {
  const contents = readSmallFile(attemptsPath(dir));
  const match = /^\{"failures":(\d{1,9}),"last":(\d{1,15})\}$/.exec(contents ?? '');
  return { failures: Number(match?.[1] ?? 0), last: Number(match?.[2] ?? 0) };
}

function writeAttempts(dir: string, attempts: Attempts): void {
  const { failures, last } = attempts;
  writeFileDurably(attemptsPath(dir), JSON.stringify({ failures, last }));
}
