/** `custos case create|list`. */
import type { Command } from 'commander';
import { countWords } from '#shared/util/words.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import { table } from '../words.ts';

interface CreateOptions extends CommonOptions {
  ref: string;
  title: string;
  service: string;
  lawPack: string;
}

export function addCaseCommands(program: Command): void {
  const group = program.command('case').description('cases of a workspace');

  withWorkspaceOptions(group.command('create <workspace>'))
    .description('create a case')
    .requiredOption('--ref <ref>', 'its reference')
    .requiredOption('--title <title>', 'its title')
    .option('--service <service>', 'the service under investigation', '')
    .option('--law-pack <id>', 'the law pack that derives categories', 'uk')
    .action((workspace: string, options: CreateOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const { ref, title, service, lawPack } = options;
        const made = await client.call('cases.create', { ref, title, service, lawPack });
        terminal.answer(made, `Case ${made.ref} was created.`);
      }),
    );

  withWorkspaceOptions(group.command('list <workspace>'))
    .description('list the cases')
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const cases = await client.call('cases.list', {});
        if (terminal.json) for (const entry of cases) terminal.line(entry, '');
        else if (cases.length === 0) terminal.answer(cases, 'There is no case yet.');
        else
          terminal.answer(
            cases,
            table([
              ['reference', 'items', 'undecided', 'title'],
              ...cases.map((c) => [
                c.ref,
                countWords(c.figures.items),
                countWords(c.figures.undecided),
                c.title,
              ]),
            ]),
          );
      }),
    );
}
