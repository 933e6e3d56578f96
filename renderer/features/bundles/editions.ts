import type { Edition } from '#shared/domain/words.ts';

export const EDITION_WORDS: Record<Edition, { label: string; about: string }> = {
  sealed: { label: 'Sealed', about: 'With the originals. For police or a court.' },
  redacted: { label: 'Redacted', about: 'With reduced renditions, no originals.' },
  'hash-only': { label: 'Hashes only', about: 'No picture at all. For providers and hash lists.' },
  defence: { label: 'Defence', about: 'A controlled viewing copy.' },
};
