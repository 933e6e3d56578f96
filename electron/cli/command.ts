/** What every command shares: its options, and one workspace opened for the time of the command. */
import type { Command } from 'commander';
import { createClient, openWorkspace, type Client, type Credentials } from './client.ts';
import type { JsonOption, Run } from './run.ts';
import type { Terminal } from './terminal.ts';

export interface CommonOptions extends Credentials, JsonOption {}

/** `--json`, and for a command that opens a workspace `--as` and `--password-file`. */
export function withWorkspaceOptions(command: Command): Command {
  return withJson(command)
    .option('--as <member>', 'who you are; may be left out where there is one member only')
    .option('--password-file <file>', 'take your password from this file instead of asking for it');
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON on stdout and nothing else');
}

/**
 * Runs `work` with an unlocked workspace and closes it whatever happens. `ask` is for more secrets:
 * all are asked for before the wait for the first one begins.
 */
export async function inWorkspace<T = undefined>(
  run: Run,
  workspace: string,
  options: CommonOptions,
  work: (client: Client, terminal: Terminal, asked: T) => Promise<void>,
  ask?: () => Promise<T>,
): Promise<void> {
  await withClient(run, options, async (client, terminal) => {
    const asked = await openWorkspace(run, client, workspace, options, ask);
    await work(client, terminal, asked as T);
  });
}

/** Runs `work` without any workspace open. */
export async function withClient(
  run: Run,
  options: JsonOption,
  work: (client: Client, terminal: Terminal) => Promise<void>,
): Promise<void> {
  const client = createClient(run.around.ports(), run.around.interrupt);
  try {
    await work(client, run.terminal(options));
  } finally {
    await client.close();
  }
}
