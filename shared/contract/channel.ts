/**
 * What a channel is. Main, preload, the screens, the command line and the tests all derive from
 * the one table in `contract.ts`; nothing about a channel is written down a second time.
 */
import type { z } from 'zod';
import type { Role } from '../domain/words.ts';
import type { EntryType } from './entry-types.ts';

/**
 * Who may call. `anyone`: also before unlocking. `member`: any unlocked member. Otherwise: an
 * unlocked member who holds at least one of the roles.
 */
export type Allow = 'anyone' | 'member' | readonly [Role, ...Role[]];

/**
 * What a call leaves on the record. `entry`: the handler's work is done inside an entry of this
 * type, durable before the work takes effect. `none`: nothing is recorded, for the stated reason.
 */
export type RecordRule = { entry: EntryType } | { none: string };

export interface Channel<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  input: I;
  output: O;
  allow: Allow;
  record: RecordRule;
}

export function channel<I extends z.ZodType, O extends z.ZodType>(
  definition: Channel<I, O>,
): Channel<I, O> {
  return definition;
}
