/** Figures of a case, the north star among them: looks per distinct picture. */
import type { CaseFigures } from '#shared/contract/values.ts';
import type { Session } from '#core/access/types.ts';
import {
  countItems,
  countLookedAtDecided,
  countLooks,
  countStacks,
  type ItemCount,
} from '#core/store/tables/figures.ts';

/**
 * `looksPerDistinctPicture` is colour looks at full size divided by stacks of readable pictures;
 * null until there is one.
 */
export function caseFigures(session: Session, caseId: number): CaseFigures {
  const db = session.catalogue;
  const counts = countItems(db, caseId);
  const { stacks, decided: decidedStacks } = countStacks(db, caseId);
  const { looks, colour, relooks } = countLooks(db, caseId);
  const { once, oftener } = countLookedAtDecided(db, caseId);
  const ofState = (state: ItemCount['state']) => counts.filter((count) => count.state === state);
  const decided = ofState('decided');
  return {
    items: sum(counts, 'items'),
    occurrences: sum(counts, 'occurrences'),
    stacks,
    unreadable: sum(ofState('unreadable'), 'items'),
    undecided: sum(ofState('undecided'), 'items'),
    decided: sum(decided, 'items'),
    undecidedStacks: stacks - decidedStacks,
    byCategory: group(decided, ({ category }) => category),
    byBasis: group(decided, ({ basis }) => basis),
    looks,
    colourLooks: colour,
    relooks,
    decidedWithoutLook: decidedStacks - once - oftener,
    decidedWithOneLook: once,
    decidedWithMoreLooks: oftener,
    distinctPictures: stacks,
    looksPerDistinctPicture: stacks === 0 ? null : colour / stacks,
  };
}

function sum(counts: readonly ItemCount[], field: 'items' | 'occurrences'): number {
  return counts.reduce((total, count) => total + count[field], 0);
}

function group(
  counts: readonly ItemCount[],
  by: (count: ItemCount) => string | null,
): Record<string, number> {
  const groups: Record<string, number> = {};
  for (const count of counts) {
    const name = by(count);
    if (name !== null) groups[name] = (groups[name] ?? 0) + count.items;
  }
  return groups;
}
