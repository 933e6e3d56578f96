/** As the core asks for (security.md 3); the core also knows a list of common ones. */
export const SHORTEST = 15;

/** Characters as people count them, after the normalisation the core applies. */
export function lengthOf(password: string): number {
  return [...password.normalize('NFKC')].length;
}

/** What is wrong with a new password, in words, or null. */
export function passwordTrouble(password: string, again: string): string | null {
  const length = lengthOf(password);
  if (length < SHORTEST) return `At least ${SHORTEST} characters; this has ${length}.`;
  if (again !== password) return 'The two are not the same.';
  return null;
}
