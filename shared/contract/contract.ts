/**
 * The one table: every call that crosses from a screen or the command line into the core, with
 * what it takes, what it answers, who may make it and what it leaves on the record.
 */
import type { z } from 'zod';
import type { Result } from '../domain/errors.ts';
import { bundleChannels } from './bundles.ts';
import { caseChannels } from './cases.ts';
import { recordChannels } from './record.ts';
import { reviewChannels } from './review.ts';
import { upkeepChannels } from './upkeep.ts';
import type { JobProgress } from './values.ts';
import { vaultChannels } from './vault.ts';
import { workspaceChannels } from './workspace.ts';

export const CONTRACT = {
  ...workspaceChannels,
  ...vaultChannels,
  ...caseChannels,
  ...reviewChannels,
  ...bundleChannels,
  ...recordChannels,
  ...upkeepChannels,
} as const;

export type Contract = typeof CONTRACT;
export type ChannelName = keyof Contract;
/** What a caller may pass: fields with defaults may be left out. */
export type Input<C extends ChannelName> = z.input<Contract[C]['input']>;
/** What a handler receives: parsed, defaults filled in. */
export type Parsed<C extends ChannelName> = z.output<Contract[C]['input']>;
export type Output<C extends ChannelName> = z.output<Contract[C]['output']>;

/** The typed calls a caller holds, whatever carries them. */
export type Call = <C extends ChannelName>(
  channel: C,
  input: Input<C>,
) => Promise<Result<Output<C>>>;

/** What the core tells the screens without being asked. */
export type CoreEvent =
  | { type: 'job'; job: JobProgress }
  | { type: 'locked'; why: 'idle' | 'command' | 'suspend' | 'closed' }
  /** Counts of a case changed: what is on screen may be re-read. */
  | { type: 'case-changed'; caseId: number };
