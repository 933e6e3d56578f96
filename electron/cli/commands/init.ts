/** `custos init`: a new workspace and its first member. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CustosError } from '#shared/domain/errors.ts';
import { withClient, withJson } from '../command.ts';
import { parseRoles } from '../parse.ts';
import { readPassword } from '../terminal.ts';

interface Options {
  member: string;
  roles: string;
  passwordFile?: string;
  recoveryOut?: string;
  json?: boolean;
}

export function addInitCommand(program: Command): void {
  withJson(program.command('init <workspace>'))
    .description('create a workspace and its first member')
    .requiredOption('--member <name>', 'name of the first member')
    .option('--roles <roles>', 'comma-separated', 'investigator,legal,supervisor')
    .option('--password-file <file>', 'read the new password from this file instead of asking')
    .option(
      '--recovery-out <file>',
      'write the recovery words to this new file, readable by you only',
    )
    .action((workspace: string, options: Options) =>
      withClient(options, async (client, terminal) => {
        const roles = parseRoles(options.roles);
        const password = await readPassword(
          options.passwordFile,
          `New password for ${options.member}`,
        );
        const made = await client.call('workspace.create', {
          choice: client.keep(workspace),
          member: options.member,
          password,
          roles,
        });
        const words = made.recoveryWords.join(' ');
        if (options.recoveryOut !== undefined) writeRecovery(options.recoveryOut, words);
        // SECURITY: with --json the words go only to a file: a machine's output is kept in logs.
        const told =
          options.recoveryOut === undefined
            ? `Recovery words, shown this once. Write them down and keep them apart from this machine:\n\n  ${words}\n`
            : 'The recovery words are in the file you named. Move it off this machine.\n';
        terminal.answer(
          { fingerprint: made.fingerprint, member: options.member, roles },
          `Workspace created. Fingerprint: ${made.fingerprint}\n\n${told}`,
        );
      }),
    );
}

function writeRecovery(file: string, words: string): void {
  try {
    writeFileSync(file, `${words}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CustosError(
      'IO_FAILED',
      `The workspace was created, but the recovery words could not be written to the file you named (${code}). Write them down now:\n\n  ${words}`,
      { cause: error },
    );
  }
}
