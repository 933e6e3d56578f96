import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '#core/review/decide.ts';
import { recordFacts } from '#core/review/facts.ts';
import { caseFigures } from '#core/review/figures.ts';
import { itemDetail } from '#core/review/items.ts';
import { createLeases } from '#core/review/leases.ts';
import { requestLook } from '#core/review/looks.ts';
import { reviewQueue } from '#core/review/queue.ts';
import { skipStack } from '#core/review/skip.ts';
import { stackDetail } from '#core/review/stack.ts';
import { undo } from '#core/review/undo.ts';
import type { Session } from '#core/access/types.ts';
import { reviewChannels } from '#shared/contract/review.ts';
import {
  clock,
  entries,
  fact,
  failure,
  makeCase,
  makePlace,
  packs,
  type Place,
  SHARED_66B,
} from './fixture.ts';

let place: Place;
let session: Session;
beforeAll(async () => {
  place = await makePlace({ Jonas: ['investigator'] });
  session = await place.as('Ines');
});
afterAll(() => {
  place.remove();
});

const leases = createLeases(clock);
const look = (itemId: number) =>
  requestLook(session, leases, { itemId, rung: 2, purpose: 'decide', reason: null, box: 800 });
const decideStack = (stackId: number, more: object = {}) =>
  decide(session, packs, {
    target: { stackId },
    facts: [],
    category: null,
    reason: '',
    ...more,
  });
const decideItem = (itemId: number, more: object = {}) =>
  decide(session, packs, { target: { itemId }, facts: [], category: null, reason: '', ...more });
const item = (itemId: number) => itemDetail(session, { itemId });
const detail = (stackId: number) => {
  const value = stackDetail(session, { stackId });
  return reviewChannels['review.stack'].output.parse(value);
};

describe('facts', () => {
  it('are recorded once for the stack, replaced, taken back, and undone as one act', () => {
    const { caseId, stacks } = makeCase(session, [{}]);
    const stackId = stacks[0]!.id;
    recordFacts(session, { stackId, facts: [fact('ageBand', 'adult'), fact('act', 'none')] });
    const after = recordFacts(session, {
      stackId,
      facts: [fact('ageBand', '16-17'), fact('act', null)],
    });
    expect(reviewChannels['review.fact'].output.parse(after)).toMatchObject([
      { key: 'ageBand', value: '16-17', basis: 'described', by: 'Ines' },
    ]);
    undo(session, { caseId });
    expect(detail(stackId).facts.map(({ key, value }) => [key, value])).toEqual([
      ['ageBand', 'adult'],
      ['act', 'none'],
    ]);
    const undone = undo(session, { caseId });
    expect(undone).toEqual({ stackId, what: 'Taken back: apparent age, act.' });
    expect(detail(stackId).facts).toEqual([]);
    expect(failure(() => undo(session, { caseId })).code).toBe('NOTHING_TO_UNDO');
  });

  it('rest on a look once somebody was shown a member', () => {
    const { stacks } = makeCase(session, [{ size: 2 }]);
    const { id: stackId, items } = stacks[0]!;
    look(items[1]!);
    const facts = recordFacts(session, { stackId, facts: [fact('persons', 'one')] });
    expect(facts[0]?.basis).toBe('looked');
  });

  it('refuse a value nobody can have observed, and change nothing', () => {
    const { stacks } = makeCase(session, [{}]);
    const stackId = stacks[0]!.id;
    const refused = failure(() =>
      recordFacts(session, { stackId, facts: [fact('act', 'none'), fact('ageBand', '40')] }),
    );
    expect(refused.code).toBe('BAD_REQUEST');
    expect(refused.message).toContain('14-15');
    expect(
      failure(() =>
        recordFacts(session, { stackId, facts: [fact('act', 'none'), fact('act', 'other')] }),
      ).code,
    ).toBe('BAD_REQUEST');
    expect(detail(stackId).facts).toEqual([]);
    expect(failure(() => recordFacts(session, { stackId: 999999, facts: [] })).code).toBe(
      'NOT_FOUND',
    );
  });
});

