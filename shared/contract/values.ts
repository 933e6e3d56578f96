/** Plain values that several channels share. Everything here survives JSON and structuredClone. */
import { z } from 'zod';
import { FACT_KEYS, type FactKey } from '../domain/facts.ts';
import { ERROR_CODES } from '../domain/errors.ts';
import {
  BASES,
  CERTAINTIES,
  EDITIONS,
  IMPORT_STATES,
  ITEM_STATES,
  PURPOSES,
  ROLES,
} from '../domain/words.ts';

export const id = z.int().positive();
/** An opaque token for something chosen in the host's own dialog; never a path. */
export const choiceId = z.string().regex(/^[a-f0-9]{32}$/);
/** ISO 8601 in UTC with milliseconds. */
export const instant = z.iso.datetime();
export const role = z.enum(ROLES);
export const basis = z.enum(BASES);
export const certainty = z.enum(CERTAINTIES);
export const itemState = z.enum(ITEM_STATES);
export const importState = z.enum(IMPORT_STATES);
export const edition = z.enum(EDITIONS);
export const purpose = z.enum(PURPOSES);
export const rung = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export const shownRung = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export const factKey = z.enum(FACT_KEYS as [FactKey, ...FactKey[]]);
/** Reasons and labels people type. Bounded so that one message cannot fill the record. */
export const reason = z.string().trim().min(3).max(2000);
export const label = z
  .string()
  .trim()
  .min(1)
  .max(200)
  // Half a character becomes another one on its way to disk; the record and the catalogue would differ.
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'without line breaks and control characters');
/** A password as typed: never trimmed, never logged. */
export const password = z.string().min(1).max(1024);
export const empty = z.strictObject({});
export const nothing = z.null();

export const factInput = z.strictObject({
  key: factKey,
  /** `null` takes the fact back: it is unknown again. */
  value: z.string().max(40).nullable(),
  certainty,
});

export const recordedFact = z.strictObject({
  key: factKey,
  value: z.string(),
  certainty,
  basis,
  by: z.string(),
  at: instant,
});

/** Counts and figures of one case; `looksPerDistinctPicture` is null until there is a picture. */
export const caseFigures = z.strictObject({
  items: z.int(),
  occurrences: z.int(),
  stacks: z.int(),
  unreadable: z.int(),
  undecided: z.int(),
  decided: z.int(),
  undecidedStacks: z.int(),
  byCategory: z.record(z.string(), z.int()),
  byBasis: z.record(z.string(), z.int()),
  /** Looks at any rung above 0. */
  looks: z.int(),
  /** Looks at rung 4 (colour, full size). */
  colourLooks: z.int(),
  /** Looks at an item that was decided already; each has a typed reason. */
  relooks: z.int(),
  /** Distinct pictures decided without any look / with one / with more. */
  decidedWithoutLook: z.int(),
  decidedWithOneLook: z.int(),
  decidedWithMoreLooks: z.int(),
  /** Stacks of readable pictures: what the north-star figure is divided by. */
  distinctPictures: z.int(),
  looksPerDistinctPicture: z.number().nullable(),
});
export type CaseFigures = z.infer<typeof caseFigures>;

export const ledger = z.strictObject({
  offered: z.int(),
  new: z.int(),
  duplicate: z.int(),
  unreadable: z.int(),
  refused: z.int(),
});
export type Ledger = z.infer<typeof ledger>;

export const jobProgress = z.strictObject({
  jobId: id,
  kind: z.enum(['import', 'bundle', 'verify-record', 'scrub', 'backup', 'rotate']),
  caseId: id.nullable(),
  label: z.string(),
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  /** `null` while the work is still being counted. */
  total: z.int().nullable(),
  done: z.int(),
  failed: z.int(),
  bytes: z.int(),
  /** Units per second over the last few seconds. */
  rate: z.number(),
  secondsLeft: z.number().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** Set when failed: the error's code and its sentence. */
  code: z.enum(ERROR_CODES).nullable(),
  message: z.string().nullable(),
  /** The row the job made: an import's id, a bundle's id. */
  resultId: id.nullable(),
});
export type JobProgress = z.infer<typeof jobProgress>;
