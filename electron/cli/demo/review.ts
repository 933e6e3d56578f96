/** Ada's day: every stack once, at the lowest rung that settles it. */
import { CustosError } from '#shared/domain/errors.ts';
import type { FactKey } from '#shared/domain/facts.ts';
import type { ShownRung } from '#shared/domain/words.ts';
import type { Client } from '../client.ts';
import { kindOf, type PictureKind } from './draw.ts';

export interface Reviewed {
  stacks: number;
  items: number;
  looks: number;
  colour: number;
}

const certain = (key: FactKey, value: string) => ({ key, value, certainty: 'certain' as const });
const NOT_RELEVANT = [certain('relevant', 'no')];

interface Plan {
  /** Null where it is decided without a look. */
  rung: ShownRung | null;
  facts: ReturnType<typeof certain>[];
  reason: string;
}

/** A landscape needs no more than its outlines; a poster is read in grey. */
const PLANS: Record<PictureKind, Plan> = {
  landscape: { rung: 1, facts: NOT_RELEVANT, reason: 'A landscape.' },
  shapes: { rung: 1, facts: NOT_RELEVANT, reason: 'Geometric shapes.' },
  poster: {
    rung: 2,
    facts: [
      certain('persons', 'one'),
      certain('ageBand', 'adult'),
      certain('intimateState', 'none'),
      certain('act', 'none'),
      certain('origin', 'drawing'),
      certain('pornographic', 'no'),
      certain('relevant', 'yes'),
    ],
    reason: 'A poster with a figure of plain shapes.',
  },
};

/** Few pictures need colour, and some need no look at all. */
function planFor(index: number, name: string): Plan {
  const plan = PLANS[kindOf(numberIn(name) - 1)];
  if (index % 5 === 3) return { ...plan, rung: 4, reason: `${plan.reason} Settled in colour.` };
  if (index % 5 === 4)
    return { rung: null, facts: NOT_RELEVANT, reason: 'Settled by its name and where it lay.' };
  return plan;
}

/** `recompressed-012.jpg` → 12 */
function numberIn(name: string): number {
  return Number(/-(\d+)\.jpg$/.exec(name)?.[1]);
}

export async function reviewCase(client: Client, caseId: number): Promise<Reviewed> {
  const { entries } = await client.call('review.queue', { caseId });
  const reviewed: Reviewed = { stacks: 0, items: 0, looks: 0, colour: 0 };
  for (const [index, entry] of entries.entries()) {
    const { members } = await client.call('review.stack', { stackId: entry.stackId });
    const plan = planFor(index, members[0]!.name);
    if (plan.rung !== null) {
      await look(client, entry.representativeId, plan.rung, null);
      reviewed.looks += 1;
      if (plan.rung === 4) reviewed.colour += 1;
    }
    const decide = () =>
      client.call('review.decide', {
        target: { stackId: entry.stackId },
        facts: plan.facts,
        reason: plan.reason,
      });
    const decided = await decide();
    if (index === 0) {
      await client.call('review.undo', { caseId });
      await decide();
    }
    reviewed.stacks += 1;
    reviewed.items += decided.items;
  }
  const [first] = entries;
  if (first) {
    await look(client, first.representativeId, 1, 'Checked again before the hand-over.');
    reviewed.looks += 1;
  }
  return reviewed;
}

/** Asks for a look, fetches the picture as the screen would, and covers it. */
async function look(
  client: Client,
  itemId: number,
  rung: ShownRung,
  reason: string | null,
): Promise<void> {
  const purpose = reason === null ? 'decide' : 'relook';
  const granted = await client.call('look.request', { itemId, rung, purpose, reason });
  const picture = await client.workstation.picture(granted.url.slice('look/'.length));
  if (picture.status !== 200)
    throw new CustosError('INTERNAL', `A granted look was not honoured (${picture.status}).`);
  await client.call('look.cover', { lookId: granted.lookId, seconds: 1.5 });
}
