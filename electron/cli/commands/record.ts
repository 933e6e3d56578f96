/** `custos record verify|list|checkpoint`. */
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '#shared/domain/errors.ts';
import { plural } from '#shared/util/words.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';

const PAGE = 500;

export function addRecordCommands(program: Command, found: (code: ExitCode) => void): void {
  const record = program.command('record').description('the tamper-evident record');

  withWorkspaceOptions(record.command('verify <workspace>'))
    .description('check the chain, the tree, the checkpoints and this machine’s memory of them')
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const verdict = await client.call('record.verify', {});
        if (!verdict.good) found(EXIT.wrong);
        terminal.answer(
          verdict,
          [
            verdict.good
              ? `The record is intact: ${plural(verdict.entries, 'entry', 'entries')}, ${plural(verdict.checkpoints, 'signed checkpoint', 'signed checkpoints')}.`
              : 'The record is NOT intact.',
            ...verdict.findings.map((finding) => `  ${finding}`),
            `root ${verdict.root}; ${plural(verdict.sinceCheckpoint, 'entry', 'entries')} since the last checkpoint; this machine's memory: ${verdict.anchor}`,
          ].join('\n'),
        );
      }),
    );

  withWorkspaceOptions(record.command('list <workspace>'))
    .description('print the entries, newest first (supervisor)')
    .option('--limit <n>', 'at most this many', '1000000')
    .action((workspace: string, options: CommonOptions & { limit: string }) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        let left = Number(options.limit);
        let before: number | null = null;
        while (left > 0) {
          const limit = Math.min(PAGE, left);
          const page: Awaited<ReturnType<typeof client.call<'record.list'>>> = await client.call(
            'record.list',
            { before, limit },
          );
          for (const entry of page.entries)
            terminal.line(entry, `${entry.seq}  ${entry.at}  ${entry.by}  ${entry.summary}`);
          left -= page.entries.length;
          const last = page.entries.at(-1);
          if (!page.more || !last) return;
          before = last.seq;
        }
      }),
    );

  withWorkspaceOptions(record.command('checkpoint <workspace>'))
    .description('sign a checkpoint now and print it, to be kept elsewhere')
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const made = await client.call('record.checkpoint', {});
        terminal.answer(made, made.note.trimEnd());
      }),
    );
}
