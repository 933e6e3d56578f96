import type { Role } from '#shared/domain/words.ts';

export const ROLE_WORDS: Record<Role, { label: string; about: string }> = {
  investigator: {
    label: 'Investigator',
    about: 'Imports, reviews and decides. Holds the key to pictures.',
  },
  legal: {
    label: 'Legal',
    about: 'Checks the reasoning, requests bundles. Sees a picture only with a reason.',
  },
  supervisor: {
    label: 'Supervisor',
    about: 'Reads the record, approves bundles, adds members. The role opens no picture.',
  },
};
