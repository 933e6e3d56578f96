/** The Door: create, open, unlock, lock; and the members of a workspace. */
import { z } from 'zod';
import { channel } from './channel.ts';
import { choiceId, empty, instant, label, nothing, password, role } from './values.ts';

const memberSummary = z.strictObject({
  id: z.string(),
  name: z.string(),
  roles: z.array(role),
  addedAt: instant,
  addedBy: z.string().nullable(),
  state: z.enum(['active', 'waiting', 'revoked']),
  /** Fingerprint of the member's signing key, `SHA256:…` as ssh-keygen prints it. */
  fingerprint: z.string(),
});
export type MemberSummary = z.infer<typeof memberSummary>;

const status = z.strictObject({
  state: z.enum(['none', 'locked', 'open']),
  host: z.enum(['electron', 'development', 'command-line']),
  workspace: z
    .strictObject({
      id: z.string(),
      /** The folder's own name, for the screen; never its path. */
      name: z.string(),
      fingerprint: z.string(),
      created: instant,
    })
    .nullable(),
  member: z.strictObject({ id: z.string(), name: z.string(), roles: z.array(role) }).nullable(),
  /** False for a member whose key to pictures is still to be granted, and for supervisors. */
  mayHoldPictures: z.boolean(),
  members: z.int(),
  /** Whether the recovery words in force were typed again, as they were written down. */
  recoveryConfirmed: z.boolean(),
  /** Where new keys are being put into use, or still have to be: how that stands, in words. */
  rotation: z.string().nullable(),
  /** Set when the workspace opened read-only: why, in words. */
  readOnly: z.string().nullable(),
  /** What was found and put right at the last open, in words. */
  notices: z.array(z.string()),
});
export type WorkspaceStatus = z.infer<typeof status>;

export const workspaceChannels = {
  'workspace.status': channel({
    input: empty,
    output: status,
    allow: 'anyone',
    record: { none: 'tells only what the screen already shows' },
  }),
  'workspace.choose': channel({
    input: z.strictObject({ purpose: z.enum(['open', 'create']) }),
    output: z.strictObject({ choice: choiceId, label: z.string() }).nullable(),
    allow: 'anyone',
    record: { none: 'no workspace is open yet, so there is no record to write to' },
  }),
  'workspace.recent': channel({
    input: empty,
    output: z.array(z.strictObject({ choice: choiceId, label: z.string(), lastOpened: instant })),
    allow: 'anyone',
    record: { none: 'lists folders this machine opened before; no workspace is open yet' },
  }),
  'workspace.create': channel({
    input: z.strictObject({
      choice: choiceId,
      member: label,
      password,
      roles: z.array(role).min(1).max(8),
    }),
    output: z.strictObject({ fingerprint: z.string(), recoveryWords: z.array(z.string()) }),
    allow: 'anyone',
    record: { entry: 'workspace.created' },
  }),
  'workspace.select': channel({
    input: z.strictObject({ choice: choiceId }),
    output: status,
    allow: 'anyone',
    record: { none: 'reads the public header only; unlocking is what is recorded' },
  }),
  'workspace.unlock': channel({
    /** `member` may be null where the workspace has one member only. */
    input: z.strictObject({ member: label.nullable(), password }),
    output: status,
    allow: 'anyone',
    record: { entry: 'unlock.succeeded' },
  }),
  'workspace.lock': channel({
    input: empty,
    output: nothing,
    allow: 'member',
    record: { entry: 'workspace.locked' },
  }),
  'workspace.suggestPassword': channel({
    input: empty,
    output: z.strictObject({ password: z.string() }),
    allow: 'anyone',
    record: { none: 'random words made on the spot, kept nowhere' },
  }),
  'members.list': channel({
    input: empty,
    output: z.array(memberSummary),
    allow: 'member',
    record: { none: 'names and roles are known to every member' },
  }),
  'members.add': channel({
    input: z.strictObject({ member: label, password, roles: z.array(role).min(1).max(8) }),
    output: memberSummary,
    allow: ['supervisor'],
    record: { entry: 'member.added' },
  }),
} as const;
