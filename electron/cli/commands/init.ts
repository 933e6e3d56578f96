/** `custos init`: a new workspace and its first member. */
import type { Command } from 'commander';
import { typedPath } from '../client.ts';
import { withClient, withJson } from '../command.ts';
import type { JsonOption, Run } from '../run.ts';
import { parseLabel, parseRoles } from '../parse.ts';
import { reserveRecoveryFile } from '../recovery-file.ts';
import { readNewPassword } from '../secrets.ts';
import { oneLine } from '../words.ts';
import { wordsIn } from './recovery.ts';

interface Options extends JsonOption {
  member: string;
  roles: string;
  passwordFile?: string;
  recoveryOut?: string;
}

export function addInitCommand(program: Command, run: Run): void {
  withJson(program.command('init <workspace>'))
    .description('create a workspace and its first member')
    .requiredOption('--member <name>', 'name of the first member')
    .option(
      '--roles <roles>',
      'with commas between: investigator, legal, supervisor',
      'investigator,legal,supervisor',
    )
    .option('--password-file <file>', 'take the new password from this file instead of asking')
    .option('--recovery-out <file>', 'write the recovery words to this new file, for you only')
    .action(async (workspace: string, options: Options) => {
      const roles = parseRoles(options.roles);
      const member = parseLabel(options.member, "A member's name", 200);
      await withClient(run, options, async (client, terminal) => {
        const choice = client.keep(workspace);
        // Before a password is typed, and before anything is made.
        const file =
          options.recoveryOut === undefined
            ? null
            : reserveRecoveryFile(typedPath(options.recoveryOut), typedPath(workspace));
        let made: { fingerprint: string; recoveryWords: string[] };
        let password: string;
        try {
          password = await readNewPassword(
            options.passwordFile,
            { member, option: '--password-file' },
            run.asking,
          );
          made = await client.call('workspace.create', { choice, member, password, roles });
        } catch (error) {
          file?.giveUp();
          throw error;
        }
        const words = made.recoveryWords.join(' ');
        file?.keep(words);
        if (file !== null) {
          // What lies in the file is what was meant: read back, and so checked.
          await client.call('workspace.select', { choice });
          await client.call('workspace.unlock', { member, password });
          const kept = wordsIn(typedPath(options.recoveryOut!));
          await client.call('workspace.confirmRecovery', { words: kept });
        }
        if (terminal.json && file === null) sayWordsAreGone(run, words);
        terminal.answer(
          { fingerprint: made.fingerprint, member, roles },
          `Workspace created. Fingerprint: ${made.fingerprint}\n\n${
            file === null
              ? `Recovery words, shown this once. Write them down and keep them apart from this machine:\n\n  ${words}\n`
              : `The recovery words are in "${oneLine(options.recoveryOut!)}". Move it off this machine.\n`
          }`,
        );
      });
    });
}

/** SECURITY: with --json the words are not on stdout: a program's output is kept in logs. */
function sayWordsAreGone(run: Run, words: string): void {
  if (run.around.stderr.isTTY) {
    run.tell(
      'Recovery words, shown this once. Write them down and keep them apart from this machine:',
    );
    run.tell(`  ${words}`);
  } else
    run.tell(
      'The recovery words were not kept: with --json they are only written to a file (--recovery-out FILE).',
    );
}
