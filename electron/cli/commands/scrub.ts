/** `custos scrub`: looks for damage before it is met. */
import type { Command } from 'commander';
import type { ScrubReport } from '#shared/contract/upkeep.ts';
import { CustosError, EXIT } from '#shared/domain/errors.ts';
import { plural, sizeWords } from '#shared/util/words.ts';
import type { Client } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { parsePercent } from '../parse.ts';
import { oneLine } from '../words.ts';

interface Options extends CommonOptions {
  full?: boolean;
  pace: string;
  fromStart?: boolean;
}

export function addScrubCommand(program: Command, run: Run): void {
  withWorkspaceOptions(program.command('scrub <workspace>'))
    .description(
      'look for damage: every original is there and as long as it should be, nothing lies about; an unfinished scrub is gone on with',
    )
    .option('--full', 'besides, decrypt every original and prove every page and every entry')
    .option('--pace <percent>', 'share of the time to work; the rest is left to others', '100')
    .option('--from-start', 'begin anew, also where an earlier scrub was not finished')
    .action((workspace: string, options: Options) => {
      const duty = parsePercent(options.pace, '--pace') / 100;
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        const { jobId, resumed } = await client.call('scrub.start', {
          kind: options.full ? 'full' : 'quick',
          duty,
          resume: !options.fromStart,
        });
        if (resumed) run.tell('Going on with a scrub that was not finished.');
        const job = await client.follow(jobId, terminal);
        if (job.state !== 'done')
          throw new CustosError(
            job.state === 'cancelled' ? 'CANCELLED' : (job.code ?? 'INTERNAL'),
            job.message ?? 'The scrub was stopped. What it found is kept; the next one goes on.',
          );
        const report = await reportOf(client);
        if (!report.good) run.found(EXIT.wrong);
        terminal.answer(report, inWords(report));
      });
    });
}

async function reportOf(client: Client): Promise<ScrubReport> {
  const { unrecorded, scrubs } = await client.call('upkeep.status', {});
  const report = unrecorded ?? scrubs[0]?.report;
  if (!report) throw new CustosError('INTERNAL', 'The scrub has left no report.');
  return report;
}

function inWords(report: ScrubReport): string {
  const { originals, pages, record } = report;
  const checked = [
    `${plural(originals.checked, 'original', 'originals')} (${sizeWords(originals.bytes)})`,
    pages.catalogue > 0 &&
      `${plural(pages.catalogue + (pages.derived ?? 0), 'database page', 'database pages')}`,
    record !== null && `${plural(record, 'entry', 'entries')} of the record`,
  ].filter(Boolean);
  return [
    report.good ? 'Nothing is wrong.' : 'Something is wrong.',
    `Checked: ${checked.join(', ')}.`,
    ...(originals.damaged > 0
      ? [`${plural(originals.damaged, 'original is', 'originals are')} missing or damaged.`]
      : []),
    ...(originals.mended > 0
      ? [`${plural(originals.mended, 'original is', 'originals are')} good again.`]
      : []),
    ...report.findings.map(({ severity, text }) => oneLine(`  ${severity}: ${text}`)),
    ...(report.more > 0 ? [`  and ${String(report.more)} more`] : []),
    ...report.notChecked,
  ].join('\n');
}
