/** Keys and what guards them: recovery words and passwords. */
import { z } from 'zod';
import { channel } from './channel.ts';
import { choiceId, label, nothing, password } from './values.ts';

/** Recovery words as they were typed: checked one by one in the core, never logged. */
const words = z.array(z.string().max(40)).min(1).max(30);

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
} as const;
