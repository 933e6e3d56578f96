/** Every step a database has ever taken, in order. A step that has shipped is never changed. */
import * as spine from './0010-spine.ts';
import * as upkeep from './0020-upkeep.ts';
import * as renditions from './derived/0010-renditions.ts';

export interface Migration {
  /** A multiple of ten, so that a step may still be put between two; stored as `user_version`. */
  readonly step: number;
  readonly slug: string;
  readonly sql: string;
}

export const CATALOGUE_STEPS: readonly Migration[] = [
  { step: 10, slug: spine.slug, sql: spine.sql },
  { step: 20, slug: upkeep.slug, sql: upkeep.sql },
];

export const DERIVED_STEPS: readonly Migration[] = [
  { step: 10, slug: renditions.slug, sql: renditions.sql },
];
