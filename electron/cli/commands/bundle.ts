/** `custos bundle request|approve|build|list`; `verify` has a file of its own. */
import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { BundleSummary } from '#shared/contract/bundles.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Edition } from '#shared/domain/words.ts';
import { plural, sizeWords } from '#shared/util/words.ts';
import { caseId, typedPath, type Client } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { collect, parseEdition, parseId } from '../parse.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../words.ts';
import { addVerifyCommand } from './bundle-verify.ts';

interface RequestOptions extends CommonOptions {
  case?: string;
  edition?: string;
  to?: string[];
}
interface BuildOptions extends RequestOptions {
  out: string;
}
interface Wanted {
  ref: string;
  edition: Edition;
  recipients: string[];
}

export function addBundleCommands(program: Command, run: Run): void {
  const bundle = program.command('bundle').description('package findings for somebody else');

  withRequest(withWorkspaceOptions(bundle.command('request <workspace>')))
    .description('ask for a bundle and print its number (investigators, legal)')
    .action((workspace: string, options: RequestOptions) => {
      const wanted = parseRequest(options);
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        const made = await request(client, wanted);
        const next = made.needsApproval
          ? 'A supervisor has to approve it; then it may be built.'
          : 'It may be built.';
        terminal.answer(made, `${made.id}\nBundle ${made.id} was requested. ${next}`);
      });
    });

  withWorkspaceOptions(bundle.command('approve <workspace> <id>'))
    .description('approve a bundle that somebody else asked for (supervisors)')
    .action((workspace: string, id: string, options: CommonOptions) => {
      const bundleId = parseId(id, 'bundle');
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        const made = await client.call('bundles.approve', { bundleId });
        terminal.answer(made, `Bundle ${made.id} was approved.`);
      });
    });

  withRequest(withWorkspaceOptions(bundle.command('build <workspace> [id]')))
    .description(
      'build a bundle that may be built; or, with --case and --to, ask for it and build it at once where no approval is needed (investigators, legal)',
    )
    .requiredOption('--out <file>', 'the new file to write')
    .action((workspace: string, id: string | undefined, options: BuildOptions) => {
      const given = parseBuild(id, options);
      const out = requireFree(typedPath(options.out));
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        const bundleId =
          typeof given === 'number' ? given : (await requestUnapproved(client, given)).id;
        const built = await build(client, terminal, bundleId, out);
        terminal.answer(
          built,
          `Bundle ${built.id}: ${plural(built.items, 'item', 'items')}, ${sizeWords(built.bytes ?? 0)}, SHA-256 ${built.sha256}`,
        );
      });
    });

  withWorkspaceOptions(bundle.command('list <workspace>'))
    .description('list the bundles of all cases')
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        for (const made of await client.call('bundles.list', {}))
          terminal.line(
            made,
            oneLine(
              `${made.id}  ${made.caseRef}  ${made.edition}  ${made.state}  asked for by ${made.requestedBy}`,
            ),
          );
      }),
    );

  addVerifyCommand(bundle, run);
}

function withRequest(command: Command): Command {
  return command
    .option('--case <ref>', 'reference of the case')
    .option('--edition <edition>', 'sealed, redacted, hash-only or defence (sealed where left out)')
    .option('--to <recipient>', "a recipient's age1… line; may be repeated", collect);
}

function parseRequest(options: RequestOptions): Wanted {
  const { case: ref, edition = 'sealed', to = [] } = options;
  if (ref === undefined || to.length === 0)
    throw new CustosError('USAGE', 'Give --case REF and at least one --to RECIPIENT.');
  return { ref, edition: parseEdition(edition), recipients: to };
}

/** Either the number of a bundle or what to ask for, not both. */
function parseBuild(id: string | undefined, options: BuildOptions): number | Wanted {
  if (id === undefined) return parseRequest(options);
  if (options.case !== undefined || options.edition !== undefined || options.to !== undefined)
    throw new CustosError(
      'USAGE',
      'Give either the number of a bundle, or --case, --edition and --to. What was asked for cannot be changed while building.',
    );
  return parseId(id, 'bundle');
}

async function request(client: Client, wanted: Wanted): Promise<BundleSummary> {
  return client.call('bundles.request', {
    caseId: await caseId(client, wanted.ref),
    edition: wanted.edition,
    recipients: wanted.recipients,
  });
}

/** Asks only where nobody has to approve: no request is left behind that was not meant. */
async function requestUnapproved(client: Client, wanted: Wanted): Promise<BundleSummary> {
  const id = await caseId(client, wanted.ref);
  const { edition } = wanted;
  const { needsApproval } = await client.call('bundles.preview', { caseId: id, edition });
  if (needsApproval)
    throw new CustosError(
      'APPROVAL_REQUIRED',
      'In this workspace another person has to approve a bundle. Ask for it with "custos bundle request"; once a supervisor has approved it, build it by its number.',
    );
  return request(client, wanted);
}

async function build(
  client: Client,
  terminal: Terminal,
  bundleId: number,
  out: string,
): Promise<BundleSummary> {
  const target = client.keep(out);
  const { jobId } = await client.call('bundles.build', { bundleId, target });
  const job = await client.follow(jobId, terminal);
  if (job.state !== 'done')
    throw job.state === 'cancelled'
      ? new CustosError('CANCELLED', 'The bundle was not built; nothing was left behind.')
      : new CustosError(job.code ?? 'INTERNAL', job.message ?? 'The bundle was not built.');
  return (await client.call('bundles.list', {})).find((bundle) => bundle.id === bundleId)!;
}

/** Asked before a password is typed in vain; the core holds it again when it writes. */
function requireFree(file: string): string {
  if (lstatSync(file, { throwIfNoEntry: false }))
    throw new CustosError(
      'ALREADY_EXISTS',
      'There is a file of that name already, and nothing is written over. Choose another name.',
    );
  if (!statSync(path.dirname(file), { throwIfNoEntry: false })?.isDirectory())
    throw new CustosError(
      'NOT_FOUND',
      'The folder for the bundle does not exist. Choose another, or make it first.',
    );
  return file;
}
