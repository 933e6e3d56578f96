/**
 * The closed vocabularies of the product, one place each. Every other file derives from these:
 * schemas in `contract/`, check constraints in the catalogue, labels on the screens.
 */

/** What a member may do. One person may hold several. */
export const ROLES = ['investigator', 'legal', 'supervisor'] as const;
export type Role = (typeof ROLES)[number];

/**
 * The ladder: how much of a picture is shown. 0 is a covered tile and never a picture.
 * A rung's number is what the record holds; its words are what a person reads.
 */
export const RUNGS = [0, 1, 2, 3, 4] as const;
export type Rung = (typeof RUNGS)[number];
export type ShownRung = Exclude<Rung, 0>;
export const RUNG_WORDS: Record<Rung, string> = {
  0: 'covered',
  1: 'stylised',
  2: 'small grey',
  3: 'large grey',
  4: 'colour',
};

/** How a decision was reached. */
export const BASES = ['looked', 'inherited', 'known', 'carried', 'described'] as const;
export type Basis = (typeof BASES)[number];

export const CERTAINTIES = ['certain', 'likely', 'unsure'] as const;
export type Certainty = (typeof CERTAINTIES)[number];

/** Why somebody asks to see a picture. A decided item needs a typed reason besides. */
export const PURPOSES = ['decide', 'compare', 'second-opinion', 'relook', 'legal'] as const;
export type Purpose = (typeof PURPOSES)[number];

export const EDITIONS = ['sealed', 'redacted', 'hash-only', 'defence'] as const;
export type Edition = (typeof EDITIONS)[number];

/** Where an item stands: undecided, decided, or its bytes could not be read as a picture. */
export const ITEM_STATES = ['undecided', 'decided', 'unreadable'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

export const IMPORT_STATES = ['running', 'done', 'cancelled', 'interrupted', 'failed'] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

export const BUNDLE_STATES = ['requested', 'approved', 'built', 'failed'] as const;
export type BundleState = (typeof BUNDLE_STATES)[number];

/** The eight ways a square can be turned; names as in the PDQ reference's output columns. */
export const ORIENTATIONS = [
  'orig',
  'rot90',
  'rot180',
  'rot270',
  'flipx',
  'flipy',
  'flipplus1',
  'flipminus1',
] as const;
export type Orientation = (typeof ORIENTATIONS)[number];

/** Two pictures are near-duplicates at this PDQ distance (bits of 256) or less. */
export const PDQ_MATCH_DISTANCE = 31;
/** Below this PDQ quality a picture is "not hashable": it is never stacked by its hash. */
export const PDQ_MIN_QUALITY = 50;
