/** The core without a window, as specs prepare and inspect a workspace with it. */
import type { ChannelName, Input, Output } from '#shared/contract/contract.ts';
import type { JobProgress } from '#shared/contract/values.ts';
import { createWorkstation } from '#core/workstation.ts';
import { noDialogs, nodePorts } from '#electron/cli/node-ports.ts';

export interface Client {
  /** Throws what the call was refused with. */
  call<C extends ChannelName>(channel: C, input: Input<C>): Promise<Output<C>>;
  keep(path: string): string;
  /** Waits until the job has ended well. */
  finish(jobId: number): Promise<void>;
  close(): Promise<void>;
}

export function openClient(machineDir: string): Client {
  const workstation = createWorkstation(
    nodePorts({ host: 'command-line', dialogs: noDialogs, machineDir, passwordCost: 'test' }),
  );
  const client: Client = {
    async call(channel, input) {
      const result = await workstation.call(channel, input);
      if (!result.ok) throw new Error(`${channel}: ${result.error.code}: ${result.error.message}`);
      return result.value as Output<typeof channel>;
    },
    keep: (path) => workstation.keep([path]),
    async finish(jobId) {
      const ended = new Promise<JobProgress>((resolve) => {
        const hear = (job: JobProgress): void => {
          if (job.jobId === jobId && job.state !== 'running') resolve(job);
        };
        workstation.onEvent((event) => event.type === 'job' && hear(event.job));
        // It may have ended before anybody listened.
        void client.call('jobs.list', {}).then((jobs) => jobs.forEach(hear));
      });
      const { state, message } = await ended;
      if (state !== 'done') throw new Error(`the job ended as ${state}: ${message ?? ''}`);
    },
    close: () => workstation.shutdown(),
  };
  return client;
}
