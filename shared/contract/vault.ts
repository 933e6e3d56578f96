/** Keys and what guards them: recovery words, passwords, revoking members, rotating keys. */
import { z } from 'zod';
import { channel } from './channel.ts';
import { choiceId, empty, id, label, nothing, password } from './values.ts';

/** Recovery words as they were typed: checked one by one in the core, never logged. */
const words = z.array(z.string().max(40)).min(1).max(30);
const member = z.string().regex(/^[a-f0-9]{32}$/);

export const vaultChannels = {
  'workspace.recover': channel({
    /** Sets a new password; `member`: a name to be sure of whose, or null. */
    input: z.strictObject({
      choice: choiceId,
      words,
      member: label.nullable(),
      newPassword: password,
    }),
    output: z.strictObject({ member: z.string() }),
    allow: 'anyone',
    record: { entry: 'workspace.recovered' },
  }),
  'workspace.confirmRecovery': channel({
    input: z.strictObject({ words }),
    output: nothing,
    allow: 'member',
    record: { entry: 'recovery.confirmed' },
  }),
  'workspace.renewRecovery': channel({
    input: z.strictObject({ password }),
    output: z.strictObject({ recoveryWords: z.array(z.string()) }),
    allow: ['supervisor'],
    record: { entry: 'recovery.renewed' },
  }),
  'members.changePassword': channel({
    input: z.strictObject({ old: password, new: password }),
    output: nothing,
    allow: 'member',
    record: { entry: 'member.password' },
  }),
  'members.revoke': channel({
    /** `jobId`: the rotation of keys that follows, or null where another member has to do it. */
    input: z.strictObject({ member }),
    output: z.strictObject({ jobId: id.nullable() }),
    allow: ['supervisor'],
    record: { entry: 'member.revoked' },
  }),
  'workspace.rotateKeys': channel({
    /** A supervisor begins a rotation; anybody who holds the keys goes on with one under way. */
    input: empty,
    output: z.strictObject({ jobId: id }),
    allow: 'member',
    record: { entry: 'keys.rotation' },
  }),
} as const;
