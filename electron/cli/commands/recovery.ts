/** `custos recovery use|confirm|renew`: the words that open a workspace when a password is lost. */
import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { CustosError } from '#shared/domain/errors.ts';
import { typedPath } from '../client.ts';
import {
  inWorkspace,
  withClient,
  withJson,
  withWorkspaceOptions,
  type CommonOptions,
} from '../command.ts';
import { reserveRecoveryFile } from '../recovery-file.ts';
import type { JsonOption, Run } from '../run.ts';
import { readNewPassword, readPassword } from '../secrets.ts';
import { oneLine } from '../words.ts';

/** 24 words and whatever somebody put around them. */
const MOST_BYTES = 8 * 1024;

interface UseOptions extends JsonOption {
  wordsFile?: string;
  member?: string;
  newPasswordFile?: string;
}

interface ConfirmOptions extends CommonOptions {
  wordsFile?: string;
}

interface RenewOptions extends CommonOptions {
  recoveryOut: string;
}

export function addRecoveryCommands(program: Command, run: Run): void {
  const group = program
    .command('recovery')
    .description('the recovery words: use, check and replace them');

  withJson(group.command('use <workspace>'))
    .description('set a new password with the recovery words')
    .option('--words-file <file>', 'take the 24 words from this file instead of asking for them')
    .option('--member <name>', 'whose password is to be replaced, to be sure')
    .option('--new-password-file <file>', 'take the new password from this file')
    .action((workspace: string, options: UseOptions) =>
      withClient(run, options, async (client, terminal) => {
        const choice = client.keep(workspace);
        const words = await readWords(options.wordsFile, run);
        const newPassword = await readNewPassword(
          options.newPasswordFile,
          { member: options.member ?? 'this workspace', option: '--new-password-file' },
          run.asking,
        );
        const member = options.member ?? null;
        const done = await client.call('workspace.recover', { choice, words, member, newPassword });
        terminal.answer(
          done,
          `${oneLine(done.member)} has a new password. The words that were used still open the workspace: make new ones (custos recovery renew).`,
        );
      }),
    );

  withWorkspaceOptions(group.command('confirm <workspace>'))
    .description('check that the words are as they were written down')
    .option('--words-file <file>', 'take the 24 words from this file instead of asking for them')
    .action((workspace: string, options: ConfirmOptions) =>
      inWorkspace(
        run,
        workspace,
        options,
        async (client, terminal, words) => {
          await client.call('workspace.confirmRecovery', { words });
          terminal.answer({ confirmed: true }, 'These words open the workspace.');
        },
        () => readWords(options.wordsFile, run),
      ),
    );

  withWorkspaceOptions(group.command('renew <workspace>'))
    .description('make new words; the earlier ones open nothing any more')
    .requiredOption('--recovery-out <file>', 'write them to this new file, for you only')
    .action((workspace: string, options: RenewOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const password = await readPassword(
          options.passwordFile,
          'Your password once more',
          run.asking,
        );
        const out = typedPath(options.recoveryOut);
        const file = reserveRecoveryFile(out, typedPath(workspace));
        let words: string[];
        try {
          ({ recoveryWords: words } = await client.call('workspace.renewRecovery', { password }));
        } catch (error) {
          file.giveUp();
          throw error;
        }
        file.keep(words.join(' '));
        // What lies in the file is what was meant: read back, and so checked.
        await client.call('workspace.confirmRecovery', { words: wordsIn(out) });
        terminal.answer(
          { renewed: true },
          `New recovery words are in "${oneLine(options.recoveryOut)}". Move it off this machine, and destroy the earlier ones.`,
        );
      }),
    );
}

/** The words of a file, as they stand there. Throws SOURCE_UNREADABLE, USAGE. */
export function wordsIn(file: string): string[] {
  try {
    if (statSync(file).size > MOST_BYTES) {
      throw new CustosError('USAGE', 'The file of the recovery words is too long to be one.');
    }
    return split(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof CustosError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CustosError(
      'SOURCE_UNREADABLE',
      `The file of the recovery words cannot be read (${code}). Check its name, and that you may read it.`,
      { cause: error },
    );
  }
}

async function readWords(file: string | undefined, run: Run): Promise<string[]> {
  if (file !== undefined) return wordsIn(typedPath(file));
  if (!run.around.stdin.isTTY) {
    throw new CustosError(
      'USAGE',
      'There is no terminal to ask for the words at. Give --words-file FILE.',
    );
  }
  return split(await readPassword(undefined, 'The 24 recovery words', run.asking));
}

function split(text: string): string[] {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length === 0 || words.length > 30) {
    throw new CustosError(
      'USAGE',
      `There are ${String(words.length)} words; the recovery words are 24.`,
    );
  }
  return words;
}
