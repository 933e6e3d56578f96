import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '#core/access/types.ts';
import type { Media } from '#core/media/types.ts';
import { decide } from '#core/review/decide.ts';
import { caseFigures } from '#core/review/figures.ts';
import { itemDetail } from '#core/review/items.ts';
import { createLeases, type Leases } from '#core/review/leases.ts';
import { coverLook, requestLook } from '#core/review/looks.ts';
import { servePicture } from '#core/review/pictures.ts';
import { undo } from '#core/review/undo.ts';
import { putRendition } from '#core/store/tables/derived.ts';
import { reviewChannels } from '#shared/contract/review.ts';
import { CustosError } from '#shared/domain/errors.ts';
import {
  clock,
  entries,
  fact,
  failure,
  makeCase,
  makePlace,
  packs,
  type Place,
} from './fixture.ts';

let place: Place;
let session: Session;
let leases: Leases;
beforeAll(async () => {
  place = await makePlace({ Lea: ['legal'], Sam: ['supervisor'] });
  session = await place.as('Ines');
  leases = createLeases(clock);
});
afterAll(() => {
  place.remove();
});

const ask = (itemId: number, more: object = {}) =>
  requestLook(session, leases, {
    itemId,
    rung: 4,
    purpose: 'decide',
    reason: null,
    box: 1600,
    ...more,
  });
const tokenOf = ({ url }: { url: string }) => url.slice('look/'.length);
const oneItem = () => makeCase(session, [{}]).stacks[0]!.items[0]!;
const settle = (itemId: number) =>
  decide(session, packs, {
    target: { itemId },
    facts: [fact('relevant', 'no')],
    category: null,
    reason: '',
  });
const countOf = (itemId: number) => itemDetail(session, { itemId }).looks;

/** Renders nothing and remembers what it was asked for. */
function fakeMedia(answer: (bytes: Uint8Array) => Promise<void> = async () => undefined) {
  const asked: { bytes: Uint8Array; rung: number; box: number }[] = [];
  const media: Media = {
    analyse: () => Promise.reject(new Error('not asked for')),
    async render(bytes, { rung, box }) {
      asked.push({ bytes, rung, box });
      await answer(bytes);
      return { mime: 'image/jpeg', bytes: new Uint8Array([0xff, 0xd8]), width: 2, height: 1 };
    },
    close: async () => undefined,
  };
  return { media, asked };
}

/** An item whose original is in the store of blobs. */
async function itemWithBytes(content: string): Promise<number> {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest();
  const itemId = oneItem();
  await session.blobs!.commit(await session.blobs!.seal(bytes), sha256);
  session.act({ type: 'import.batch', detail: {} }, (tx) => {
    tx.prepare('UPDATE items SET sha256 = ? WHERE id = ?').run(sha256, itemId);
  });
  return itemId;
}

