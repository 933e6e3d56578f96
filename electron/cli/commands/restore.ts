/** `custos restore`: a workspace from a backup, also on another computer. */
import type { Command } from 'commander';
import { EXIT } from '#shared/domain/errors.ts';
import { plural, sizeWords } from '#shared/util/words.ts';
import { restoreBackup } from '#core/upkeep/restore.ts';
import { typedPath } from '../client.ts';
import { withJson } from '../command.ts';
import type { JsonOption, Run } from '../run.ts';
import { watchIn } from './backup.ts';

interface Options extends JsonOption {
  to: string;
  state?: string;
  acceptOlder?: boolean;
}

export function addRestoreCommand(program: Command, run: Run): void {
  withJson(program.command('restore <backup>'))
    .description('make a workspace from a backup; needs no password, unlocking it does')
    .requiredOption('--to <folder>', 'the new workspace; must not exist, or be empty')
    .option('--state <name>', 'an earlier state than the newest')
    .option('--accept-older', 'also where this machine has seen more than the backup holds')
    .action(async (backup: string, options: Options) => {
      const terminal = run.terminal(options);
      const restored = await restoreBackup(
        run.around.ports(),
        {
          backup: typedPath(backup),
          state: options.state ?? null,
          to: typedPath(options.to),
          acceptOlder: options.acceptOlder ?? false,
        },
        watchIn(run, terminal),
      ).finally(() => terminal.endProgress());
      if (restored.damaged > 0) run.found(EXIT.wrong);
      terminal.answer(
        restored,
        [
          `Restored the state of ${restored.madeAt}: ${plural(restored.files, 'file', 'files')}, ${sizeWords(restored.bytes)}; the record ends after ${plural(restored.entries, 'entry', 'entries')}.`,
          restored.seen === null
            ? 'This machine had not seen this workspace before.'
            : `This machine had seen ${plural(restored.seen, 'entry', 'entries')}.`,
          ...restored.notices,
          'The restore is recorded when the workspace is next unlocked.',
        ].join('\n'),
      );
    });
}
