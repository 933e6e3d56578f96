/** `custos items`: one line an item, with its hashes, state, decision and every place it was found. */
import type { Command } from 'commander';
import type { ItemDetail, Occurrence } from '#shared/contract/review.ts';
import { caseId, type Client } from '../client.ts';
import { inWorkspace, withWorkspaceOptions, type CommonOptions } from '../command.ts';
import type { Run } from '../run.ts';

const PAGE = 200;

export function addItemsCommand(program: Command, run: Run): void {
  withWorkspaceOptions(program.command('items <workspace>'))
    .description('list the items of a case, with every place each was found')
    .requiredOption('--case <ref>', 'reference of the case')
    .action((workspace: string, options: CommonOptions & { case: string }) =>
      inWorkspace(run, workspace, options, async (client, terminal) => {
        const id = await caseId(client, options.case);
        let after = 0;
        for (;;) {
          const page = await client.call('items.page', { caseId: id, after, limit: PAGE });
          for (const item of page) {
            const places = terminal.json ? await placesOf(client, id, item) : item.places;
            terminal.line(document(item, places), text(item));
          }
          const last = page.at(-1);
          if (!last || page.length < PAGE) return;
          after = last.itemId;
        }
      }),
    );
}

/** All of them: an item's own list ends early, and no occurrence may be lost. */
async function placesOf(client: Client, id: number, item: ItemDetail): Promise<Occurrence[]> {
  const places = [...item.places];
  const page = { caseId: id, after: item.itemId - 1, limit: 1 };
  while (places.length < item.occurrences) {
    const [more] = await client.call('items.page', { ...page, placesFrom: places.length });
    if (!more || more.places.length === 0) break;
    places.push(...more.places);
  }
  return places;
}

function document(item: ItemDetail, places: readonly Occurrence[]): Record<string, unknown> {
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
    occurrences: places.map(({ path, source, exhibit }) => ({ path, source, exhibit })),
  };
}

/** The whole hash, so that it can be copied into `custos decide`. */
function text(item: ItemDetail): string {
  const size = item.width === null ? item.mime : `${item.width}×${item.height}`;
  const stack = item.stackId === null ? 'no stack' : `stack ${item.stackId}`;
  const more = item.occurrences > 1 ? ` (and ${item.occurrences - 1} more)` : '';
  const where = item.places[0] ? `${item.places[0].path}${more}` : '';
  return `${item.sha256}  ${item.state}  ${item.category ?? '–'}  ${stack}  ${size}  ${where}`;
}
