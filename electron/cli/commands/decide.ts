/** `custos decide`: facts and a category for one item, or with `--stack` for its whole stack. */
import type { Command } from 'commander';
import { plural } from '#shared/util/words.ts';
import { caseId } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';
import { collect, parseFacts, parseReason, parseSha256 } from '../parse.ts';

interface Options extends CommonOptions {
  case: string;
  sha256: string;
  fact?: string[];
  category?: string;
  reason: string;
  stack?: boolean;
}

export function addDecideCommand(program: Command, run: Run): void {
  withWorkspaceOptions(program.command('decide <workspace>'))
    .description('decide an item, or with --stack everything in its stack (investigators)')
    .requiredOption('--case <ref>', 'reference of the case')
    .requiredOption('--sha256 <hash>', 'the item, by its SHA-256')
    .option(
      '--fact <key=value>',
      'a fact, with :likely or :unsure behind it where that is so; may be repeated',
      collect,
    )
    .option('--category <id>', 'the category, where the facts do not lead to it')
    .requiredOption('--reason <text>', 'why')
    .option('--stack', 'decide the whole stack')
    .action((workspace: string, options: Options) => {
      const facts = parseFacts(options.fact ?? []);
      const sha256 = parseSha256(options.sha256);
      const reason = parseReason(options.reason);
      return inWorkspace(run, workspace, options, async (client, terminal) => {
        const id = await caseId(client, options.case);
        const found = await client.call('items.find', { caseId: id, sha256 });
        const decided = await client.call('review.decide', {
          // What could not be read as a picture has no stack; the core says what that means.
          target:
            options.stack && found.stackId !== null
              ? { stackId: found.stackId }
              : { itemId: found.itemId },
          facts,
          category: options.category ?? null,
          reason,
        });
        const inherited = decided.inherited > 0 ? `, ${decided.inherited} by inheritance` : '';
        terminal.answer(
          decided,
          `${decided.decision.categoryTitle}: ${plural(decided.items, 'item', 'items')}${inherited}.`,
        );
      });
    });
}