describe('deciding a stack', () => {
  it('derives the category, and only the looked-at member counts as looked at', () => {
    const { caseId, stacks } = makeCase(session, [{ size: 4 }]);
    const { id: stackId, items } = stacks[0]!;
    look(items[0]!);
    const outcome = decideStack(stackId, { facts: SHARED_66B });
    expect(reviewChannels['review.decide'].output.parse(outcome)).toMatchObject({
      items: 4,
      inherited: 3,
      decision: {
        category: 'uk.intimate.66B',
        rule: 'uk.soa.66B1',
        overridden: false,
        basis: 'looked',
        lawPack: 'uk',
        by: 'Ines',
      },
    });
    expect(items.map((id) => item(id).basis)).toEqual([
      'looked',
      'inherited',
      'inherited',
      'inherited',
    ]);
    expect(detail(stackId)).toMatchObject({ state: 'decided', memberCount: 4 });
    expect(reviewQueue(session, { caseId }).entries).toEqual([]);
    const [entry] = entries(session, 'decision.made');
    expect(entry?.detail).toMatchObject({
      caseId,
      stackId,
      items: 4,
      itemIds: items,
      bases: { looked: 1, inherited: 3 },
    });
  });

  it('rests on a description where nobody looked', () => {
    const { stacks } = makeCase(session, [{ size: 2 }]);
    const { id, items } = stacks[0]!;
    expect(decideStack(id, { facts: [fact('relevant', 'no')] }).decision).toMatchObject({
      category: 'uk.notRelevant',
      basis: 'described',
    });
    expect(item(items[1]!).basis).toBe('inherited');
  });

  it('lets the representative inherit where another member was looked at', () => {
    const { stacks } = makeCase(session, [{ size: 2 }]);
    const { id, items } = stacks[0]!;
    look(items[1]!);
    decideStack(id, { facts: [fact('relevant', 'no')] });
    expect(items.map((itemId) => item(itemId).basis)).toEqual(['inherited', 'looked']);
  });

  it('says which facts are missing instead of guessing', () => {
    const { stacks } = makeCase(session, [{}]);
    const refused = failure(() =>
      decideStack(stacks[0]!.id, { facts: SHARED_66B.slice(0, 4), reason: 'seems clear' }),
    );
    expect(refused.code).toBe('BAD_REQUEST');
    expect(refused.message).toContain('consent');
    expect(detail(stacks[0]!.id)).toMatchObject({ state: 'undecided', facts: [] });
  });

  it('takes another category with a reason only, and only one of the pack', () => {
    const { stacks } = makeCase(session, [{}]);
    const stackId = stacks[0]!.id;
    const other = { facts: SHARED_66B, category: 'uk.undetermined' };
    expect(failure(() => decideStack(stackId, other)).code).toBe('REASON_REQUIRED');
    expect(failure(() => decideStack(stackId, { ...other, reason: 'no' })).code).toBe(
      'REASON_REQUIRED',
    );
    const unknown = failure(() =>
      decideStack(stackId, { category: 'uk.wrong', reason: 'because' }),
    );
    expect(unknown.code).toBe('BAD_REQUEST');
    expect(unknown.message).toContain('uk.indecent.A');
    expect(decideStack(stackId, { ...other, reason: 'age disputed' }).decision).toMatchObject({
      category: 'uk.undetermined',
      overridden: true,
      rule: null,
      reason: 'age disputed',
    });
    // The derived category, named, is no override.
    const again = makeCase(session, [{}]).stacks[0]!.id;
    expect(
      decideStack(again, { facts: SHARED_66B, category: 'uk.intimate.66B' }).decision.overridden,
    ).toBe(false);
  });

  it('decides again with a reason only', () => {
    const { stacks } = makeCase(session, [{ size: 2 }]);
    const stackId = stacks[0]!.id;
    decideStack(stackId, { facts: [fact('relevant', 'no')] });
    const again = { facts: [fact('relevant', null), ...SHARED_66B] };
    expect(failure(() => decideStack(stackId, again)).code).toBe('REASON_REQUIRED');
    const outcome = decideStack(stackId, { ...again, reason: 'complaint received' });
    expect(outcome).toMatchObject({ items: 2, decision: { category: 'uk.intimate.66B' } });
  });

  it('names a large stack in the record by its first ids and a hash', () => {
    const { stacks } = makeCase(session, [{ size: 60 }]);
    decideStack(stacks[0]!.id, { facts: [fact('relevant', 'no')] });
    const [entry] = entries(session, 'decision.made', 1);
    expect(entry?.detail).toMatchObject({ items: 60 });
    expect(entry?.detail['itemIds']).toHaveLength(50);
    expect(entry?.detail['itemIdsSha256']).toMatch(/^[a-f0-9]{64}$/);
  });

  it('decides nothing about bytes that are no picture', () => {
    const { unreadable } = makeCase(session, [], 1);
    expect(failure(() => decideItem(unreadable[0]!, { facts: SHARED_66B })).code).toBe(
      'PICTURE_UNREADABLE',
    );
    expect(item(unreadable[0]!)).toMatchObject({ state: 'unreadable', decision: null });
  });
});

