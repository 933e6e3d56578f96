/** A real workspace with one case, driven through the same calls as every screen. */
import { mkdirSync } from 'node:fs';
import type { Ledger } from '#shared/contract/values.ts';
import { createClient, type Client } from '#electron/cli/client.ts';
import { noDialogs, nodePorts } from '#electron/cli/node-ports.ts';
import { unwatched } from '#electron/cli/terminal.ts';

export interface BenchCase {
  client: Client;
  caseId: number;
  importFolder(folder: string): Promise<Ledger>;
  close(): Promise<void>;
}

export const MEMBER = 'Bench';
export const PASSWORD = 'a password for measuring only';

export async function openCase(workspace: string): Promise<BenchCase> {
  mkdirSync(`${workspace}-machine`, { recursive: true });
  const client = createClient(
    nodePorts({
      host: 'command-line',
      dialogs: noDialogs,
      machineDir: `${workspace}-machine`,
      passwordCost: 'test',
    }),
  );
  const choice = client.keep(workspace);
  await client.call('workspace.create', {
    choice,
    member: MEMBER,
    password: PASSWORD,
    roles: ['investigator', 'legal', 'supervisor'],
  });
  await client.call('workspace.select', { choice });
  await client.call('workspace.unlock', { member: MEMBER, password: PASSWORD });
  const { id: caseId } = await client.call('cases.create', { ref: 'BENCH', title: 'Measured' });
  return {
    client,
    caseId,
    async importFolder(folder) {
      const { jobId, importId } = await client.call('intake.start', {
        caseId,
        choices: [client.keep(folder)],
      });
      const job = await client.follow(jobId, unwatched);
      if (job.state !== 'done') throw new Error(`the import ended as ${job.state}: ${job.message}`);
      const imports = await client.call('intake.imports', { caseId });
      return imports.find((entry) => entry.id === importId)!.ledger;
    },
    close: () => client.close(),
  };
}
