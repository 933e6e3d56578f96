/** `custos import`: files and folders into a case, with a balanced ledger. */
import type { Command } from 'commander';
import type { Output } from '#shared/contract/contract.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { durationWords, plural, sizeWords } from '#shared/util/words.ts';
import { caseId, type Client } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends CommonOptions {
  case: string;
  source: string;
  exhibit: string;
  dryRun?: boolean;
}

export function addImportCommand(program: Command): void {
  withWorkspaceOptions(program.command('import <workspace> <path...>'))
    .description('bring files and folders into a case')
    .requiredOption('--case <ref>', 'reference of the case')
    .option('--source <label>', 'where the files come from', '')
    .option('--exhibit <ref>', 'exhibit reference', '')
    .option('--dry-run', 'count what is there and keep nothing')
    .action((workspace: string, paths: string[], options: Options) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const id = await caseId(client, options.case);
        if (options.dryRun) await preview(client, terminal, id, paths);
        else await bringIn(client, terminal, id, paths, options);
      }),
    );
}

async function preview(
  client: Client,
  terminal: Terminal,
  id: number,
  paths: string[],
): Promise<void> {
  const seen = await client.call('intake.preview', {
    caseId: id,
    choices: [client.keep(...paths)],
  });
  const types = Object.entries(seen.byType).map(([type, count]) => `${type}: ${count}`);
  const time =
    seen.expectedSeconds === null ? '' : `, about ${durationWords(seen.expectedSeconds)}`;
  terminal.answer(
    seen,
    `${plural(seen.files, 'file', 'files')}, ${sizeWords(seen.bytes)}${time}. ${types.join(', ')}. Nothing was kept.`,
  );
}

async function bringIn(
  client: Client,
  terminal: Terminal,
  id: number,
  paths: string[],
  options: Options,
): Promise<void> {
  const { jobId, importId } = await client.call('intake.start', {
    caseId: id,
    choices: [client.keep(...paths)],
    source: options.source,
    exhibit: options.exhibit,
  });
  const job = await client.follow(jobId, terminal);
  const imports = await client.call('intake.imports', { caseId: id });
  const done = imports.find((entry) => entry.id === importId)!;
  const failures = await allFailures(client, importId);
  const { ledger } = done;
  const seconds = (Date.parse(done.endedAt!) - Date.parse(done.startedAt)) / 1000;
  if (job.state === 'failed')
    throw new CustosError(
      job.code ?? 'INTERNAL',
      `${job.message ?? 'The import failed.'} ${plural(ledger.offered, 'file was', 'files were')} finished and kept.`,
    );
  if (job.state === 'cancelled')
    throw new CustosError(
      'CANCELLED',
      `The import was cancelled. ${plural(ledger.offered, 'file', 'files')} that were finished are kept.`,
    );
  terminal.answer(
    {
      ...ledger,
      stacks: done.stacks,
      // Matching against hash sets is not part of this version: no set can be loaded yet.
      matched: 0,
      bytes: done.bytes,
      seconds,
      failures: failures.map(({ path, reason }) => ({ path, reason })),
    },
    [
      `${plural(ledger.offered, 'file', 'files')} offered = ${ledger.new} new + ${ledger.duplicate} duplicate + ${ledger.unreadable} unreadable + ${ledger.refused} refused`,
      `${plural(done.stacks, 'stack', 'stacks')}, ${sizeWords(done.bytes)}, ${durationWords(seconds)}`,
      ...failures.map((failure) => `  ${failure.outcome}: ${failure.path}: ${failure.reason}`),
    ].join('\n'),
  );
}

async function allFailures(
  client: Client,
  importId: number,
): Promise<Output<'intake.failures'>['failures']> {
  const all: Output<'intake.failures'>['failures'] = [];
  for (;;) {
    const page: Output<'intake.failures'> = await client.call('intake.failures', {
      importId,
      offset: all.length,
      limit: 1000,
    });
    all.push(...page.failures);
    if (page.failures.length === 0 || all.length >= page.total) return all;
  }
}
