/** Ada's day: every stack once, at the lowest rung that settles it. */
import { CustosError } from '#shared/domain/errors.ts';
import type { FactKey } from '#shared/domain/facts.ts';
import type { ShownRung } from '#shared/domain/words.ts';
import type { Client } from '../client.ts';

export interface Reviewed {
  stacks: number;
  items: number;
  looks: number;
  colour: number;
}

const certain = (key: FactKey, value: string) => ({ key, value, certainty: 'certain' as const });
/** A landscape needs no more than its outlines; a poster is read in grey; few need colour. */
const PLANS: { rung: ShownRung | null; facts: ReturnType<typeof certain>[]; reason: string }[] = [
  { rung: 1, facts: [certain('relevant', 'no')], reason: 'A landscape.' },
  { rung: 1, facts: [certain('relevant', 'no')], reason: 'Geometric shapes.' },
  {
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
  { rung: 4, facts: [certain('relevant', 'no')], reason: 'Settled in colour.' },
  { rung: null, facts: [certain('relevant', 'no')], reason: 'Settled by its file name and size.' },
];

export async function reviewCase(client: Client, caseId: number): Promise<Reviewed> {
  const { entries } = await client.call('review.queue', { caseId });
  const reviewed: Reviewed = { stacks: 0, items: 0, looks: 0, colour: 0 };
  for (const [index, entry] of entries.entries()) {
    const plan = PLANS[index % PLANS.length]!;
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