describe('asking for a look', () => {
  it('is on the record before the lease is given, and counted', () => {
    const itemId = oneItem();
    const before = session.record.size;
    let sizeAtIssue = -1;
    const watching: Leases = {
      ...leases,
      issue(terms) {
        sizeAtIssue = session.record.size;
        return leases.issue(terms);
      },
    };
    const granted = requestLook(session, watching, {
      itemId,
      rung: 1,
      purpose: 'decide',
      reason: null,
      box: 640,
    });
    expect(reviewChannels['look.request'].output.parse(granted)).toMatchObject({
      secondsValid: 60,
      relook: false,
    });
    // The entry and its `done`.
    expect(sizeAtIssue).toBe(before + 2);
    expect(entries(session, 'look.granted', 1)[0]?.detail).toMatchObject({
      itemId,
      rung: 1,
      purpose: 'decide',
      relook: false,
    });
    expect(countOf(itemId)).toBe(1);
    expect(itemDetail(session, { itemId }).lookList).toMatchObject([
      { by: 'Ines', rung: 1, seconds: null },
    ]);
  });

  it('wants a reason for a decided item and marks the look as a re-look', () => {
    const itemId = oneItem();
    settle(itemId);
    const refused = failure(() => ask(itemId));
    expect(refused.code).toBe('REASON_REQUIRED');
    expect(countOf(itemId)).toBe(0);
    expect(ask(itemId, { reason: 'the court asks', purpose: 'relook' }).relook).toBe(true);
    const { caseId } = itemDetail(session, { itemId });
    expect(caseFigures(session, caseId)).toMatchObject({ looks: 1, relooks: 1 });
  });

  it('counts as looking again after the decision was undone, and says why', () => {
    const { caseId, stacks } = makeCase(session, [{}]);
    const itemId = stacks[0]!.items[0]!;
    expect(ask(itemId).relook).toBe(false);
    settle(itemId);
    undo(session, { caseId });
    expect(ask(itemId).relook).toBe(true);
    expect(itemDetail(session, { itemId }).lookList.map((look) => look.reason)).toEqual([
      '',
      'The decision was undone.',
    ]);
    expect(caseFigures(session, caseId)).toMatchObject({ looks: 2, relooks: 1 });
  });

  it('never shows what is no picture, nor what does not exist', () => {
    const { unreadable } = makeCase(session, [], 1);
    expect(failure(() => ask(unreadable[0]!)).code).toBe('PICTURE_UNREADABLE');
    expect(failure(() => ask(999999)).code).toBe('NOT_FOUND');
  });

  it('wants a reason from legal staff for every look, and refuses supervisors', async () => {
    const itemId = oneItem();
    session = await place.as('Lea');
    expect(failure(() => ask(itemId, { purpose: 'legal' })).code).toBe('REASON_REQUIRED');
    expect(ask(itemId, { purpose: 'legal', reason: 'check of element 2' }).relook).toBe(false);
    session = await place.as('Sam');
    expect(session.blobs).toBeNull();
    expect(failure(() => ask(itemId, { reason: 'curious' })).code).toBe('NOT_ALLOWED');
    session = await place.as('Ines');
    expect(countOf(itemId)).toBe(1);
  });

  it('needs the key to pictures', () => {
    const itemId = oneItem();
    const keyless: Session = { ...session, blobs: null };
    expect(
      failure(() =>
        requestLook(keyless, leases, { itemId, rung: 1, purpose: 'decide', reason: null, box: 64 }),
      ).code,
    ).toBe('KEY_UNAVAILABLE');
    expect(countOf(itemId)).toBe(0);
  });

  it('grants nothing where the record cannot be written', async () => {
    const itemId = oneItem();
    let issued = 0;
    const counting: Leases = {
      ...leases,
      issue(terms) {
        issued += 1;
        return leases.issue(terms);
      },
    };
    const input = { itemId, rung: 4, purpose: 'decide', reason: null, box: 640 } as const;
    session.record.close();
    expect(() => requestLook(session, counting, input)).toThrow();
    expect(issued).toBe(0);
    session = await place.as('Ines');
    expect(countOf(itemId)).toBe(0);
    // The control: with a record that can be written the same call is granted.
    requestLook(session, counting, input);
    expect(issued).toBe(1);
  });
});

describe('covering', () => {
  it('notes the time once, by the one who looked, and never more than has passed', async () => {
    const itemId = oneItem();
    const { lookId } = ask(itemId);
    coverLook(session, leases, { lookId, seconds: 0.4 });
    expect(itemDetail(session, { itemId }).lookList[0]?.seconds).toBe(0.4);
    expect(failure(() => coverLook(session, leases, { lookId, seconds: 1 })).code).toBe(
      'BAD_REQUEST',
    );
    const second = ask(itemId).lookId;
    coverLook(session, leases, { lookId: second, seconds: 86000 });
    expect(itemDetail(session, { itemId }).lookList[1]?.seconds).toBeLessThan(30);
    expect(entries(session, 'look.covered', 1)[0]?.detail).toMatchObject({
      itemId,
      lookId: second,
    });

    const third = ask(itemId).lookId;
    session = await place.as('Lea');
    expect(failure(() => coverLook(session, leases, { lookId: third, seconds: 1 })).code).toBe(
      'NOT_FOUND',
    );
    session = await place.as('Ines');
  });
});

