/** Review and gallery: stacks, facts, decisions, looks. No value here is, or leads to, a picture:
 *  a look answers with a one-time lease that only the picture handler honours. */
import { z } from 'zod';
import { ORIENTATIONS } from '../domain/words.ts';
import { channel } from './channel.ts';
import {
  basis,
  caseFigures,
  factInput,
  id,
  instant,
  itemState,
  nothing,
  purpose,
  reason,
  recordedFact,
  rung,
  shownRung,
} from './values.ts';

const decision = z.strictObject({
  id,
  category: z.string(),
  categoryTitle: z.string(),
  /** The rule that fired, or null where a member chose the category. */
  rule: z.string().nullable(),
  lawPack: z.string(),
  lawPackVersion: z.string(),
  overridden: z.boolean(),
  basis,
  reason: z.string(),
  by: z.string(),
  at: instant,
});
export type Decision = z.infer<typeof decision>;

const queueEntry = z.strictObject({
  stackId: id,
  representativeId: id,
  items: z.int(),
  sources: z.int(),
  skipped: z.boolean(),
});
export type QueueEntry = z.infer<typeof queueEntry>;

const look = z.strictObject({
  by: z.string(),
  at: instant,
  rung,
  purpose,
  reason: z.string(),
  relook: z.boolean(),
  /** Null while the picture is still open, or if the program ended before it was covered. */
  seconds: z.number().nullable(),
});

