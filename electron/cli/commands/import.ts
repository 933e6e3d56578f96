/** `custos import`: files and folders into a case, with a balanced ledger. */
import type { Command } from 'commander';
import type { ImportFailure, ImportSummary } from '#shared/contract/cases.ts';
import type { Output } from '#shared/contract/contract.ts';
import type { JobProgress } from '#shared/contract/values.ts';
import { ERROR_EXITS, type ErrorData } from '#shared/domain/errors.ts';
import { countWords, durationWords, plural, sizeWords } from '#shared/util/words.ts';
import { caseId, type Client } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { parseLabel } from '../parse.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../words.ts';

interface Options extends CommonOptions {
  case: string;
  source?: string;
  exhibit?: string;
  dryRun?: boolean;
}

interface Request {
  caseId: number;
  paths: string[];
  source: string;
  exhibit: string;
}

export function addImportCommand(program: Command, run: Run): void {
  withWorkspaceOptions(program.command('import <workspace> <path...>'))
    .description('bring files and folders into a case (investigators)')
    .requiredOption('--case <ref>', 'reference of the case')
    .option('--source <label>', 'where the files come from')
    .option('--exhibit <ref>', 'exhibit reference')
    .option('--dry-run', 'count what is there and keep nothing')
    .action((workspace: string, paths: string[], options: Options) => {
      const source = parseLabel(options.source ?? '', 'The label of a source', 200, 0);
      const exhibit = parseLabel(options.exhibit ?? '', 'An exhibit reference', 100, 0);
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        const request = { caseId: await caseId(client, options.case), paths, source, exhibit };
        if (options.dryRun) await preview(client, terminal, request);
        else await bringIn(run, client, terminal, request);
      });
    });
}

async function preview(client: Client, terminal: Terminal, request: Request): Promise<void> {
  const seen = await client.call('intake.preview', {
    caseId: request.caseId,
    choices: [client.keep(...request.paths)],
  });
  const types = Object.entries(seen.byType).map(([type, count]) => `${countWords(count)} ${type}`);
  const lines = [
    `${plural(seen.files, 'file', 'files')}, ${sizeWords(seen.bytes)}${types.length > 0 ? `: ${types.join(', ')}` : ''}.`,
  ];
  if (seen.truncated) lines.push('There is more: counting stopped here.');
  if (seen.refused > 0)
    lines.push(`${plural(seen.refused, 'thing', 'things')} that cannot be read, or are no files.`);
  if (seen.expectedSeconds !== null)
    lines.push(`The import would take about ${durationWords(seen.expectedSeconds)}.`);
  lines.push(`${sizeWords(seen.freeBytes)} are free for the workspace. Nothing was kept.`);
  terminal.answer(seen, lines.join('\n'));
}

async function bringIn(
  run: Run,
  client: Client,
  terminal: Terminal,
  { caseId: id, paths, source, exhibit }: Request,
): Promise<void> {
  const { recoveryConfirmed } = await client.call('workspace.status', {});
  if (!recoveryConfirmed)
    run.tell(
      'The recovery words of this workspace were never checked: without them a lost password means lost evidence. Check them with "custos recovery confirm".',
    );
  const { jobId, importId } = await client.call('intake.start', {
    caseId: id,
    choices: [client.keep(...paths)],
    source,
    exhibit,
  });
  const job = await client.follow(jobId, terminal);
  const imports = await client.call('intake.imports', { caseId: id });
  const made = imports.find((entry) => entry.id === importId)!;
  const failures = await allFailures(client, importId);
  const error = endedEarly(job, made);
  if (error) {
    // What was finished is kept, so its ledger is told as it would have been.
    run.found(ERROR_EXITS[error.code]);
    run.tell(error.message);
  }
  terminal.answer(
    document(made, failures, error),
    words(made, failures, job.state === 'done' ? null : job.state),
  );
}

/** Null where the import came to its end. */
function endedEarly(job: JobProgress, { ledger }: ImportSummary): ErrorData | null {
  if (job.state === 'done') return null;
  const kept = `${plural(ledger.offered, 'file was', 'files were')} finished and kept; run it again over the same sources to complete it.`;
  return job.state === 'cancelled'
    ? { code: 'CANCELLED', message: `The import was stopped. ${kept}` }
    : { code: job.code ?? 'INTERNAL', message: `${job.message ?? 'The import failed.'} ${kept}` };
}

function document(
  made: ImportSummary,
  failures: readonly ImportFailure[],
  error: ErrorData | null,
): Record<string, unknown> {
  return {
    ...made.ledger,
    stacks: made.stacks,
    // Matching against hash sets is not part of this version: no set can be loaded yet.
    matched: 0,
    bytes: made.bytes,
    seconds: secondsOf(made),
    failures: failures.map(({ path, reason }) => ({ path, reason })),
    ...(error === null ? {} : { error }),
  };
}

function words(
  made: ImportSummary,
  failures: readonly ImportFailure[],
  ended: string | null,
): string {
  const { offered, new: added, duplicate, unreadable, refused } = made.ledger;
  const seconds = secondsOf(made);
  return [
    `${plural(offered, 'file', 'files')} offered${ended === null ? '' : ' so far'} = ${countWords(added)} new + ${countWords(duplicate)} duplicate + ${countWords(unreadable)} unreadable + ${countWords(refused)} refused`,
    `${plural(made.stacks, 'stack', 'stacks')}, ${sizeWords(made.bytes)}${seconds === null ? '' : `, ${durationWords(seconds)}`}`,
    ...failures.map(({ outcome, path, reason }) => oneLine(`  ${outcome}: ${path}: ${reason}`)),
  ].join('\n');
}

/** Null where even the ending could not be written (a full disk). */
function secondsOf({ startedAt, endedAt }: ImportSummary): number | null {
  return endedAt === null ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

async function allFailures(client: Client, importId: number): Promise<ImportFailure[]> {
  const all: ImportFailure[] = [];
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
