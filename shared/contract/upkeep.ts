/** Upkeep of a workspace: scrub what lies on disk, back it up. */
import { z } from 'zod';
import { channel } from './channel.ts';
import { choiceId, empty, id, instant } from './values.ts';

export const FINDING_CODES = [
  'ORIGINAL_MISSING',
  'ORIGINAL_LENGTH',
  'ORIGINAL_DAMAGED',
  'ORPHAN',
  'SET_ASIDE',
  'LEFTOVER',
  'STRANGE_FILE',
  'PLAINTEXT',
  'PERMISSIONS',
  'KEY_FILE',
  'THUMBNAIL',
  'PAGE',
  'STRUCTURE',
  'RECORD',
] as const;

const finding = z.strictObject({
  code: z.enum(FINDING_CODES),
  /** `wrong`: something does not hold. `note`: harmless, but worth knowing. */
  severity: z.enum(['wrong', 'note']),
  /** In words; names no file of the person's, only the workspace's own. */
  text: z.string(),
});
export type Finding = z.infer<typeof finding>;

const scrubKind = z.enum(['quick', 'full']);

const scrubReport = z.strictObject({
  kind: scrubKind,
  /** Nothing is wrong; there may be notes. */
  good: z.boolean(),
  startedAt: instant,
  endedAt: instant,
  originals: z.strictObject({
    checked: z.int(),
    /** Of the originals as they were imported. */
    bytes: z.int(),
    damaged: z.int(),
    /** Found good again after they had been damaged. */
    mended: z.int(),
  }),
  /** Database pages whose HMAC was checked; 0 in a quick scrub, null for want of the key. */
  pages: z.strictObject({ catalogue: z.int(), derived: z.int().nullable() }),
  /** Entries of the record that were verified; null in a quick scrub. */
  record: z.int().nullable(),
  /** At most 200, wrong ones first. */
  findings: z.array(finding),
  /** Findings beyond those. */
  more: z.int(),
  /** What this member's keys could not check, in words. */
  notChecked: z.array(z.string()),
});
export type ScrubReport = z.infer<typeof scrubReport>;

const scrubSummary = z.strictObject({
  id,
  kind: scrubKind,
  state: z.enum(['running', 'done', 'cancelled', 'interrupted', 'failed']),
  by: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
  checked: z.int(),
  report: scrubReport.nullable(),
});
export type ScrubSummary = z.infer<typeof scrubSummary>;

const backupSummary = z.strictObject({
  /** Name of the state within the backup's folder. */
  state: z.string(),
  at: instant,
  by: z.string(),
  /** Entries of the record that it holds. */
  entries: z.int(),
  files: z.int(),
  bytes: z.int(),
  /** Originals that were not in the backup before. */
  added: z.int(),
  /** Originals that could not be backed up as they should be: missing or of a wrong length. */
  missing: z.int(),
  /** Some originals share their place on the disk with the workspace: no help if it fails. */
  sameDisk: z.boolean(),
  /** SHA-256 of the list of files. */
  sha256: z.string(),
});
export type BackupSummary = z.infer<typeof backupSummary>;

export const upkeepChannels = {
  'upkeep.status': channel({
    input: empty,
    output: z.strictObject({
      /** Newest first, at most ten. */
      scrubs: z.array(scrubSummary),
      /** Of a scrub in this session that could not be recorded (read-only workspace). */
      unrecorded: scrubReport.nullable(),
      damagedItems: z.int(),
      lastBackup: backupSummary.nullable(),
    }),
    allow: 'member',
    record: { none: 'what earlier upkeep found; each was recorded when it ended' },
  }),
  'upkeep.damaged': channel({
    input: z.strictObject({
      caseId: id,
      /** Items with a higher id than this. */
      after: z.int().min(0).default(0),
      limit: z.int().min(1).max(500).default(200),
    }),
    output: z.array(z.strictObject({ itemId: id, at: instant, reason: z.string() })),
    allow: 'member',
    record: { none: 'numbers of items whose originals are damaged; no picture, no name' },
  }),
  'scrub.start': channel({
    input: z.strictObject({
      kind: scrubKind,
      /** Share of the time that is worked; the rest is left to other work. */
      duty: z.number().min(0.05).max(1).default(1),
      /** Goes on with an unfinished scrub of this kind, if there is one. */
      resume: z.boolean().default(true),
    }),
    output: z.strictObject({ jobId: id, resumed: z.boolean() }),
    allow: 'member',
    record: { entry: 'scrub.begun' },
  }),
  'backup.choose': channel({
    input: empty,
    output: z.strictObject({ choice: choiceId, label: z.string() }).nullable(),
    allow: 'member',
    record: { none: 'a folder chosen in the host’s dialog; nothing is written yet' },
  }),
  'backup.start': channel({
    input: z.strictObject({ target: choiceId }),
    output: z.strictObject({ jobId: id }),
    allow: 'member',
    record: { entry: 'backup.begun' },
  }),
} as const;
