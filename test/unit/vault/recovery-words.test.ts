/** Recovery words as people type them: what is wrong is said, and never what was typed. */
import { randomBytes } from 'node:crypto';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entropyOf, wordsOf } from '#core/vault/recovery-words.ts';

const mistyped = (sentence: RegExp): unknown =>
  expect.objectContaining({ code: 'BAD_REQUEST', message: expect.stringMatching(sentence) });

describe('recovery words', () => {
  it('are 24, and give back the 32 bytes they stand for, in any case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const words = wordsOf(Buffer.from(bytes));
        expect(words).toHaveLength(24);
        expect(entropyOf(words).equals(bytes)).toBe(true);
        expect(entropyOf(words.map((word) => ` ${word.toUpperCase()} `)).equals(bytes)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('tell a word that is not on the list by its place', () => {
    const words = wordsOf(randomBytes(32));
    for (const place of [0, 6, 23]) {
      const typed = words.with(place, 'evidenze');
      expect(() => entropyOf(typed)).toThrow(mistyped(new RegExp(`^Word ${place + 1} is not`)));
      expect(() => entropyOf(typed)).not.toThrow(/evidenze/);
    }
  });

  it('tell how many there are where it is not 24', () => {
    const words = wordsOf(randomBytes(32));
    expect(() => entropyOf(words.slice(0, 12))).toThrow(mistyped(/^There are 12 words/));
    expect(() => entropyOf([])).toThrow(mistyped(/^There are 0 words/));
  });

  it('notice another word of the list, but for one in 256', () => {
    const words = wordsOf(Buffer.alloc(32, 7));
    const told = wordlist.filter((word) => {
      try {
        entropyOf(words.with(3, word));
        return false;
      } catch (error) {
        expect(error).toEqual(mistyped(/^The words do not fit together/));
        return true;
      }
    });
    expect(told.length / wordlist.length).toBeGreaterThan(0.99);
  });
});