describe('deciding one item apart', () => {
  it('leaves the rest of the stack and its facts alone, and the stack leaves it alone', () => {
    const { stacks } = makeCase(session, [{ size: 3 }]);
    const { id: stackId, items } = stacks[0]!;
    const outcome = decideItem(items[2]!, { facts: [fact('persons', 'none')] });
    expect(outcome).toMatchObject({ items: 1, inherited: 0, decision: { basis: 'described' } });
    expect(detail(stackId)).toMatchObject({ state: 'undecided', facts: [], decision: null });
    expect(decideStack(stackId, { facts: SHARED_66B })).toMatchObject({ items: 2, inherited: 1 });
    expect(items.map((id) => item(id).category)).toEqual([
      'uk.intimate.66B',
      'uk.intimate.66B',
      'uk.lawful.other',
    ]);
  });
});

describe('undo', () => {
  it('takes back decision and facts together and puts the stack back into the queue', () => {
    const { caseId, stacks } = makeCase(session, [{ size: 3 }]);
    const { id: stackId, items } = stacks[0]!;
    decideStack(stackId, { facts: SHARED_66B });
    const undone = undo(session, { caseId });
    expect(undone.stackId).toBe(stackId);
    expect(undone.what).toContain('3 items');
    expect(detail(stackId)).toMatchObject({ state: 'undecided', facts: [], decision: null });
    expect(items.map((id) => item(id).state)).toEqual(['undecided', 'undecided', 'undecided']);
    expect(reviewQueue(session, { caseId }).entries).toHaveLength(1);
    expect(caseFigures(session, caseId)).toMatchObject({ decided: 0, byCategory: {} });
    expect(entries(session, 'decision.undone', 1)[0]?.detail).toMatchObject({ caseId, stackId });
  });

  it('puts back the decision before, step by step, also after unlocking again', async () => {
    const { caseId, stacks } = makeCase(session, [{ size: 2 }]);
    const { id: stackId, items } = stacks[0]!;
    decideStack(stackId, { facts: [fact('relevant', 'no')] });
    decideStack(stackId, { category: 'uk.extreme', reason: 'on reflection' });
    decideItem(items[1]!, { category: 'uk.undetermined', reason: 'differs' });
    session = await place.as('Ines');
    expect(undo(session, { caseId }).stackId).toBe(stackId);
    expect(item(items[1]!).category).toBe('uk.extreme');
    undo(session, { caseId });
    expect(items.map((id) => item(id).category)).toEqual(['uk.notRelevant', 'uk.notRelevant']);
    undo(session, { caseId });
    expect(items.map((id) => item(id).state)).toEqual(['undecided', 'undecided']);
  });

  it('never touches what somebody else did since', async () => {
    const { caseId, stacks } = makeCase(session, [{}]);
    const { id: stackId, items } = stacks[0]!;
    decideStack(stackId, { facts: [fact('relevant', 'no')] });
    session = await place.as('Jonas');
    expect(failure(() => undo(session, { caseId })).code).toBe('NOTHING_TO_UNDO');
    decideStack(stackId, {
      facts: [fact('relevant', 'yes')],
      category: 'uk.extreme',
      reason: 'seen',
    });
    session = await place.as('Ines');
    expect(undo(session, { caseId }).what).toContain('decided again since');
    expect(item(items[0]!)).toMatchObject({ category: 'uk.extreme', decision: { by: 'Jonas' } });
    expect(detail(stackId).facts).toMatchObject([{ key: 'relevant', value: 'yes', by: 'Jonas' }]);
    // Ines's own act is gone for good: Jonas taking his back leaves nothing behind.
    session = await place.as('Jonas');
    undo(session, { caseId });
    expect(item(items[0]!)).toMatchObject({ state: 'undecided', decision: null });
    expect(detail(stackId).facts).toEqual([]);
    session = await place.as('Ines');
  });

  it('takes back a skip', () => {
    const { caseId, stacks } = makeCase(session, [{ size: 3 }, {}]);
    const [first, second] = stacks;
    skipStack(session, { stackId: first!.id });
    expect(reviewQueue(session, { caseId }).entries.map((entry) => entry.stackId)).toEqual([
      second!.id,
      first!.id,
    ]);
    expect(detail(first!.id).skipped).toBe(true);
    undo(session, { caseId });
    expect(detail(first!.id).skipped).toBe(false);
    decideStack(first!.id, { facts: [fact('relevant', 'no')] });
    expect(failure(() => skipStack(session, { stackId: first!.id })).code).toBe('BAD_REQUEST');
  });
});

describe('when the record cannot be written', () => {
  it('decides nothing', async () => {
    const { stacks } = makeCase(session, [{}]);
    const stackId = stacks[0]!.id;
    session.record.close();
    expect(() => decideStack(stackId, { facts: SHARED_66B })).toThrow();
    expect(() => recordFacts(session, { stackId, facts: SHARED_66B })).toThrow();
    expect(() => skipStack(session, { stackId })).toThrow();
    expect(stackDetail(session, { stackId })).toMatchObject({
      state: 'undecided',
      facts: [],
      skipped: false,
    });
    session = await place.as('Ines');
  });
});
