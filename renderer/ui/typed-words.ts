/** How many the core hands out (security.md: 32 random bytes as words). */
export const WORDS = 24;

/** What the contract lets through; more is cut, and the core then says in words what is wrong. */
const MOST_WORDS = 30;
const LONGEST = 40;

/**
 * The words in what somebody typed from paper: over any number of lines, in any case, with or
 * without the numbers before them (`1. one`, `2) two`, `3 three`).
 */
export function typedWords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s,;]+/)
    .map((word) => word.replace(/^\d+[.):]*/, '').slice(0, LONGEST))
    .filter((word) => word !== '')
    .slice(0, MOST_WORDS);
}
