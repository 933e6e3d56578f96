/** The command line's way into the core: the same router as every screen, typed. */
import { resolve } from 'node:path';
import type { ChannelName, CoreEvent, Input, Output } from '#shared/contract/contract.ts';
import type { JobProgress } from '#shared/contract/values.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { onlySlotId } from '#core/access/key-files.ts';
import type { Ports } from '#core/ports.ts';
import { createWorkstation, type Workstation } from '#core/workstation.ts';
import type { Run } from './run.ts';
import { createInterrupt, type Interrupt } from './interrupt.ts';
import { readPassword } from './secrets.ts';
import type { Progress } from './terminal.ts';
import { progressLine } from './words.ts';

export interface Client {
  readonly workstation: Workstation;
  /** Throws the CustosError that the call answered with, CANCELLED where somebody asked to stop. */
  call<C extends ChannelName>(channel: C, input: Input<C>): Promise<Output<C>>;
  /** A token for a path typed by the person at the terminal. Throws USAGE for an empty one. */
  keep(...paths: string[]): string;
  /** Waits for a job and shows its progress; being asked to stop cancels it. */
  follow(jobId: number, progress: Progress): Promise<JobProgress>;
  close(): Promise<void>;
}

/** Calls that only read and may take long: they are left where they stand. */
const LEFT_BEHIND: readonly ChannelName[] = ['intake.preview', 'record.verify', 'bundles.verify'];

export function createClient(ports: Ports, interrupt: Interrupt = createInterrupt()): Client {
  const workstation = createWorkstation(ports);
  return {
    workstation,
    async call(channel, input) {
      interrupt.check();
      // As over any other wire: only plain data passes.
      const answer = workstation.call(channel, structuredClone(input));
      const result = await (LEFT_BEHIND.includes(channel) ? interrupt.orStop(answer) : answer);
      if (!result.ok) throw new CustosError(result.error.code, result.error.message);
      return structuredClone(result.value) as Output<typeof channel>;
    },
    keep: (...paths) => workstation.keep(paths.map(typedPath)),
    follow: (jobId, progress) => follow(workstation, interrupt, jobId, progress),
    close: () => workstation.shutdown(),
  };
}

/** Absolute. An empty name (often an unset variable) would mean the folder one stands in. */
export function typedPath(typed: string): string {
  if (typed === '') throw new CustosError('USAGE', 'The name of a file or folder is empty.');
  return resolve(typed);
}

export interface Credentials {
  as?: string | undefined;
  passwordFile?: string | undefined;
}

/**
 * Opens and unlocks a workspace for one command, and says what was found while opening it. Answers
 * with what `ask` asked for besides.
 */
export async function openWorkspace<T>(
  run: Run,
  client: Client,
  workspace: string,
  credentials: Credentials,
  ask?: () => Promise<T>,
): Promise<T | undefined> {
  await client.call('workspace.select', { choice: client.keep(workspace) });
  const member = requireMember(workspace, credentials.as);
  const password = await readPassword(
    credentials.passwordFile,
    member === null ? 'Password' : `Password of ${member}`,
    run.asking,
  );
  const asked = await ask?.();
  const status = await client.call('workspace.unlock', { member, password });
  if (status.readOnly !== null)
    run.tell(`This workspace is open for reading only. ${status.readOnly}`);
  for (const notice of status.notices) if (!status.readOnly?.includes(notice)) run.tell(notice);
  return asked;
}

/** Who unlocks, or null for the only member; asked before a password is typed in vain. */
function requireMember(workspace: string, as: string | undefined): string | null {
  if (as === undefined) {
    if (onlySlotId(resolve(workspace)) !== null) return null;
    throw new CustosError(
      'USAGE',
      'This workspace has more than one member. Say who you are with --as NAME, the name you were added with.',
    );
  }
  if (as.trim() === '') throw new CustosError('USAGE', '--as needs the name of a member.');
  return as;
}

/** The id of the case with this reference. Throws NOT_FOUND naming what there is. */
export async function caseId(client: Client, ref: string): Promise<number> {
  const wanted = ref.normalize('NFC').trim();
  const cases = await client.call('cases.list', {});
  const found = cases.find((entry) => entry.ref.normalize('NFC') === wanted);
  if (found) return found.id;
  const known = cases.map((entry) => entry.ref).join(', ') || 'none yet';
  throw new CustosError(
    'NOT_FOUND',
    `There is no case "${ref}" in this workspace (cases: ${known}).`,
  );
}

async function follow(
  workstation: Workstation,
  interrupt: Interrupt,
  jobId: number,
  progress: Progress,
): Promise<JobProgress> {
  // The job says itself how it ended; what it finished is then told in full.
  const stop = (): void => {
    interrupt.handled();
    void workstation.call('jobs.cancel', { jobId });
  };
  let off = (): void => undefined;
  try {
    return await new Promise<JobProgress>((settle, reject) => {
      const hear = (event: CoreEvent): void => {
        if (event.type !== 'job' || event.job.jobId !== jobId) return;
        progress.progress(progressLine(event.job));
        if (event.job.state !== 'running') settle(event.job);
      };
      off = workstation.onEvent(hear);
      if (interrupt.signal.aborted) stop();
      else interrupt.signal.addEventListener('abort', stop, { once: true });
      // The job may have ended before anybody listened.
      workstation.call('jobs.list', {}).then((jobs) => {
        if (jobs.ok) for (const job of jobs.value as JobProgress[]) hear({ type: 'job', job });
        else reject(new CustosError(jobs.error.code, jobs.error.message));
      }, reject);
    });
  } finally {
    off();
    interrupt.signal.removeEventListener('abort', stop);
    progress.endProgress();
  }
}
