/** Bundles: request, approve, build, verify. */
import { z } from 'zod';
import { BUNDLE_STATES } from '../domain/words.ts';
import { channel } from './channel.ts';
import { choiceId, edition, empty, id, instant } from './values.ts';

const bundleSummary = z.strictObject({
  id,
  caseId: id,
  caseRef: z.string(),
  edition,
  recipients: z.array(z.string()),
  state: z.enum(BUNDLE_STATES),
  /** Whether policy asks for a second person's approval. */
  needsApproval: z.boolean(),
  requestedBy: z.string(),
  requestedAt: instant,
  approvedBy: z.string().nullable(),
  approvedAt: instant.nullable(),
  builtAt: instant.nullable(),
  builtBy: z.string().nullable(),
  items: z.int(),
  bytes: z.int().nullable(),
  /** SHA-256 of the finished file, so that a copy handed over can be told by phone. */
  sha256: z.string().nullable(),
  message: z.string().nullable(),
});
export type BundleSummary = z.infer<typeof bundleSummary>;

const check = z.strictObject({
  name: z.string(),
  outcome: z.enum(['good', 'bad', 'not-checked']),
  /** What was checked and what was found, in words. */
  detail: z.string(),
});

const verification = z.strictObject({
  good: z.boolean(),
  checks: z.array(check),
  signer: z
    .strictObject({ name: z.string(), fingerprint: z.string(), known: z.boolean() })
    .nullable(),
  caseRef: z.string().nullable(),
  edition: edition.nullable(),
  items: z.int().nullable(),
});
export type BundleVerification = z.infer<typeof verification>;

export const bundleChannels = {
  'bundles.list': channel({
    input: z.strictObject({ caseId: id.nullable().default(null) }),
    output: z.array(bundleSummary),
    allow: 'member',
    record: { none: 'what was exported is for every member to know' },
  }),
  'bundles.preview': channel({
    input: z.strictObject({ caseId: id, edition }),
    output: z.strictObject({
      items: z.int(),
      decided: z.int(),
      undecided: z.int(),
      unreadable: z.int(),
      bytes: z.int(),
      needsApproval: z.boolean(),
      pictures: z.boolean(),
    }),
    allow: ['investigator', 'legal'],
    record: { none: 'counts only' },
  }),
  'bundles.request': channel({
    input: z.strictObject({
      caseId: id,
      edition,
      recipients: z.array(z.string().trim().max(4096)).min(1).max(32),
    }),
    output: bundleSummary,
    allow: ['investigator', 'legal'],
    record: { entry: 'bundle.requested' },
  }),
  'bundles.approve': channel({
    input: z.strictObject({ bundleId: id }),
    output: bundleSummary,
    allow: ['supervisor'],
    record: { entry: 'bundle.approved' },
  }),
  'bundles.chooseTarget': channel({
    input: z.strictObject({ bundleId: id }),
    output: z.strictObject({ choice: choiceId, label: z.string() }).nullable(),
    allow: ['investigator', 'legal'],
    record: { none: 'a choice in a dialog; building is recorded' },
  }),
  'bundles.build': channel({
    input: z.strictObject({ bundleId: id, target: choiceId }),
    output: z.strictObject({ jobId: id }),
    allow: ['investigator', 'legal'],
    record: { entry: 'bundle.begun' },
  }),
  'bundles.chooseReceived': channel({
    input: empty,
    output: z
      .strictObject({
        file: choiceId,
        identity: choiceId.nullable(),
        label: z.string(),
      })
      .nullable(),
    allow: 'member',
    record: { none: 'a choice in a dialog; verifying is recorded' },
  }),
  'bundles.verify': channel({
    input: z.strictObject({
      file: choiceId,
      identity: choiceId.nullable().default(null),
      signers: choiceId.nullable().default(null),
    }),
    output: verification,
    allow: 'member',
    record: { entry: 'bundle.verified' },
  }),
} as const;
