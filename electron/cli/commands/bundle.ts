/** `custos bundle request|approve|build|verify|list`. */
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { CustosError, EXIT, type ExitCode } from '#shared/domain/errors.ts';
import { plural, sizeWords } from '#shared/util/words.ts';
import { verifyBundle } from '#core/bundle/verify.ts';
import { caseId, type Client } from '../client.ts';
import { inWorkspace, withJson, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import { parseEdition, parseId } from '../parse.ts';
import { createTerminal } from '../terminal.ts';

interface RequestOptions extends CommonOptions {
  case?: string;
  edition: string;
  to: string[];
}
interface BuildOptions extends RequestOptions {
  out: string;
}
interface VerifyOptions {
  identity?: string;
  signers?: string;
  json?: boolean;
}

export function addBundleCommands(program: Command, found: (code: ExitCode) => void): void {
  const bundle = program.command('bundle').description('findings packaged for somebody else');

  withRequest(withWorkspaceOptions(bundle.command('request <workspace>')))
    .description('ask for a bundle; another member approves it')
    .action((workspace: string, options: RequestOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const made = await request(client, options);
        const next = made.needsApproval ? 'A supervisor has to approve it.' : 'It may be built.';
        terminal.answer(made, `${made.id}\nBundle ${made.id} was requested. ${next}`);
      }),
    );

  withWorkspaceOptions(bundle.command('approve <workspace> <id>'))
    .description('approve a bundle somebody else asked for (supervisor)')
    .action((workspace: string, id: string, options: CommonOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const made = await client.call('bundles.approve', { bundleId: parseId(id, 'bundle') });
        terminal.answer(made, `Bundle ${made.id} was approved.`);
      }),
    );

  withRequest(withWorkspaceOptions(bundle.command('build <workspace> [id]')))
    .description('build an approved bundle, or request and build where no approval is needed')
    .requiredOption('--out <file>', 'the file to write')
    .action((workspace: string, id: string | undefined, options: BuildOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const bundleId =
          id === undefined ? (await request(client, options)).id : parseId(id, 'bundle');
        const { jobId } = await client.call('bundles.build', {
          bundleId,
          target: client.keep(options.out),
        });
        const job = await client.follow(jobId, terminal);
        if (job.state !== 'done')
          throw new CustosError(
            job.state === 'cancelled' ? 'CANCELLED' : (job.code ?? 'INTERNAL'),
            job.message ?? 'The bundle was not built; nothing was left behind.',
          );
        const built = (await client.call('bundles.list', {})).find((b) => b.id === bundleId)!;
        terminal.answer(
          built,
          `Bundle ${built.id}: ${plural(built.items, 'item', 'items')}, ${sizeWords(built.bytes ?? 0)}, SHA-256 ${built.sha256}`,
        );
      }),
    );

  withWorkspaceOptions(bundle.command('list <workspace>'))
    .description('bundles of all cases')
    .action((workspace: string, options: CommonOptions) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        for (const made of await client.call('bundles.list', {}))
          terminal.line(made, `${made.id}  ${made.caseRef}  ${made.edition}  ${made.state}`);
      }),
    );

  withJson(bundle.command('verify <file>'))
    .description('check a bundle; needs no workspace')
    .option('--identity <file>', 'age identity that opens it')
    .option('--signers <file>', 'allowed signers, as ssh-keygen reads them')
    .action(async (file: string, options: VerifyOptions) => {
      const verdict = await verifyBundle({
        file: resolve(file),
        identityFile: options.identity === undefined ? null : resolve(options.identity),
        signersFile: options.signers === undefined ? null : resolve(options.signers),
      });
      if (!verdict.good) found(EXIT.wrong);
      createTerminal(options.json ?? false).answer(
        verdict,
        [
          verdict.good ? 'The bundle is good.' : 'The bundle is NOT good.',
          ...verdict.checks.map((check) => `  ${check.outcome}: ${check.name}: ${check.detail}`),
        ].join('\n'),
      );
    });
}

function withRequest(command: Command): Command {
  return command
    .option('--case <ref>', 'reference of the case')
    .option('--edition <edition>', 'sealed, redacted, hash-only or defence', 'sealed')
    .option(
      '--to <recipient>',
      'an age recipient (age1…), may be repeated',
      collect,
      [] as string[],
    );
}

async function request(
  client: Client,
  options: RequestOptions,
): Promise<{ id: number; needsApproval: boolean }> {
  if (options.case === undefined || options.to.length === 0)
    throw new CustosError('USAGE', 'Give --case REF and at least one --to RECIPIENT.');
  return client.call('bundles.request', {
    caseId: await caseId(client, options.case),
    edition: parseEdition(options.edition),
    recipients: options.to,
  });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
