import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '#core/access/types.ts';
import { decide } from '#core/review/decide.ts';
import { caseFigures } from '#core/review/figures.ts';
import { galleryCount, galleryPage } from '#core/review/gallery.ts';
import { findItem, itemDetail, itemsPage } from '#core/review/items.ts';
import { loadLawPacks, lawPackOfCase } from '#core/review/law-packs.ts';
import { createLeases } from '#core/review/leases.ts';
import { requestLook } from '#core/review/looks.ts';
import { reviewQueue } from '#core/review/queue.ts';
import { skipStack } from '#core/review/skip.ts';
import { stackDetail } from '#core/review/stack.ts';
import { caseFigures as figuresSchema } from '#shared/contract/values.ts';
import { reviewChannels } from '#shared/contract/review.ts';
import type { GalleryFilter } from '#shared/contract/review.ts';
import { clock, entries, failure, makeCase, makePlace, packs, type Place } from './fixture.ts';

let place: Place;
let session: Session;
beforeAll(async () => {
  place = await makePlace();
  session = await place.as('Ines');
});
afterAll(() => {
  place.remove();
});

const leases = createLeases(clock);
const look = (itemId: number, more: object = {}) =>
  requestLook(session, leases, {
    itemId,
    rung: 4,
    purpose: 'decide',
    reason: null,
    box: 800,
    ...more,
  });
const settle = (stackId: number, category = 'uk.notRelevant') =>
  decide(session, packs, { target: { stackId }, facts: [], category, reason: 'for the test' });

describe('the queue', () => {
  it('puts the skipped last, then larger stacks, more sources and older ones first', () => {
    const { caseId, stacks } = makeCase(session, [
      {},
      { sources: ['drive', 'phone'] },
      { size: 3 },
      {},
      { size: 9 },
      {},
    ]);
    const ids = stacks.map(({ id }) => id);
    skipStack(session, { stackId: ids[4]! });
    settle(ids[5]!);
    const queue = reviewChannels['review.queue'].output.parse(reviewQueue(session, { caseId }));
    expect(queue.entries.map(({ stackId }) => stackId)).toEqual(
      [2, 1, 0, 3, 4].map((index) => ids[index]),
    );
    expect(queue.entries[1]).toEqual({
      stackId: ids[1],
      representativeId: stacks[1]!.items[0],
      items: 1,
      sources: 2,
      skipped: false,
    });
    expect(queue.figures.undecidedStacks).toBe(5);
    expect(failure(() => reviewQueue(session, { caseId: 999999 })).code).toBe('NOT_FOUND');
  });
});

describe('a stack', () => {
  it('says what is known without looking', () => {
    const pdq = Buffer.alloc(32, 0x0f);
    const at = (bits: number) => {
      const other = Buffer.from(pdq);
      for (let bit = 0; bit < bits; bit += 1) other[bit >> 3]! ^= 1 << (bit & 7);
      return other;
    };
    const { stacks } = makeCase(session, [
      { size: 3, pdq, sources: ['phone', 'drive'], path: 'a/b\\picture.jpg' },
      { pdq: at(60) },
      { pdq: at(32) },
      { pdq: at(31) },
      { pdq: at(61) },
      { pdq: at(40) },
    ]);
    const [first, sixty, thirtyTwo, match, far] = stacks;
    for (const stack of [sixty!, thirtyTwo!, match!, far!]) settle(stack.id);
    const detail = reviewChannels['review.stack'].output.parse(
      stackDetail(session, { stackId: first!.id }),
    );
    expect(detail).toMatchObject({
      memberCount: 3,
      occurrences: 6,
      sources: ['drive', 'phone'],
      state: 'undecided',
      decision: null,
      facts: [],
      looks: [],
    });
    // Decided ones only, beyond a match and within reach.
    expect(detail.near).toEqual([
      { stackId: thirtyTwo!.id, distance: 32, category: 'uk.notRelevant', by: 'Ines' },
      { stackId: sixty!.id, distance: 60, category: 'uk.notRelevant', by: 'Ines' },
    ]);
    expect(detail.members.map((member) => [member.itemId, member.representative])).toEqual(
      first!.items.map((id, index) => [id, index === 0]),
    );
    expect(detail.members[0]).toMatchObject({ name: 'picture.jpg', link: null, stackItems: 3 });
    expect(detail.members[1]?.link).toEqual({
      toItemId: first!.items[0],
      distance: 4,
      orientation: 'orig',
    });
  });

  it('carries at most 500 members and the true count', () => {
    const { stacks } = makeCase(session, [{ size: 520 }]);
    const detail = stackDetail(session, { stackId: stacks[0]!.id });
    expect(detail.members).toHaveLength(500);
    expect(detail.memberCount).toBe(520);
    expect(detail.members[0]?.representative).toBe(true);
  });
});

