/** Deciding: facts, the category they lead to or another with a reason, for a stack or one item. */
import { createHash } from 'node:crypto';
import type { Output, Parsed } from '#shared/contract/contract.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { RecordedFact } from '#shared/domain/facts.ts';
import { type Derivation, derive } from '#shared/domain/law/derive.ts';
import type { LawCategory, LawPack } from '#shared/domain/law/pack.ts';
import type { Basis } from '#shared/domain/words.ts';
import type { Session } from '#core/access/types.ts';
import { insertAct } from '#core/store/tables/acts.ts';
import {
  countUndecided,
  type DecidableItem,
  getDecidable,
  getDecision,
  insertDecision,
  listDecidable,
} from '#core/store/tables/decisions.ts';
import { getStack, type StackRow } from '#core/store/tables/stacks.ts';
import {
  type FactInput,
  factSheet,
  observedBasis,
  recordedFacts,
  requireKnownValues,
  writeFacts,
} from './facts.ts';
import { now } from './instant.ts';
import { type LawPacks, lawPackOfCase } from './law-packs.ts';

/** Ids an entry of the record names one by one; of a larger stack it holds a hash of all. */
const IDS_IN_ENTRY = 50;
const SHORTEST_REASON = 3;

interface Target {
  stack: StackRow;
  /** Null where the whole stack was meant. */
  item: DecidableItem | null;
}

/**
 * One act. A stack's decision goes to every member that waits and to those the stack's earlier
 * decision said otherwise about; members decided apart keep theirs. An item's decision leaves the
 * rest of its stack alone. Errors: BAD_REQUEST (no such category, or facts that settle none),
 * REASON_REQUIRED (another category than the derived one, or decided before), NOT_FOUND,
 * PICTURE_UNREADABLE.
 */
export function decide(
  session: Session,
  packs: LawPacks,
  input: Parsed<'review.decide'>,
): Output<'review.decide'> {
  const target = findTarget(session, input.target);
  requireKnownValues(input.facts);
  const pack = lawPackOfCase(session, packs, target.stack.caseId);
  const facts = factsWith(session, target.stack.id, input.facts);
  const derivation = derive(pack, factSheet(facts));
  const category = chooseCategory(pack, derivation, input);
  const items = itemsToDecide(session, target, category.id);
  const overridden = category.id !== derivation.category?.id;
  requireReason(input.reason, { overridden, items, category, derivation });

  const at = now();
  const by = session.member.id;
  const bases = basisOfEach(target, items);
  const rule = overridden ? null : (derivation.rule?.id ?? null);
  const common = {
    category: category.id,
    categoryTitle: category.title,
    rule,
    lawPack: pack.file.id,
    lawPackVersion: pack.file.version,
    reason: input.reason,
  };
  const entry = {
    type: 'decision.made' as const,
    detail: {
      caseId: target.stack.caseId,
      stackId: target.stack.id,
      ...(target.item ? { itemId: target.item.id } : {}),
      ...common,
      overridden,
      facts: Object.fromEntries(facts.map(({ key, value }) => [key, value])),
      bases: countBases(bases),
      ...namedItems(items),
    },
  };
  return session.act(entry, (tx, seq) => {
    const { caseId, id: stackId } = target.stack;
    const actId = insertAct(tx, {
      caseId,
      stackId: target.item ? null : stackId,
      kind: 'decide',
      by,
      at,
      seq,
    });
    if (factsBelongToStack(target)) {
      const basis = observedBasis(tx, stackId);
      writeFacts(tx, input.facts, { stackId, basis, by, at, seq });
    }
    const row = {
      ...common,
      actId,
      overridden: overridden ? 1 : 0,
      facts: JSON.stringify(facts),
      by,
      at,
      seq,
    } as const;
    const ids = items.map((item, index) =>
      insertDecision(tx, {
        ...row,
        itemId: item.id,
        previousId: item.decisionId,
        basis: bases[index] as Basis,
      }),
    );
    countUndecided(tx, stackId);
    const spokesman = items.findIndex(({ id }) => id === speaksFor(target, items));
    return {
      decision: getDecision(tx, ids[spokesman] as number),
      items: items.length,
      inherited: bases.filter((basis) => basis === 'inherited').length,
    };
  });
}

