/**
 * The 24 recovery words: 32 random bytes as people write them down (BIP 39, English list; the last
 * word holds a checksum). A slip of the pen is told apart from wrong words before any key is tried,
 * and where it was is said, never what was typed.
 */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { CustosError } from '#shared/domain/errors.ts';

export const RECOVERY_WORDS = 24;
const KNOWN = new Set(wordlist);

/** `entropy`: 32 bytes. */
export function wordsOf(entropy: Buffer): string[] {
  return entropyToMnemonic(entropy, wordlist).split(' ');
}

/** 32 bytes, which the caller zeroes. `words` in any case. Throws BAD_REQUEST saying what is wrong. */
export function entropyOf(words: readonly string[]): Buffer {
  const typed = words.map((word) => word.normalize('NFKC').trim().toLowerCase());
  if (typed.length !== RECOVERY_WORDS) {
    throw mistyped(
      `There are ${String(typed.length)} words; the recovery words are ${String(RECOVERY_WORDS)}.`,
    );
  }
  const unknown = typed.findIndex((word) => !KNOWN.has(word));
  if (unknown >= 0) throw mistyped(`Word ${String(unknown + 1)} is not a word of the list.`);
  try {
    return Buffer.from(mnemonicToEntropy(typed.join(' '), wordlist));
  } catch (cause) {
    // Length and words are right, so only the checksum is left to fail.
    throw mistyped(
      'The words do not fit together: one of them is another word of the list, or two have changed places.',
      cause,
    );
  }
}

function mistyped(what: string, cause?: unknown): CustosError {
  return new CustosError('BAD_REQUEST', `${what} Compare them with what you wrote down.`, {
    cause,
  });
}
