/** `custos record verify|list`; what leaves the machine is in `record-proofs.ts`. */
import type { Command } from 'commander';
import type { Output } from '#shared/contract/contract.ts';
import { EXIT } from '#shared/domain/errors.ts';
import { plural } from '#shared/util/words.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { parseCount } from '../parse.ts';
import { oneLine } from '../words.ts';
import { addRecordProofCommands } from './record-proofs.ts';

const PAGE = 500;

export function addRecordCommands(program: Command, run: Run): void {
  const record = program.command('record').description('read and prove the tamper-evident record');

  withWorkspaceOptions(record.command('verify <workspace>'))
    .description(
      "check the record's chain, its tree, its checkpoints and this machine's memory of it",
    )
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const verdict = await client.call('record.verify', {});
        if (!verdict.good) run.found(EXIT.wrong);
        terminal.answer(
          verdict,
          [
            verdict.good
              ? `The record is intact: ${plural(verdict.entries, 'entry', 'entries')}, ${plural(verdict.checkpoints, 'signed checkpoint', 'signed checkpoints')}.`
              : 'The record is not intact.',
            ...verdict.findings.map((finding) => `  ${oneLine(finding)}`),
            `root ${verdict.root}; ${plural(verdict.sinceCheckpoint, 'entry', 'entries')} since the last checkpoint; this machine's memory: ${verdict.anchor}`,
            ...verdict.witnesses.map(
              ({ name, size, at, fingerprint }) =>
                `witnessed up to entry ${size} by ${name} at ${at} (key ${fingerprint})`,
            ),
          ].join('\n'),
        );
      }),
    );

  withWorkspaceOptions(record.command('list <workspace>'))
    .description('print the entries, newest first (supervisors); the reading is itself recorded')
    .option('--limit <n>', 'at most this many entries')
    .action((workspace: string, options: CommonOptions & { limit?: string }) => {
      let left = options.limit === undefined ? Infinity : parseCount(options.limit, 'entries');
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        let before: number | null = null;
        while (left > 0) {
          const limit = Math.min(PAGE, left);
          const page: Output<'record.list'> = await client.call('record.list', { before, limit });
          for (const entry of page.entries)
            terminal.line(entry, `${entry.seq}  ${entry.at}  ${entry.by}  ${entry.summary}`);
          left -= page.entries.length;
          const last = page.entries.at(-1);
          if (!page.more || !last) return;
          before = last.seq;
        }
      });
    });

  addRecordProofCommands(record, run);
}