function findTarget(session: Session, target: Parsed<'review.decide'>['target']): Target {
  const db = session.catalogue;
  if ('stackId' in target) return { stack: getStack(db, target.stackId), item: null };
  const item = getDecidable(db, target.itemId);
  if (item.stackId === null) {
    throw new CustosError(
      'PICTURE_UNREADABLE',
      'This file could not be read as a picture, so there is nothing to decide about it. Its bytes are kept as evidence.',
    );
  }
  return { stack: getStack(db, item.stackId), item };
}

/** Facts given with one item of several are about that item alone and stay in its decision. */
function factsBelongToStack(target: Target): boolean {
  return target.item === null || target.stack.items === 1;
}

/** The facts in force with those just given laid over them. */
function factsWith(session: Session, stackId: number, given: readonly FactInput[]): RecordedFact[] {
  const at = now();
  const basis = observedBasis(session.catalogue, stackId);
  const facts = new Map(recordedFacts(session.catalogue, stackId).map((fact) => [fact.key, fact]));
  for (const { key, value, certainty } of given) {
    if (value === null) facts.delete(key);
    else facts.set(key, { key, value, certainty, basis, by: session.member.name, at });
  }
  return [...facts.values()];
}

function chooseCategory(
  pack: LawPack,
  derivation: Derivation,
  input: Parsed<'review.decide'>,
): LawCategory {
  if (input.category !== null) {
    const category = pack.categories.get(input.category);
    if (category !== undefined) return category;
    throw new CustosError(
      'BAD_REQUEST',
      `The law pack "${pack.file.id}" has no category "${input.category}". It has: ${[...pack.categories.keys()].join(', ')}.`,
    );
  }
  if (derivation.category !== null) return derivation.category;
  throw new CustosError(
    'BAD_REQUEST',
    `The facts recorded so far settle no category. Record ${derivation.needs.join(', ')}, or choose a category and give a reason.`,
  );
}

function itemsToDecide(session: Session, target: Target, category: string): DecidableItem[] {
  if (target.item !== null) return [target.item];
  const members = listDecidable(session.catalogue, target.stack.id);
  const waiting = members.filter((item) => item.state === 'undecided');
  const together = members.filter((item) => item.state === 'decided' && item.apart === 0);
  const differing = together.filter((item) => item.category !== category);
  if (waiting.length > 0) return [...waiting, ...differing];
  return together.length > 0 ? together : members;
}

function requireReason(
  reason: string,
  about: {
    overridden: boolean;
    items: readonly DecidableItem[];
    category: LawCategory;
    derivation: Derivation;
  },
): void {
  if (reason.length >= SHORTEST_REASON) return;
  if (about.overridden) {
    const derived = about.derivation.category;
    const lead = derived === null ? 'settle no category yet' : `lead to "${derived.title}"`;
    throw new CustosError(
      'REASON_REQUIRED',
      `The facts ${lead}. To decide "${about.category.title}" all the same, give a reason.`,
    );
  }
  if (about.items.some((item) => item.state === 'decided')) {
    throw new CustosError(
      'REASON_REQUIRED',
      'This was decided before. To decide it again, give a reason.',
    );
  }
}

/** The item whose decision stands for the whole act: the one meant, or the stack's own face. */
function speaksFor(target: Target, items: readonly DecidableItem[]): number {
  const wanted = target.item?.id ?? target.stack.representativeId;
  return (items.find(({ id }) => id === wanted) ?? (items[0] as DecidableItem)).id;
}

/**
 * Members that somebody was shown are decided by looking; the others inherit from them. Where
 * nobody was shown any, the decision rests on a description, and the others inherit that.
 */
function basisOfEach(target: Target, items: readonly DecidableItem[]): Basis[] {
  const anyLook = items.some(({ looks }) => looks > 0);
  const described = anyLook ? null : speaksFor(target, items);
  return items.map(({ id, looks }) => {
    if (looks > 0) return 'looked';
    return id === described ? 'described' : 'inherited';
  });
}

function countBases(bases: readonly Basis[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const basis of bases) counts[basis] = (counts[basis] ?? 0) + 1;
  return counts;
}

/** Every id where there are few; else the first ones and a SHA-256 over all, joined by commas. */
function namedItems(items: readonly DecidableItem[]): Record<string, unknown> {
  const ids = items.map(({ id }) => id);
  if (ids.length <= IDS_IN_ENTRY) return { items: ids.length, itemIds: ids };
  return {
    items: ids.length,
    itemIds: ids.slice(0, IDS_IN_ENTRY),
    itemIdsSha256: createHash('sha256').update(ids.join(',')).digest('hex'),
  };
}
