/**
 * Which passwords are accepted, after SP 800-63B-4: long, any Unicode, no rules of composition,
 * nothing that stands at the top of every guessing list. And a generator, because the best
 * password is one nobody thought of.
 */
import { randomInt } from 'node:crypto';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { CustosError } from '#shared/domain/errors.ts';

export const MIN_PASSWORD_LENGTH = 15;
const SUGGESTED_WORDS = 6;
const MIN_DISTINCT_CHARACTERS = 5;

/** Long passwords that guessing lists hold; compared without spaces, punctuation and case. */
const COMMON = new Set([
  'correcthorsebatterystaple',
  'passwordpassword',
  'passwordpassword1',
  'password1password1',
  'password123password',
  'password123456789',
  'thisisapassword',
  'thisismypassword',
  'mypasswordispassword',
  'letmeinletmein',
  'letmeinletmeinletmein',
  'qwertyuiopasdfgh',
  'qwertyuiopasdfghjkl',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertyqwertyqwerty',
  '1qaz2wsx3edc4rfv',
  '1qaz2wsx3edc4rfv5tgb',
  '1q2w3e4r5t6y7u8i',
  '1q2w3e4r5t6y7u8i9o0p',
  'zaq12wsxcde34rfv',
  'iloveyouiloveyou',
  'administrator123',
  'administratoradministrator',
  'welcometothejungle',
  'tobeornottobethatisthequestion',
  'tobeornottobe',
  'thequickbrownfox',
  'thequickbrownfoxjumpsoverthelazydog',
  'loremipsumdolorsitamet',
  'trustno1trustno1',
  'changemechangeme',
  'investigator1234',
  'supervisor123456',
]);

/** Throws PASSWORD_WEAK with what to do about it. */
export function checkPassword(password: string, member: string): void {
  const folded = password.normalize('NFKC').toLowerCase();
  const characters = [...folded];
  if (characters.length < MIN_PASSWORD_LENGTH) {
    throw weak(`It has ${String(characters.length)} characters; use at least ${least()}.`);
  }
  if (new Set(characters).size < MIN_DISTINCT_CHARACTERS || isRepetition(characters)) {
    throw weak('It repeats the same few characters.');
  }
  if (isSequence(characters)) throw weak('It is a row of neighbouring characters.');
  if (COMMON.has(lettersAndDigits(folded))) throw weak('It is on every list of common passwords.');
  for (const known of [member.normalize('NFKC').toLowerCase().trim(), 'custos']) {
    const rest = known.length < 3 ? folded : folded.replaceAll(known, '');
    if ([...rest].length < MIN_PASSWORD_LENGTH) {
      throw weak(
        `Without ${known === 'custos' ? 'the name of the program' : 'your own name'} in it, fewer than ${least()} characters are left.`,
      );
    }
  }
}

/** Six random words, 66 bits: at the product's cost per guess, out of reach. */
export function suggestPassword(): string {
  const words = Array.from({ length: SUGGESTED_WORDS }, () => wordlist[randomInt(wordlist.length)]);
  return words.join('-');
}

function least(): string {
  return String(MIN_PASSWORD_LENGTH);
}

function weak(why: string): CustosError {
  return new CustosError(
    'PASSWORD_WEAK',
    `This password is too easy to guess. ${why} Several unrelated words work well, or take a suggested password.`,
  );
}

/** One unit, over and over (the last time perhaps cut short). */
function isRepetition(characters: readonly string[]): boolean {
  for (let unit = 1; unit <= characters.length / 2; unit++) {
    if (characters.every((character, at) => character === characters[at % unit])) return true;
  }
  return false;
}

/** abcdef…, 987654…, and digits that go on from 9 to 0. */
function isSequence(characters: readonly string[]): boolean {
  const steps = characters.slice(1).map((character, at) => {
    const step = (character.codePointAt(0) ?? 0) - (characters[at]?.codePointAt(0) ?? 0);
    return Math.abs(step) === 9 ? -Math.sign(step) : step;
  });
  return steps.every((step) => step === 1) || steps.every((step) => step === -1);
}

function lettersAndDigits(password: string): string {
  return password.replace(/[^\p{L}\p{N}]/gu, '');
}
