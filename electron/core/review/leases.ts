/**
 * Leases: the one thing a screen is given instead of a picture. A lease is 128 random bits, good
 * for one fetch of one rendition within a minute, and worthless once its look was covered, its
 * item was decided, or the workspace locked.
 */
import { randomBytes } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import type { ShownRung } from '#shared/domain/words.ts';
import type { Clock } from '#core/ports.ts';

export const LEASE_SECONDS = 60;

export interface LeaseTerms {
  readonly lookId: number;
  readonly caseId: number;
  readonly itemId: number;
  /** Member the look is recorded for. */
  readonly memberId: string;
  readonly rung: ShownRung;
  /** Whether a reason was given to see an item that is decided. */
  readonly relook: boolean;
  /** Longest side in device pixels. */
  readonly box: number;
}

export interface Lease extends LeaseTerms {
  /** True once leases were revoked or its look is over, also after this one was redeemed. */
  isRevoked(): boolean;
}

export interface Leases {
  /** Returns the token: 32 hex characters. */
  issue(terms: LeaseTerms): string;
  /** Spends the token. Throws LEASE_INVALID for one that is unknown, spent, too old or revoked. */
  redeem(token: string): Lease;
  /** The look is over: what was not fetched by now never is. */
  withdraw(lookId: number): void;
  revokeAll(): void;
}

interface Issued {
  terms: LeaseTerms;
  /** Monotonic milliseconds. */
  ends: number;
}

export function createLeases(clock: Clock): Leases {
  const issued = new Map<string, Issued>();
  /** Looks that were covered; there are no more of them than a person can take in one session. */
  const over = new Set<number>();
  let generation = 0;

  const forgetOld = (): void => {
    for (const [token, { ends }] of issued) {
      if (ends <= clock.monotonicMs()) issued.delete(token);
    }
  };
  return {
    issue(terms) {
      forgetOld();
      // SECURITY: 128 bits from the system's generator; a token cannot be guessed within its life.
      const token = randomBytes(16).toString('hex');
      issued.set(token, { terms, ends: clock.monotonicMs() + LEASE_SECONDS * 1000 });
      return token;
    },
    redeem(token) {
      const found = issued.get(token);
      // SECURITY: single use; it is gone before anything is read, whatever becomes of the read.
      issued.delete(token);
      if (found === undefined || found.ends <= clock.monotonicMs()) {
        throw new CustosError(
          'LEASE_INVALID',
          'This picture can no longer be shown by this address. Ask to see it again.',
        );
      }
      const born = generation;
      const { terms } = found;
      return { ...terms, isRevoked: () => generation !== born || over.has(terms.lookId) };
    },
    withdraw(lookId) {
      over.add(lookId);
      for (const [token, { terms }] of issued) if (terms.lookId === lookId) issued.delete(token);
    },
    revokeAll() {
      issued.clear();
      generation += 1;
    },
  };
}