/** A light row: all a covered tile says. */
const tile = z.strictObject({
  itemId: id,
  stackId: id.nullable(),
  state: itemState,
  category: z.string().nullable(),
  basis: basis.nullable(),
  stackItems: z.int(),
  occurrences: z.int(),
  sources: z.int(),
  looks: z.int(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  mime: z.string(),
});
export type Tile = z.infer<typeof tile>;

const stackMember = tile.extend({
  name: z.string(),
  bytes: z.int(),
  representative: z.boolean(),
  /** How this member is tied to the stack; null for the first one. */
  link: z
    .strictObject({
      toItemId: id,
      /** PDQ distance in bits of 256. */
      distance: z.int(),
      orientation: z.enum(ORIENTATIONS),
    })
    .nullable(),
});
export type StackMember = z.infer<typeof stackMember>;

const stackDetail = z.strictObject({
  stackId: id,
  caseId: id,
  representativeId: id,
  state: z.enum(['undecided', 'decided']),
  skipped: z.boolean(),
  /** At most 500, representative first; `memberCount` is the truth. */
  members: z.array(stackMember),
  memberCount: z.int(),
  occurrences: z.int(),
  sources: z.array(z.string()),
  firstSeen: instant,
  looks: z.array(look),
  facts: z.array(recordedFact),
  decision: decision.nullable(),
  /** Already decided stacks within the next distance band, which may say what this is. */
  near: z.array(
    z.strictObject({ stackId: id, distance: z.int(), category: z.string(), by: z.string() }),
  ),
});
export type StackDetail = z.infer<typeof stackDetail>;

const occurrence = z.strictObject({
  path: z.string(),
  source: z.string(),
  exhibit: z.string(),
  importId: id,
  seenAt: instant,
  modifiedAt: instant.nullable(),
});
export type Occurrence = z.infer<typeof occurrence>;

const itemDetail = tile.extend({
  caseId: id,
  sha256: z.string(),
  sha1: z.string(),
  md5: z.string(),
  bytes: z.int(),
  frames: z.int().nullable(),
  /** Null where the picture is not hashable; `pdqQuality` says why (below 50, or too small). */
  pdq: z.string().nullable(),
  pdqQuality: z.int().nullable(),
  unreadableReason: z.string().nullable(),
  importedAt: instant,
  /** At most 200; `occurrences` is the truth. */
  places: z.array(occurrence),
  lookList: z.array(look),
  decision: decision.nullable(),
});
export type ItemDetail = z.infer<typeof itemDetail>;

export const galleryFilter = z.strictObject({
  states: z.array(itemState).max(10).default([]),
  /** Category ids; empty means any. Bounded: a filter is written to the record. */
  categories: z.array(z.string().max(60)).max(100).default([]),
  /** Words looked for in names and sources. */
  text: z.string().trim().max(200).default(''),
});
export type GalleryFilter = z.infer<typeof galleryFilter>;

export const reviewChannels = {
  'law.pack': channel({
    input: z.strictObject({ caseId: id }),
    /** The pack as in `resources/law-packs`; `domain/law/pack.ts` holds its schema. */
    output: z.json(),
    allow: 'member',
    record: { none: 'published rules' },
  }),
  'review.queue': channel({
    input: z.strictObject({ caseId: id }),
    output: z.strictObject({
      entries: z.array(queueEntry),
      figures: caseFigures,
    }),
    allow: ['investigator'],
    record: { none: 'numbers of stacks; no picture, no name' },
  }),
  'review.stack': channel({
    input: z.strictObject({ stackId: id }),
    output: stackDetail,
    allow: ['investigator', 'legal'],
    record: { none: 'what is known without looking' },
  }),
  'review.fact': channel({
    input: z.strictObject({ stackId: id, facts: z.array(factInput).min(1).max(20) }),
    output: z.array(recordedFact),
    allow: ['investigator'],
    record: { entry: 'fact.recorded' },
  }),
  'review.decide': channel({
    input: z.strictObject({
      target: z.union([
        z.strictObject({ stackId: id }),
        /** Decides one item and leaves the rest of its stack alone. */
        z.strictObject({ itemId: id }),
      ]),
      facts: z.array(factInput).max(20).default([]),
      /** Null takes the category the law pack derives from the facts. */
      category: z.string().max(60).nullable().default(null),
      /** Needed whenever the category is not the derived one. */
      reason: z.string().trim().max(2000).default(''),
    }),
    output: z.strictObject({
      decision,
      /** Items that got the decision, the looked-at one included. */
      items: z.int(),
      inherited: z.int(),
    }),
    allow: ['investigator'],
    record: { entry: 'decision.made' },
  }),
  'review.undo': channel({
    input: z.strictObject({ caseId: id }),
    output: z.strictObject({ stackId: id.nullable(), what: z.string() }),
    allow: ['investigator'],
    record: { entry: 'decision.undone' },
  }),
  'review.skip': channel({
    input: z.strictObject({ stackId: id }),
    output: nothing,
    allow: ['investigator'],
    record: { entry: 'stack.skipped' },
  }),
  'look.request': channel({
    input: z.strictObject({
      itemId: id,
      rung: shownRung,
      purpose,
      /** Needed for a decided item and for every look by legal staff. */
      reason: reason.nullable().default(null),
      /** Longest side of the place it is shown in, in device pixels. */
      box: z.int().min(64).max(4096).default(1600),
    }),
    output: z.strictObject({
      lookId: id,
      /** Address of the picture, good once: `look/<128-bit token>`, relative to the page. */
      url: z.string().regex(/^look\/[a-f0-9]{32}$/),
      secondsValid: z.int(),
      relook: z.boolean(),
    }),
    allow: ['investigator', 'legal'],
    record: { entry: 'look.granted' },
  }),
  'look.cover': channel({
    input: z.strictObject({ lookId: id, seconds: z.number().min(0).max(86400) }),
    output: nothing,
    allow: ['investigator', 'legal'],
    record: { entry: 'look.covered' },
  }),
  'gallery.count': channel({
    input: z.strictObject({ caseId: id, filter: galleryFilter }),
    output: z.strictObject({
      total: z.int(),
      byState: z.record(z.string(), z.int()),
      byCategory: z.record(z.string(), z.int()),
    }),
    allow: ['investigator', 'legal'],
    record: { entry: 'search.made' },
  }),
  'gallery.page': channel({
    input: z.strictObject({
      caseId: id,
      filter: galleryFilter,
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    output: z.array(tile),
    allow: ['investigator', 'legal'],
    record: { none: 'covered tiles; the search that chose them is recorded by gallery.count' },
  }),
  'items.get': channel({
    input: z.strictObject({ itemId: id }),
    output: itemDetail,
    allow: ['investigator', 'legal'],
    record: { none: 'what is known without looking' },
  }),
  'items.page': channel({
    input: z.strictObject({
      caseId: id,
      /** Items with a higher id than this; 0 starts at the first. */
      after: z.int().min(0).default(0),
      limit: z.int().min(1).max(500).default(200),
      /** Of each item's places, leaves out this many: the next page of a long list. */
      placesFrom: z.int().min(0).optional(),
    }),
    output: z.array(itemDetail),
    allow: 'member',
    record: { none: 'hashes, decisions and places; no picture' },
  }),
  'items.find': channel({
    input: z.strictObject({ caseId: id, sha256: z.string().regex(/^[a-f0-9]{64}$/) }),
    output: z.strictObject({ itemId: id, stackId: id.nullable() }),
    allow: ['investigator', 'legal'],
    record: { none: 'finds an item by its hash' },
  }),
} as const;
