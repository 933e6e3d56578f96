/** `custos items`: one line an item, with its hashes, state, decision and every place it was found. */
import type { Command } from 'commander';
import type { ItemDetail } from '#shared/contract/review.ts';
import { caseId } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';

const PAGE = 200;

export function addItemsCommand(program: Command): void {
  withWorkspaceOptions(program.command('items <workspace>'))
    .description('list the items of a case')
    .requiredOption('--case <ref>', 'reference of the case')
    .action((workspace: string, options: CommonOptions & { case: string }) =>
      inWorkspace(workspace, options, async (client, terminal) => {
        const id = await caseId(client, options.case);
        let after = 0;
        for (;;) {
          const page = await client.call('items.page', { caseId: id, after, limit: PAGE });
          for (const item of page) terminal.line(document(item), text(item));
          const last = page.at(-1);
          if (!last || page.length < PAGE) return;
          after = last.itemId;
        }
      }),
    );
}

function document(item: ItemDetail): Record<string, unknown> {
  return {
    sha256: item.sha256,
    md5: item.md5,
    sha1: item.sha1,
    pdq: item.pdq,
    quality: item.pdqQuality,
    mime: item.mime,
    width: item.width,
    height: item.height,
    bytes: item.bytes,
    stack: item.stackId,
    state: item.state,
    category: item.category,
    basis: item.basis,
    looks: item.looks,
    ...(item.unreadableReason === null ? {} : { unreadable: item.unreadableReason }),
    occurrences: item.places.map(({ path, source, exhibit }) => ({ path, source, exhibit })),
  };
}

function text(item: ItemDetail): string {
  const size = item.width === null ? item.mime : `${item.width}×${item.height}`;
  const stack = item.stackId === null ? 'no stack' : `stack ${item.stackId}`;
  const [place] = item.places;
  return `${item.sha256.slice(0, 8)}…${item.sha256.slice(-6)}  ${item.state}  ${item.category ?? '–'}  ${stack}  ${size}  ${place?.path ?? ''}`;
}
