/** `custos backup` and `custos backup verify`. */
import type { Command } from 'commander';
import { CustosError, EXIT } from '#shared/domain/errors.ts';
import { plural, sizeWords } from '#shared/util/words.ts';
import { verifyBackup } from '#core/upkeep/backup-verify.ts';
import { typedPath } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { readPassword } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../words.ts';

interface BackupOptions extends CommonOptions {
  out?: string;
}
interface VerifyOptions extends CommonOptions {
  state?: string;
}

export function addBackupCommands(program: Command, run: Run): void {
  const backup = withWorkspaceOptions(program.command('backup <workspace>'))
    // What follows `verify` belongs to it.
    .enablePositionalOptions()
    .description(
      'write an encrypted copy that proves itself; again into the same folder, what is new',
    )
    // Not a required one: that would be required of `verify`, too.
    .option('--out <folder>', 'empty, or an earlier backup; best on another disk')
    .action((workspace: string, options: BackupOptions) => {
      if (options.out === undefined)
        throw new CustosError('USAGE', 'Say where the backup is to go with --out FOLDER.');
      const out = typedPath(options.out);
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        const { jobId } = await client.call('backup.start', { target: client.keep(out) });
        const job = await client.follow(jobId, terminal);
        if (job.state !== 'done')
          throw new CustosError(
            job.state === 'cancelled' ? 'CANCELLED' : (job.code ?? 'INTERNAL'),
            job.message ??
              'The backup was stopped. Originals that were copied are not copied again next time.',
          );
        const { lastBackup: made } = await client.call('upkeep.status', {});
        if (!made) throw new CustosError('INTERNAL', 'The backup has left no report.');
        if (made.missing > 0) run.found(EXIT.wrong);
        terminal.answer(
          made,
          [
            `State ${made.state}: ${plural(made.files, 'file', 'files')}, ${sizeWords(made.bytes)}; ${plural(made.added, 'original', 'originals')} added; ${plural(made.entries, 'entry', 'entries')} of the record.`,
            ...(made.missing > 0
              ? [
                  `${plural(made.missing, 'original is', 'originals are')} missing or damaged in the workspace. Run a full scrub.`,
                ]
              : []),
            ...(made.sameDisk
              ? [
                  'Originals share their place on the disk with the workspace: this guards against mistakes, not against the loss of the disk.',
                ]
              : []),
            `SHA-256 of its list of files: ${made.sha256}`,
          ].join('\n'),
        );
      });
    });

  withWorkspaceOptions(backup.command('verify <folder>'))
    .description(
      'prove a backup; needs no password, and with --as or --password-file decrypts all of it',
    )
    .option('--state <name>', 'an earlier state than the newest')
    .action((folder: string, options: VerifyOptions) => verify(run, folder, options));
}

async function verify(run: Run, folder: string, options: VerifyOptions): Promise<void> {
  const { around } = run;
  const terminal = run.terminal(options);
  const dir = typedPath(folder);
  const member = options.as ?? null;
  const wanted = member !== null || options.passwordFile !== undefined;
  const credentials = wanted
    ? {
        member,
        password: await readPassword(
          options.passwordFile,
          member === null ? 'Password' : `Password of ${member}`,
          run.asking,
        ),
      }
    : null;
  const watch = watchIn(run, terminal);
  const verdict = await verifyBackup(
    around.ports(),
    dir,
    options.state ?? null,
    credentials,
    watch,
  ).finally(() => terminal.endProgress());
  if (!verdict.good) run.found(EXIT.wrong);
  terminal.answer(
    verdict,
    [
      verdict.good ? 'The backup is good.' : 'The backup is not good.',
      `State ${verdict.state.state} of workspace ${verdict.state.workspace}, made at ${verdict.state.madeAt}`,
      ...verdict.checks.map(({ outcome, name, detail }) =>
        oneLine(`  ${outcome}: ${name}: ${detail}`),
      ),
    ].join('\n'),
  );
}

/** Progress of work that is no job: it runs outside any workspace. */
export function watchIn(
  run: Run,
  terminal: Terminal,
): {
  signal: AbortSignal;
  setTotal(total: number): void;
  advance(by: { done?: number }): void;
} {
  const { interrupt } = run.around;
  // The work leaves off by itself and says so.
  interrupt.signal.addEventListener('abort', () => interrupt.handled(), { once: true });
  let total = 0;
  let done = 0;
  return {
    signal: interrupt.signal,
    setTotal(files) {
      total = files;
    },
    advance(by) {
      done += by.done ?? 0;
      terminal.progress(`${String(done)} of ${plural(total, 'file', 'files')}`);
    },
  };
}