describe('items', () => {
  it('are told in full, page by page, and found by their hash', () => {
    const { caseId, stacks, unreadable } = makeCase(
      session,
      [{ sources: ['drive', 'phone'], path: 'x/first.jpg' }, {}, {}],
      1,
    );
    const all = [...stacks.flatMap(({ items }) => items), ...unreadable];
    settle(stacks[0]!.id);
    const first = reviewChannels['items.get'].output.parse(
      itemDetail(session, { itemId: all[0]! }),
    );
    expect(first).toMatchObject({
      state: 'decided',
      occurrences: 2,
      sources: 2,
      places: [
        { path: 'x/first.jpg', source: 'drive', exhibit: 'AB/1' },
        { path: 'x/first.jpg', source: 'phone' },
      ],
      decision: { category: 'uk.notRelevant' },
    });
    expect(findItem(session, { caseId, sha256: first.sha256 })).toEqual({
      itemId: all[0],
      stackId: stacks[0]!.id,
    });
    expect(failure(() => findItem(session, { caseId, sha256: 'ab'.repeat(32) })).code).toBe(
      'NOT_FOUND',
    );
    const pages = [0, all[1]!].map((after) => itemsPage(session, { caseId, after, limit: 2 }));
    expect(pages.flat().map(({ itemId }) => itemId)).toEqual(all);
    expect(reviewChannels['items.page'].output.parse(pages[1])[1]).toMatchObject({
      state: 'unreadable',
      stackId: null,
      stackItems: 1,
      pdq: null,
      unreadableReason: expect.stringContaining('not a picture') as string,
    });
  });
});

describe('the gallery', () => {
  const filter = (more: Partial<GalleryFilter>): GalleryFilter => ({
    states: [],
    categories: [],
    text: '',
    ...more,
  });
  let caseId: number;
  let ids: number[];
  beforeAll(() => {
    const made = makeCase(
      session,
      [
        { path: 'pier/100%_lamp.jpg' },
        { path: 'pier/1000 lamp.jpg', sources: ['Phone of Kai'] },
        { path: 'quay/boat.jpg' },
        { path: 'quay/Boat two.jpg' },
      ],
      2,
    );
    caseId = made.caseId;
    ids = [...made.stacks.flatMap(({ items }) => items), ...made.unreadable];
    settle(made.stacks[2]!.id, 'uk.extreme');
    settle(made.stacks[3]!.id);
  });
  const chosen = (more: Partial<GalleryFilter>) =>
    galleryPage(session, { caseId, filter: filter(more), offset: 0, limit: 500 }).map(
      ({ itemId }) => ids.indexOf(itemId),
    );

  it.each<[string, Partial<GalleryFilter>, number[]]>([
    ['nothing chosen', {}, [0, 1, 2, 3, 4, 5]],
    ['a state', { states: ['unreadable'] }, [4, 5]],
    ['two states', { states: ['decided', 'unreadable'] }, [2, 3, 4, 5]],
    ['a category', { categories: ['uk.extreme'] }, [2]],
    ['state and category', { states: ['undecided'], categories: ['uk.extreme'] }, []],
    ['a word, whatever its case', { text: 'boat' }, [2, 3]],
    ['every word at once', { text: 'two boat' }, [3]],
    ['a source', { text: 'kai' }, [1]],
    ['name and source together', { text: 'lamp phone' }, [1]],
    ['signs that patterns use', { text: '100%_' }, [0]],
    ['a backslash', { text: '\\' }, []],
    ['quotes', { text: `' OR 1=1 --` }, []],
    ['everything at once', { states: ['decided'], categories: ['uk.extreme'], text: 'quay' }, [2]],
  ])('%s', (_name, more, expected) => {
    expect(chosen(more)).toEqual(expected);
    const count = reviewChannels['gallery.count'].output.parse(
      galleryCount(session, { caseId, filter: filter(more) }),
    );
    expect(count.total).toBe(expected.length);
    expect(Object.values(count.byState).reduce((sum, n) => sum + n, 0)).toBe(expected.length);
  });

  it('pages through covered tiles in order', () => {
    const page = (offset: number) =>
      galleryPage(session, { caseId, filter: filter({}), offset, limit: 4 });
    const tiles = [...page(0), ...page(4)];
    expect(tiles.map(({ itemId }) => itemId)).toEqual(ids);
    expect(reviewChannels['gallery.page'].output.parse(tiles)[2]).toMatchObject({
      category: 'uk.extreme',
      stackItems: 1,
    });
    expect(page(6)).toEqual([]);
    expect(galleryCount(session, { caseId, filter: filter({}) })).toEqual({
      total: 6,
      byState: { undecided: 2, decided: 2, unreadable: 2 },
      byCategory: { 'uk.extreme': 1, 'uk.notRelevant': 1 },
    });
  });

  it('records a search, and only a search', () => {
    const before = session.record.size;
    galleryCount(session, { caseId, filter: filter({}) });
    expect(session.record.size).toBe(before);
    galleryCount(session, { caseId, filter: filter({ text: 'boat' }) });
    expect(entries(session, 'search.made', 1)[0]?.detail).toEqual({
      caseId,
      filter: filter({ text: 'boat' }),
    });
  });
});

