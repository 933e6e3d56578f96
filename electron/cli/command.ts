/** What every command shares: its options, and one workspace opened for the time of the command. */
import type { Command } from 'commander';
import { createClient, openWorkspace, type Client, type Credentials } from './client.ts';
import { noDialogs, nodePorts } from './node-ports.ts';
import { createTerminal, type Terminal } from './terminal.ts';

export interface CommonOptions extends Credentials {
  json?: boolean;
}

/** `--json`, and for a command that opens a workspace `--as` and `--password-file`. */
export function withWorkspaceOptions(command: Command): Command {
  return withJson(command)
    .option('--as <member>', 'the member to unlock as (may be left out where there is only one)')
    .option('--password-file <file>', 'read the password from this file instead of asking');
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON and nothing else on stdout');
}

/** Runs `work` with an unlocked workspace and closes it whatever happens. */
export async function inWorkspace(
  workspace: string,
  options: CommonOptions,
  work: (client: Client, terminal: Terminal) => Promise<void>,
): Promise<void> {
  await withClient(options, async (client, terminal) => {
    await openWorkspace(client, workspace, options);
    await work(client, terminal);
  });
}

/** Runs `work` without any workspace open. */
export async function withClient(
  options: { json?: boolean },
  work: (client: Client, terminal: Terminal) => Promise<void>,
): Promise<void> {
  const client = createClient(nodePorts({ host: 'command-line', dialogs: noDialogs }));
  try {
    await work(client, createTerminal(options.json ?? false));
  } finally {
    await client.close();
  }
}
