/** Review and gallery. The services do the work; here they are paired with their channels. */
import { decide } from '#core/review/decide.ts';
import { recordFacts } from '#core/review/facts.ts';
import { galleryCount, galleryPage } from '#core/review/gallery.ts';
import { findItem, itemDetail, itemsPage } from '#core/review/items.ts';
import { lawPackOfCase } from '#core/review/law-packs.ts';
import { coverLook, requestLook } from '#core/review/looks.ts';
import { reviewQueue } from '#core/review/queue.ts';
import { skipStack } from '#core/review/skip.ts';
import { stackDetail } from '#core/review/stack.ts';
import { undo } from '#core/review/undo.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';

type Rooms =
  | 'law.pack'
  | 'review.queue'
  | 'review.stack'
  | 'review.fact'
  | 'review.decide'
  | 'review.undo'
  | 'review.skip'
  | 'look.request'
  | 'look.cover'
  | 'gallery.count'
  | 'gallery.page'
  | 'items.get'
  | 'items.page'
  | 'items.find';

export function reviewHandlers(desk: Desk): Pick<Handlers, Rooms> {
  return {
    'law.pack': ({ caseId }, session) =>
      // The file as it was read is JSON; its type only says more than `json` does.
      lawPackOfCase(session, desk.lawPacks, caseId).file as never,
    'review.queue': (input, session) => reviewQueue(session, input),
    'review.stack': (input, session) => stackDetail(session, input),
    'review.fact': (input, session) => recordFacts(session, input),
    'review.decide': (input, session) => decide(session, desk.lawPacks, input),
    'review.undo': (input, session) => undo(session, input),
    'review.skip': (input, session) => skipStack(session, input),
    'look.request': (input, session) => requestLook(session, desk.leases(), input),
    'look.cover': (input, session) => coverLook(session, desk.leases(), input),
    'gallery.count': (input, session) => galleryCount(session, input),
    'gallery.page': (input, session) => galleryPage(session, input),
    'items.get': (input, session) => itemDetail(session, input),
    'items.page': (input, session) => itemsPage(session, input),
    'items.find': (input, session) => findItem(session, input),
  };
}
