/**
 * Things a person chose in the host's own dialog, held here under opaque tokens. Screens pass the
 * token back; a path never crosses to them, and no path from a screen is ever used.
 */
import { randomBytes } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';

export interface Choices {
  /** Remembers paths and answers with a token of 32 hex characters. */
  keep(paths: readonly string[]): string;
  /** Throws NOT_FOUND for a token that was never given out. */
  paths(token: string): readonly string[];
  /** The one path of a token. */
  path(token: string): string;
  forget(): void;
}

export function createChoices(): Choices {
  const kept = new Map<string, readonly string[]>();
  const paths = (token: string): readonly string[] => {
    const found = kept.get(token);
    if (!found)
      throw new CustosError('NOT_FOUND', 'That choice is no longer known. Please choose it again.');
    return found;
  };
  return {
    keep(chosen) {
      const token = randomBytes(16).toString('hex');
      kept.set(token, [...chosen]);
      return token;
    },
    paths,
    path(token) {
      const [first] = paths(token);
      if (first === undefined) throw new CustosError('NOT_FOUND', 'Nothing was chosen.');
      return first;
    },
    forget: () => kept.clear(),
  };
}