describe('figures', () => {
  it('count looks per distinct picture', () => {
    const { caseId, stacks } = makeCase(session, [{ size: 5 }, {}, { size: 2 }, {}], 2);
    expect(caseFigures(session, makeCase(session, []).caseId)).toMatchObject({
      items: 0,
      looksPerDistinctPicture: null,
    });
    const [five, one, two] = stacks;
    look(five!.items[0]!, { rung: 1 });
    look(five!.items[0]!);
    settle(five!.id);
    look(one!.items[0]!);
    settle(one!.id);
    look(one!.items[0]!, { reason: 'second reading', purpose: 'relook', rung: 3 });
    settle(two!.id, 'uk.extreme');
    const figures = figuresSchema.parse(caseFigures(session, caseId));
    expect(figures).toEqual({
      items: 11,
      occurrences: 11,
      stacks: 4,
      unreadable: 2,
      undecided: 1,
      decided: 8,
      undecidedStacks: 1,
      byCategory: { 'uk.notRelevant': 6, 'uk.extreme': 2 },
      byBasis: { looked: 2, inherited: 5, described: 1 },
      looks: 4,
      colourLooks: 2,
      relooks: 1,
      decidedWithoutLook: 1,
      decidedWithOneLook: 0,
      decidedWithMoreLooks: 2,
      distinctPictures: 4,
      looksPerDistinctPicture: 0.5,
    });
  });
});

describe('law packs', () => {
  it('are those delivered, and a case says so when its own is missing', () => {
    const { caseId } = makeCase(session, []);
    expect(lawPackOfCase(session, packs, caseId).file.id).toBe('uk');
    expect(failure(() => lawPackOfCase(session, new Map(), caseId)).code).toBe('LAW_PACK_INVALID');
    expect(failure(() => loadLawPacks('/nowhere')).code).toBe('LAW_PACK_INVALID');
    expect(reviewChannels['law.pack'].output.parse(packs.get('uk')!.file)).toBeDefined();
  });
});

describe('ten thousand stacks', () => {
  it('queue, count, page and search answer in full', () => {
    const sizes = Array.from({ length: 10_000 }, (_, n) => ({ size: n % 10 === 0 ? 3 : 1 }));
    const { caseId } = makeCase(session, sizes);
    const empty: GalleryFilter = { states: [], categories: [], text: '' };
    expect(reviewQueue(session, { caseId }).entries).toHaveLength(10_000);
    expect(caseFigures(session, caseId)).toMatchObject({ stacks: 10_000, items: 12_000 });
    const far = galleryPage(session, { caseId, offset: 11_900, limit: 200, filter: empty });
    expect(far).toHaveLength(100);
    const text = { ...empty, text: 'item-9' };
    const found = galleryCount(session, { caseId, filter: text }).total;
    expect(found).toBeGreaterThan(1_000);
    expect(found).toBeLessThan(12_000);
  });
});
