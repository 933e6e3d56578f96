/** Which editions can be built, and what each of them holds of the pictures. */
import type { Edition } from '#shared/domain/words.ts';
import { CustosError } from '#shared/domain/errors.ts';

export interface EditionPlan {
  edition: Edition;
  /** Whether the bundle holds pictures at all. */
  pictures: boolean;
  /** For whom, in the report's own words. */
  purpose: string;
}

const PLANS: Partial<Record<Edition, EditionPlan>> = {
  sealed: {
    edition: 'sealed',
    pictures: true,
    purpose:
      'Sealed edition: holds every original, byte for byte, for the police or a court. Handle it as the exhibits themselves.',
  },
};

/** Throws BAD_REQUEST for an edition that this version does not build. */
export function editionPlan(edition: Edition): EditionPlan {
  const plan = PLANS[edition];
  if (plan) return plan;
  const known = Object.keys(PLANS).join(', ');
  throw new CustosError(
    'BAD_REQUEST',
    `The ${edition} edition cannot be built by this version of Custos. It builds: ${known}.`,
  );
}
