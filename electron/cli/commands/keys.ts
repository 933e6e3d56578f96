/** `custos keys rotate`: new keys in the place of all earlier ones. */
import type { Command } from 'commander';
import { CustosError } from '#shared/domain/errors.ts';
import { plural } from '#shared/util/words.ts';
import type { Client } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

export function addKeysCommands(program: Command, run: Run): void {
  const group = program.command('keys').description('the keys of a workspace');

  withWorkspaceOptions(group.command('rotate <workspace>'))
    .description(
      'change every key, or go on with a change that is under way (supervisors; members who hold the keys to pictures)',
    )
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const { jobId } = await client.call('workspace.rotateKeys', {});
        const done = await followRotation(client, terminal, jobId);
        terminal.answer(done, inWords(done));
      }),
    );
}

export interface Rotated {
  /** Steps done: every original counts twice, sealed and read back. */
  steps: number;
  /** What is left, in words; null where nothing is. */
  left: string | null;
}

/** Throws what the job ended with. */
export async function followRotation(
  client: Client,
  terminal: Terminal,
  jobId: number,
): Promise<Rotated> {
  const job = await client.follow(jobId, terminal);
  if (job.state === 'done') {
    const { rotation } = await client.call('workspace.status', {});
    return { steps: job.done, left: rotation };
  }
  throw new CustosError(
    job.state === 'cancelled' ? 'CANCELLED' : (job.code ?? 'INTERNAL'),
    job.message ?? 'Stopped. What has the new keys keeps them; run it again to go on.',
  );
}

export function inWords({ steps, left }: Rotated): string {
  return left ?? `Every key was changed (${plural(steps, 'step', 'steps')} on originals).`;
}
