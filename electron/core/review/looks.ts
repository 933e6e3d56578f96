/** Asking to see a picture, and covering it again. The record comes first, the lease after. */
import type { Output, Parsed } from '#shared/contract/contract.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import { damageOf } from '#core/store/tables/damage.ts';
import { wasEverDecided } from '#core/store/tables/decisions.ts';
import { findLook, insertLook, setLookSeconds } from '#core/store/tables/looks.ts';
import { getItem, type ItemRow } from '#core/store/tables/tiles.ts';
import { now } from './instant.ts';
import { LEASE_SECONDS, type Leases } from './leases.ts';

/** How much longer than granted a look may claim to have lasted, for clocks that were set. */
const CLOCK_SLACK_SECONDS = 1;

/**
 * Grants one look at one rendition. Throws NOT_ALLOWED, KEY_UNAVAILABLE, PICTURE_UNREADABLE,
 * BLOB_DAMAGED, REASON_REQUIRED, NOT_FOUND, and whatever kept the entry from the record; then nothing was granted.
 */
export function requestLook(
  session: Session,
  leases: Leases,
  input: Parsed<'look.request'>,
): Output<'look.request'> {
  requireViewer(session);
  const item = getItem(session.catalogue, input.itemId);
  if (item.state === 'unreadable') {
    throw new CustosError(
      'PICTURE_UNREADABLE',
      `This file could not be read as a picture (${item.unreadableReason ?? 'for no known reason'}). Its bytes are kept as evidence.`,
    );
  }
  const damage = damageOf(session.catalogue, input.itemId);
  if (damage !== null) {
    throw new CustosError(
      'BLOB_DAMAGED',
      `The original of this item is missing or damaged since ${damage.at.slice(0, 10)} and is not shown. Import the same file again or restore it from a backup, then run a scrub.`,
    );
  }
  // A decision that was undone was a decision: looking again counts as looking again. Undoing is the
  // deliberate act and is on the record, so no second reason is asked for.
  const undone = item.state === 'undecided' && wasEverDecided(session.catalogue, input.itemId);
  const relook = item.state === 'decided' || undone;
  requireReason(session, item, input);

  const { itemId, rung, purpose, box } = input;
  const { caseId, stackId } = item;
  const reason = input.reason ?? (undone ? AFTER_UNDO : '');
  const memberId = session.member.id;
  const at = now();
  // SECURITY: the look is on the record and durable before there is anything to show it with (P3).
  const lookId = session.act(
    {
      type: 'look.granted',
      detail: { caseId, itemId, stackId, rung, purpose, reason, relook, box },
    },
    (tx, seq) =>
      insertLook(tx, {
        caseId,
        itemId,
        stackId,
        by: memberId,
        at,
        rung,
        purpose,
        reason,
        relook: relook ? 1 : 0,
        seq,
      }),
  );
  const token = leases.issue({ lookId, caseId, itemId, memberId, rung, relook, box });
  return { lookId, url: `look/${token}`, secondsValid: LEASE_SECONDS, relook };
}

/** The reason recorded for a look at a picture whose decision was undone, where none was typed. */
const AFTER_UNDO = 'The decision was undone.';

/**
 * Says how long a picture was open. Only the one who was shown it may, and only once; the time is
 * never more than has passed since. Throws NOT_FOUND, BAD_REQUEST.
 */
export function coverLook(
  session: Session,
  leases: Leases,
  { lookId, seconds }: Parsed<'look.cover'>,
): Output<'look.cover'> {
  const look = findLook(session.catalogue, lookId);
  if (look === null || look.by !== session.member.id) {
    throw new CustosError('NOT_FOUND', 'There is no such look of yours.');
  }
  if (look.seconds !== null) {
    throw new CustosError('BAD_REQUEST', 'This picture was covered already.');
  }
  // SECURITY: before the record says how long it was shown, it can no longer be fetched.
  leases.withdraw(lookId);
  const elapsed = (Date.now() - Date.parse(look.at)) / 1000 + CLOCK_SLACK_SECONDS;
  const lasted = Math.max(0, Math.min(seconds, elapsed));
  const { caseId, itemId, rung, seq } = look;
  session.act(
    {
      type: 'look.covered',
      detail: { caseId, itemId, lookId, rung, granted: seq, seconds: lasted },
    },
    (tx) => setLookSeconds(tx, lookId, lasted),
  );
  return null;
}

function requireViewer(session: Session): void {
  const { roles } = session.member;
  // SECURITY: checked here besides the router, so that no other way in shows pictures to others.
  if (!roles.includes('investigator') && !roles.includes('legal')) {
    throw new CustosError(
      'NOT_ALLOWED',
      'Pictures may be shown to investigators and legal staff only.',
    );
  }
  if (session.blobs === null) {
    throw new CustosError(
      'KEY_UNAVAILABLE',
      'Your key to pictures has not been granted yet. Any investigator grants it by unlocking this workspace once.',
    );
  }
}

function requireReason(session: Session, item: ItemRow, input: Parsed<'look.request'>): void {
  if (input.reason !== null) return;
  if (item.state === 'decided') {
    throw new CustosError(
      'REASON_REQUIRED',
      'This picture is decided. To see it again, give a reason; the look is recorded as a re-look.',
    );
  }
  if (input.purpose === 'legal' || !session.member.roles.includes('investigator')) {
    throw new CustosError(
      'REASON_REQUIRED',
      'Legal staff give a reason for every picture they are shown.',
    );
  }
}
