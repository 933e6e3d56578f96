/** `custos report`: the figures of a case. */
import type { Command } from 'commander';
import { plural } from '#shared/util/words.ts';
import { caseId } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { oneLine } from '../words.ts';

export function addReportCommand(program: Command, run: Run): void {
  withWorkspaceOptions(program.command('report <workspace>'))
    .description('print the figures of a case')
    .requiredOption('--case <ref>', 'reference of the case')
    .action((workspace: string, options: CommonOptions & { case: string }) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const id = await caseId(client, options.case);
        const { case: summary, imports } = await client.call('cases.report', { caseId: id });
        const f = summary.figures;
        const perPicture = f.looksPerDistinctPicture;
        const categories = Object.entries(f.byCategory).map(([name, n]) => `  ${name}: ${n}`);
        terminal.answer(
          { ref: summary.ref, title: summary.title, ...f, imports },
          [
            oneLine(`${summary.ref}  ${summary.title}`),
            `${plural(f.items, 'item', 'items')} in ${plural(f.stacks, 'stack', 'stacks')}, ${plural(f.decided, 'decided', 'decided')}, ${plural(f.undecided, 'undecided', 'undecided')}, ${plural(f.unreadable, 'unreadable', 'unreadable')}`,
            ...categories,
            `looks in colour per distinct picture: ${perPicture === null ? '–' : perPicture.toFixed(2)}`,
            `decided without any look: ${f.decidedWithoutLook}, with one: ${f.decidedWithOneLook}, with more: ${f.decidedWithMoreLooks}`,
            `looks: ${f.looks}, of these in colour ${f.colourLooks}, again with a reason ${f.relooks}`,
          ].join('\n'),
        );
      }),
    );
}
