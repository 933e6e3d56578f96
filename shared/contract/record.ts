/** The record: read it, prove it. */
import { z } from 'zod';
import { channel } from './channel.ts';
import { ENTRY_TYPES } from './entry-types.ts';
import { choiceId, empty, id, instant } from './values.ts';

const recordEntry = z.strictObject({
  seq: z.int().min(0),
  at: instant,
  type: z.enum(ENTRY_TYPES),
  by: z.string(),
  /** One line in words. */
  summary: z.string(),
  /** The entry's whole content. */
  detail: z.json(),
  hash: z.string(),
});
export type RecordEntry = z.infer<typeof recordEntry>;

const verdict = z.strictObject({
  good: z.boolean(),
  entries: z.int(),
  root: z.string(),
  checkpoints: z.int(),
  lastCheckpoint: z.strictObject({ at: instant, size: z.int(), root: z.string() }).nullable(),
  /** Entries after the newest signed checkpoint. */
  sinceCheckpoint: z.int(),
  /** What was compared with this machine's own memory of the record. */
  anchor: z.enum(['agrees', 'none', 'disagrees']),
  /** How far each witness vouches for what is here now: the newest co-signature that holds. */
  witnesses: z.array(
    z.strictObject({ name: z.string(), fingerprint: z.string(), size: z.int(), at: instant }),
  ),
  findings: z.array(z.string()),
  seconds: z.number(),
});
export type RecordVerdict = z.infer<typeof verdict>;

export const recordChannels = {
  'record.list': channel({
    input: z.strictObject({
      types: z.array(z.enum(ENTRY_TYPES)).max(100).default([]),
      by: z.string().max(200).nullable().default(null),
      caseId: id.nullable().default(null),
      itemId: id.nullable().default(null),
      /** Entries with a lower number than this; null starts at the newest. */
      before: z.int().min(0).nullable().default(null),
      limit: z.int().min(1).max(1000).default(100),
    }),
    output: z.strictObject({ entries: z.array(recordEntry), more: z.boolean() }),
    allow: ['supervisor'],
    record: { entry: 'record.read' },
  }),
  'record.verify': channel({
    input: empty,
    output: verdict,
    allow: 'member',
    record: { entry: 'record.checked' },
  }),
  'record.checkpoint': channel({
    input: empty,
    output: z.strictObject({ note: z.string(), size: z.int(), root: z.string() }),
    allow: 'member',
    record: { entry: 'checkpoint.made' },
  }),
  'record.export': channel({
    input: z.strictObject({
      target: choiceId,
      /** What the entries are to be about; both null for the whole record. */
      caseId: id.nullable().default(null),
      itemId: id.nullable().default(null),
      /** A file with an earlier checkpoint that the record must be shown to continue. */
      since: choiceId.nullable().default(null),
    }),
    output: z.strictObject({
      entries: z.int(),
      /** Entries and root of the checkpoint that everything is proved under. */
      size: z.int(),
      root: z.string(),
      bytes: z.int(),
      sha256: z.string(),
    }),
    allow: ['supervisor'],
    record: { entry: 'record.exported' },
  }),
  'record.witnessRequest': channel({
    input: z.strictObject({
      target: choiceId,
      /** Entries the witness saw last; null takes it from the co-signatures kept here. */
      old: z.int().min(0).nullable().default(null),
      /** Name of the witness; null where there is one at most. */
      witness: z.string().max(200).nullable().default(null),
    }),
    output: z.strictObject({
      size: z.int(),
      old: z.int(),
      /** Of the record's key, to be compared when a witness sees it for the first time. */
      fingerprint: z.string(),
      note: z.string(),
    }),
    allow: 'member',
    record: { entry: 'checkpoint.made' },
  }),
  'record.acceptWitness': channel({
    input: z.strictObject({ file: choiceId }),
    output: z.strictObject({
      name: z.string(),
      /** Of the witness's key, to be compared with what the witness showed. */
      fingerprint: z.string(),
      size: z.int(),
      at: instant,
      /** It was kept here before. */
      known: z.boolean(),
    }),
    allow: ['supervisor'],
    record: { entry: 'witness.accepted' },
  }),
} as const;