describe('serving a picture', () => {
  it('answers a lease once, with a picture that nobody keeps', async () => {
    const itemId = await itemWithBytes('original of rung 4');
    const { media, asked } = fakeMedia();
    const room = { session, media, leases };
    const token = tokenOf(ask(itemId, { box: 900 }));
    const picture = await servePicture(room, token);
    expect(picture).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'image/jpeg',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
    });
    expect(Buffer.from(asked[0]!.bytes).toString()).toBe('original of rung 4');
    expect(asked[0]).toMatchObject({ rung: 4, box: 900 });
    const again = await servePicture(room, token);
    expect(again.status).toBe(403);
    expect(again.headers['content-type']).toContain('text/plain');
    expect(asked).toHaveLength(1);
  });

  it('makes the low rungs from the thumbnail, without touching the original', async () => {
    const itemId = oneItem();
    const sha256 = Buffer.from(itemDetail(session, { itemId }).sha256, 'hex');
    const row = { itemSha256: sha256, kind: 'thumbnail', mime: 'image/jpeg', width: 1, height: 1 };
    putRendition(session.derived!, { ...row, bytes: Buffer.from('thumbnail') });
    const { media, asked } = fakeMedia();
    const room = { session, media, leases };
    for (const rung of [1, 2]) {
      expect((await servePicture(room, tokenOf(ask(itemId, { rung })))).status).toBe(200);
      expect(Buffer.from(asked.at(-1)!.bytes).toString()).toBe('thumbnail');
    }
    // The control: its original is nowhere, so a high rung cannot be had.
    expect((await servePicture(room, tokenOf(ask(itemId, { rung: 3 })))).status).toBe(422);
  });

  it('refuses tokens that were never given', async () => {
    const { media } = fakeMedia();
    for (const token of ['', '0'.repeat(32), '../catalogue.db']) {
      expect((await servePicture({ session, media, leases }, token)).status).toBe(403);
    }
  });

  it('shows nothing once leases are revoked, even while the picture is being made', async () => {
    const itemId = await itemWithBytes('original of the lock test');
    const waiting = tokenOf(ask(itemId));
    const { media } = fakeMedia(async () => {
      leases.revokeAll();
    });
    const room = { session, media, leases };
    const locked = await servePicture(room, tokenOf(ask(itemId)));
    expect(locked.status).toBe(410);
    expect((await servePicture(room, waiting)).status).toBe(403);
  });

  it('calls no original damaged because a lock took its key away', async () => {
    const itemId = await itemWithBytes('original whose key goes');
    const { media } = fakeMedia(() => {
      leases.revokeAll();
      return Promise.reject(new CustosError('BLOB_DAMAGED', 'This original is damaged.'));
    });
    const answer = await servePicture({ session, media, leases }, tokenOf(ask(itemId)));
    expect(answer.status).toBe(410);
    expect(Buffer.from(answer.body).toString()).toContain('locked');
  });

  it('belongs to the member who asked', async () => {
    const itemId = await itemWithBytes('original of another member');
    const token = tokenOf(ask(itemId));
    const other: Session = { ...session, member: { ...session.member, id: 'f'.repeat(32) } };
    const { media, asked } = fakeMedia();
    expect((await servePicture({ session: other, media, leases }, token)).status).toBe(410);
    expect(asked).toHaveLength(0);
  });

  it('shows no decided picture by leases gathered before the decision', async () => {
    const itemId = await itemWithBytes('original that is decided meanwhile');
    const [first, second, third] = [ask(itemId), ask(itemId), ask(itemId)];
    const { media, asked } = fakeMedia();
    const room = { session, media, leases };
    // The control: until the decision they hold.
    expect((await servePicture(room, tokenOf(first))).status).toBe(200);
    const deciding = fakeMedia(async () => {
      settle(itemId);
    });
    const during = await servePicture({ ...room, media: deciding.media }, tokenOf(second));
    expect(during.status).toBe(410);
    const after = await servePicture(room, tokenOf(third));
    expect(after.status).toBe(410);
    expect(Buffer.from(after.body).toString()).toContain('reason');
    expect(asked).toHaveLength(1);
    const again = ask(itemId, { purpose: 'relook', reason: 'the court asks' });
    expect((await servePicture(room, tokenOf(again))).status).toBe(200);
  });

  it('shows nothing once its look was covered, even while the picture is being made', async () => {
    const itemId = await itemWithBytes('original that is covered');
    const { media, asked } = fakeMedia();
    const early = ask(itemId);
    coverLook(session, leases, { lookId: early.lookId, seconds: 0 });
    expect((await servePicture({ session, media, leases }, tokenOf(early))).status).toBe(403);
    expect(asked).toHaveLength(0);

    const late = ask(itemId);
    const covering = fakeMedia(async () => {
      coverLook(session, leases, { lookId: late.lookId, seconds: 0 });
    });
    const room = { session, media: covering.media, leases };
    expect((await servePicture(room, tokenOf(late))).status).toBe(410);
    // The control: another look at the same picture is not touched by it.
    expect((await servePicture({ session, media, leases }, tokenOf(ask(itemId)))).status).toBe(200);
  });

  it('says and records why a picture could not be made', async () => {
    const itemId = await itemWithBytes('original that kills');
    const { media } = fakeMedia(() =>
      Promise.reject(new CustosError('DECODE_TIMEOUT', 'Decoding took longer than 15 seconds.')),
    );
    const answer = await servePicture({ session, media, leases }, tokenOf(ask(itemId)));
    expect(answer.status).toBe(422);
    expect(Buffer.from(answer.body).toString()).toContain('15 seconds');
    expect(entries(session, 'decode.failed', 1)[0]?.detail).toMatchObject({
      itemId,
      code: 'DECODE_TIMEOUT',
    });
  });
});

describe('leases', () => {
  const terms = {
    lookId: 1,
    caseId: 1,
    itemId: 1,
    memberId: 'm',
    rung: 4,
    relook: false,
    box: 64,
  } as const;

  it('hold for a minute and no longer', () => {
    let ms = 0;
    const own = createLeases({ now: () => new Date(), monotonicMs: () => ms });
    const early = own.issue(terms);
    const late = own.issue(terms);
    expect(early).toMatch(/^[a-f0-9]{32}$/);
    expect(late).not.toBe(early);
    ms = 59_999;
    expect(own.redeem(early)).toMatchObject(terms);
    ms = 60_000;
    expect(failure(() => own.redeem(late)).code).toBe('LEASE_INVALID');
  });
});
