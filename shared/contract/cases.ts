/** Cases, intake and jobs. */
import { z } from 'zod';
import { channel } from './channel.ts';
import {
  caseFigures,
  choiceId,
  empty,
  id,
  importState,
  instant,
  jobProgress,
  label,
  ledger,
  nothing,
} from './values.ts';

const caseSummary = z.strictObject({
  id,
  ref: z.string(),
  title: z.string(),
  service: z.string(),
  lawPack: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  figures: caseFigures,
});
export type CaseSummary = z.infer<typeof caseSummary>;

const importSummary = z.strictObject({
  id,
  caseId: id,
  source: z.string(),
  exhibit: z.string(),
  acquirer: z.string(),
  state: importState,
  startedAt: instant,
  endedAt: instant.nullable(),
  bytes: z.int(),
  ledger,
  /** Stacks that hold an item of this import. */
  stacks: z.int(),
});
export type ImportSummary = z.infer<typeof importSummary>;

/** One thing that was offered and did not become a readable item, named. */
const importFailure = z.strictObject({
  path: z.string(),
  outcome: z.enum(['unreadable', 'refused']),
  code: z.string(),
  reason: z.string(),
  /** The item that holds the bytes; null where nothing could be read. */
  itemId: id.nullable(),
});
export type ImportFailure = z.infer<typeof importFailure>;

export const caseChannels = {
  'cases.list': channel({
    input: empty,
    output: z.array(caseSummary),
    allow: 'member',
    record: { none: 'references, titles and counts; no picture' },
  }),
  'cases.create': channel({
    input: z.strictObject({
      ref: label.max(60),
      title: label,
      service: z.string().trim().max(200).default(''),
      lawPack: z.string().max(40).default('uk'),
    }),
    output: caseSummary,
    allow: ['investigator', 'supervisor'],
    record: { entry: 'case.created' },
  }),
  'cases.get': channel({
    input: z.strictObject({ caseId: id }),
    output: caseSummary,
    allow: 'member',
    record: { none: 'reference, title and counts; no picture' },
  }),
  'cases.report': channel({
    input: z.strictObject({ caseId: id }),
    output: z.strictObject({ case: caseSummary, imports: z.array(importSummary) }),
    allow: 'member',
    record: { none: 'counts only; no picture' },
  }),
  'intake.choose': channel({
    input: z.strictObject({ kind: z.enum(['files', 'folder']) }),
    output: z.strictObject({ choice: choiceId, label: z.string(), count: z.int() }).nullable(),
    allow: ['investigator'],
    record: { none: 'a choice in a dialog; the import it may lead to is recorded' },
  }),
  'intake.preview': channel({
    input: z.strictObject({ caseId: id, choices: z.array(choiceId).min(1).max(64) }),
    output: z.strictObject({
      files: z.int(),
      bytes: z.int(),
      refused: z.int(),
      byType: z.record(z.string(), z.int()),
      freeBytes: z.int(),
      /** Null until this machine has measured its own speed. */
      expectedSeconds: z.number().nullable(),
      truncated: z.boolean(),
    }),
    allow: ['investigator'],
    record: { none: 'counts files without keeping or showing any' },
  }),
  'intake.start': channel({
    input: z.strictObject({
      caseId: id,
      choices: z.array(choiceId).min(1).max(64),
      source: z.string().trim().max(200).default(''),
      exhibit: z.string().trim().max(100).default(''),
    }),
    output: z.strictObject({ jobId: id, importId: id }),
    allow: ['investigator'],
    record: { entry: 'import.begun' },
  }),
  'intake.imports': channel({
    input: z.strictObject({ caseId: id }),
    output: z.array(importSummary),
    allow: 'member',
    record: { none: 'counts only; no picture' },
  }),
  'intake.failures': channel({
    input: z.strictObject({
      importId: id,
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(1000).default(200),
    }),
    output: z.strictObject({ total: z.int(), failures: z.array(importFailure) }),
    allow: 'member',
    record: { none: 'file names and reasons of an import the member may read; no picture' },
  }),
  'jobs.list': channel({
    input: empty,
    output: z.array(jobProgress),
    allow: 'member',
    record: { none: 'progress figures' },
  }),
  'jobs.cancel': channel({
    input: z.strictObject({ jobId: id }),
    output: nothing,
    // Whoever may begin something may stop it, and all may begin a scrub.
    allow: 'member',
    record: { none: 'the cancelled job writes its own ending to the record' },
  }),
} as const;
