/** The command line's way into the core: the same router as every screen, typed. */
import { resolve } from 'node:path';
import type { ChannelName, CoreEvent, Input, Output } from '#shared/contract/contract.ts';
import type { JobProgress } from '#shared/contract/values.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import { createWorkstation, type Workstation } from '#core/workstation.ts';
import type { Terminal } from './terminal.ts';
import { readPassword } from './terminal.ts';
import { progressLine } from './words.ts';

export interface Client {
  readonly workstation: Workstation;
  /** Throws the CustosError that the call answered with. */
  call<C extends ChannelName>(channel: C, input: Input<C>): Promise<Output<C>>;
  /** A token for a path typed by the person at the terminal. */
  keep(...paths: string[]): string;
  /** Waits for a job and shows its progress. Throws what made it fail; Ctrl-C cancels it. */
  follow(jobId: number, terminal: Terminal): Promise<JobProgress>;
  close(): Promise<void>;
}

export function createClient(ports: Ports): Client {
  const workstation = createWorkstation(ports);
  const client: Client = {
    workstation,
    async call(channel, input) {
      // As over any other wire: only plain data passes.
      const result = await workstation.call(channel, structuredClone(input));
      if (!result.ok) throw new CustosError(result.error.code, result.error.message);
      return structuredClone(result.value) as Output<typeof channel>;
    },
    keep: (...paths) => workstation.keep(paths.map((path) => resolve(path))),
    follow: (jobId, terminal) => follow(client, jobId, terminal),
    close: () => workstation.shutdown(),
  };
  return client;
}

export interface Credentials {
  as?: string | undefined;
  passwordFile?: string | undefined;
}

/** Opens and unlocks a workspace for one command. */
export async function openWorkspace(
  client: Client,
  workspace: string,
  credentials: Credentials,
): Promise<void> {
  await client.call('workspace.select', { choice: client.keep(workspace) });
  const password = await readPassword(
    credentials.passwordFile,
    credentials.as ? `Password of ${credentials.as}` : 'Password',
  );
  await client.call('workspace.unlock', { member: credentials.as ?? null, password });
}

/** The id of the case with this reference. Throws NOT_FOUND naming what there is. */
export async function caseId(client: Client, ref: string): Promise<number> {
  const cases = await client.call('cases.list', {});
  const found = cases.find((entry) => entry.ref === ref);
  if (found) return found.id;
  const known = cases.map((entry) => entry.ref).join(', ') || 'none yet';
  throw new CustosError(
    'NOT_FOUND',
    `There is no case "${ref}" in this workspace (cases: ${known}).`,
  );
}

async function follow(client: Client, jobId: number, terminal: Terminal): Promise<JobProgress> {
  const cancel = (): void => void client.call('jobs.cancel', { jobId });
  process.once('SIGINT', cancel);
  let off = (): void => undefined;
  try {
    const job = await new Promise<JobProgress>((resolve, reject) => {
      const hear = (event: CoreEvent): void => {
        if (event.type !== 'job' || event.job.jobId !== jobId) return;
        terminal.progress(progressLine(event.job));
        if (event.job.state !== 'running') resolve(event.job);
      };
      off = client.workstation.onEvent(hear);
      // The job may have ended before anybody listened.
      client.call('jobs.list', {}).then((jobs) => {
        for (const job of jobs) hear({ type: 'job', job });
      }, reject);
    });
    return job;
  } finally {
    off();
    process.off('SIGINT', cancel);
    terminal.endProgress();
  }
}
