/** `custos case create|list`. */
import type { Command } from 'commander';
import { countWords } from '#shared/util/words.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { parseLabel } from '../parse.ts';
import { oneLine, table } from '../words.ts';

interface CreateOptions extends CommonOptions {
  ref: string;
  title: string;
  service?: string;
  lawPack: string;
}

export function addCaseCommands(program: Command, run: Run): void {
  const group = program.command('case').description('create and list the cases of a workspace');

  withWorkspaceOptions(group.command('create <workspace>'))
    .description('create a case (investigators, supervisors)')
    .requiredOption('--ref <ref>', 'its reference, by which every other command names it')
    .requiredOption('--title <title>', 'its title')
    .option('--service <service>', 'the service under investigation')
    .option('--law-pack <id>', 'the law pack that derives categories from facts', 'uk')
    .action((workspace: string, options: CreateOptions) => {
      const wanted = {
        ref: parseLabel(options.ref, "A case's reference", 60),
        title: parseLabel(options.title, "A case's title", 200),
        service: parseLabel(options.service ?? '', 'The name of a service', 200, 0),
        lawPack: parseLabel(options.lawPack, 'The id of a law pack', 40),
      };
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        const made = await client.call('cases.create', wanted);
        terminal.answer(made, `Case ${oneLine(made.ref)} was created.`);
      });
    });

  withWorkspaceOptions(group.command('list <workspace>'))
    .description('list the cases')
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
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
