/** `custos decide`: facts and a category for one item, or with `--stack` for its whole stack. */
import type { Command } from 'commander';
import { CustosError } from '#shared/domain/errors.ts';
import { plural } from '#shared/util/words.ts';
import { caseId } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import { parseFact, parseSha256 } from '../parse.ts';

interface Options extends CommonOptions {
  case: string;
  sha256: string;
  fact: string[];
  category?: string;
  reason: string;
  stack?: boolean;
}

export function addDecideCommand(program: Command): void {
  withWorkspaceOptions(program.command('decide <workspace>'))
    .description('decide an item, or with --stack everything in its stack')
    .requiredOption('--case <ref>', 'reference of the case')
    .requiredOption('--sha256 <hash>', 'the item')
    .option('--fact <key=value>', 'a fact, may be repeated', collect, [] as string[])
    .option('--category <id>', 'the category, where the facts do not derive it')
    .requiredOption('--reason <text>', 'why')
    .option('--stack', 'decide the whole stack')
    .action((workspace: string, options: Options) => {
      const facts = options.fact.map(parseFact);
      const sha256 = parseSha256(options.sha256);
      return inWorkspace(workspace, options, async (client, terminal) => {
        const id = await caseId(client, options.case);
        const found = await client.call('items.find', { caseId: id, sha256 });
        if (options.stack && found.stackId === null)
          throw new CustosError(
            'NOT_FOUND',
            'This item belongs to no stack; decide it without --stack.',
          );
        const decided = await client.call('review.decide', {
          target: options.stack ? { stackId: found.stackId! } : { itemId: found.itemId },
          facts,
          category: options.category ?? null,
          reason: options.reason,
        });
        terminal.answer(
          decided,
          `${decided.decision.categoryTitle}: ${plural(decided.items, 'item', 'items')}, ${decided.inherited} by inheritance.`,
        );
      });
    });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
