/** `custos record checkpoint|export|witness`: what of the record leaves this machine. */
import type { Command } from 'commander';
import { CustosError } from '#shared/domain/errors.ts';
import { plural, sizeWords } from '#shared/util/words.ts';
import { readSmallFile, writeSmallFile } from '#core/record/hand-over.ts';
import { witness } from '#core/record/witness.ts';
import { caseId, typedPath } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { parseId } from '../parse.ts';

interface CheckpointOptions extends CommonOptions {
  out?: string;
  witness?: string;
  old?: string;
}
interface ExportOptions extends CommonOptions {
  out: string;
  case?: string;
  item?: string;
  since?: string;
}
interface WitnessOptions extends CommonOptions {
  out?: string;
  accept?: string;
  trust?: string;
}

export function addRecordProofCommands(record: Command, run: Run): void {
  addCheckpoint(record, run);
  addExport(record, run);
  addWitness(record, run);
}

function addCheckpoint(record: Command, run: Run): void {
  withWorkspaceOptions(record.command('checkpoint <workspace>'))
    .description('sign a checkpoint now and print it, to be kept away from this machine')
    .option('--out <file>', 'write a request to a witness, to be carried there')
    .option('--witness <name>', 'which witness, where there are several')
    .option('--old <entries>', 'entries the witness saw last; 0 for one that has never seen any')
    .action((workspace: string, options: CheckpointOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        if (options.out === undefined) {
          if (options.witness !== undefined || options.old !== undefined)
            throw new CustosError('USAGE', 'A request to a witness needs --out FILE.');
          const made = await client.call('record.checkpoint', {});
          terminal.answer(made, made.note.trimEnd());
          return;
        }
        const made = await client.call('record.witnessRequest', {
          target: client.keep(options.out),
          witness: options.witness ?? null,
          old: options.old === undefined ? null : parseOld(options.old),
        });
        terminal.answer(
          made,
          [
            `Request for ${plural(made.size, 'entry', 'entries')}, continuing ${plural(made.old, 'entry', 'entries')}. Take it to the witness: custos record witness FILE --out ANSWER`,
            `Key of this record: ${made.fingerprint}`,
          ].join('\n'),
        );
      }),
    );
}

function addExport(record: Command, run: Run): void {
  withWorkspaceOptions(record.command('export <workspace>'))
    .description('a signed, readable copy with proofs, for somebody without Custos (supervisors)')
    .requiredOption('--out <file>', 'the file to write')
    .option('--case <ref>', 'only what is about this case')
    .option('--item <id>', 'only what is about this item')
    .option('--since <file>', 'a checkpoint kept earlier, which the record is shown to continue')
    .action((workspace: string, options: ExportOptions) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const made = await client.call('record.export', {
          target: client.keep(options.out),
          caseId: options.case === undefined ? null : await caseId(client, options.case),
          itemId: options.item === undefined ? null : parseId(options.item, 'item'),
          since: options.since === undefined ? null : client.keep(options.since),
        });
        terminal.answer(
          made,
          `${plural(made.entries, 'entry', 'entries')} of ${made.size}, ${sizeWords(made.bytes)}, SHA-256 ${made.sha256}\nCheck it without Custos: node verify-record.mjs FILE`,
        );
      }),
    );
}

function addWitness(record: Command, run: Run): void {
  withWorkspaceOptions(record.command('witness <path>'))
    .description(
      'co-sign a request from another workstation (--out), or keep an answer in a workspace (--accept)',
    )
    .option('--out <file>', 'co-sign: PATH is the request, this is the answer to carry back')
    .option('--trust <fingerprint>', 'key of a record that this witness has never seen')
    .option('--accept <file>', 'keep this answer: PATH is the workspace (supervisors)')
    .action(async (path: string, options: WitnessOptions) => {
      if ((options.out === undefined) === (options.accept === undefined))
        throw new CustosError('USAGE', 'Give either --out FILE or --accept FILE.');
      if (options.out !== undefined) cosign(run, path, options.out, options);
      else await accept(run, path, options.accept as string, options);
    });
}

function cosign(run: Run, path: string, out: string, options: WitnessOptions): void {
  const { machineDir, clock } = run.around.ports();
  const request = readSmallFile(typedPath(path));
  const trust = options.trust ?? null;
  const made = witness(machineDir, request, { trust, now: clock.now() });
  const { answer, ...told } = made;
  writeSmallFile(typedPath(out), answer);
  run
    .terminal(options)
    .answer(
      told,
      [
        `Co-signed ${plural(told.size, 'entry', 'entries')} of ${told.origin}; seen before: ${told.before}.`,
        `This witness is ${told.witness}, its key ${told.fingerprint}`,
      ].join('\n'),
    );
}

async function accept(
  run: Run,
  workspace: string,
  file: string,
  options: WitnessOptions,
): Promise<void> {
  await inWorkspace(run, workspace, options, async (client, terminal) => {
    const kept = await client.call('record.acceptWitness', { file: client.keep(file) });
    terminal.answer(
      kept,
      [
        `${kept.known ? 'Already kept' : 'Kept'}: ${plural(kept.size, 'entry', 'entries')} witnessed by ${kept.name} at ${kept.at}.`,
        `Compare its key with what the witness showed: ${kept.fingerprint}`,
      ].join('\n'),
    );
  });
}

function parseOld(text: string): number {
  if (/^(0|[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  throw new CustosError('USAGE', `"${text}" is not a number of entries.`);
}
