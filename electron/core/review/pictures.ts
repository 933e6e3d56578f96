/** The picture road: a lease in, a rendition out. The one place where pixels leave the core. */
import { CustosError, type ErrorCode, isCustosError } from '#shared/domain/errors.ts';
import { noteDamaged } from '#core/access/damage.ts';
import type { Session } from '#core/access/types.ts';
import type { Media } from '#core/media/types.ts';
import { distrustDerived } from '#core/store/derived-aside.ts';
import { typed } from '#core/store/errors.ts';
import { getRendition } from '#core/store/tables/derived.ts';
import { getItem, type ItemRow } from '#core/store/tables/tiles.ts';
import { now } from './instant.ts';
import type { Lease, Leases } from './leases.ts';

export interface Picture {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What a picture is made from and shown by. */
export interface PictureRoom {
  session: Session;
  media: Media;
  leases: Leases;
}

/** Renditions of these rungs are smaller than the thumbnail they are made from. */
const FROM_THUMBNAIL = new Set([1, 2]);

/**
 * Answers 200 with a JPEG; 403 for a lease that does not hold; 410 where the picture may no longer
 * be shown; 422 where it cannot be made. All but 200 carry a sentence as plain text. Rejects only
 * for failures nobody foresaw.
 */
export async function servePicture(room: PictureRoom, token: string): Promise<Picture> {
  try {
    const lease = room.leases.redeem(token);
    return await honour(room, lease);
  } catch (error) {
    if (isCustosError(error)) return refusal(error);
    throw error;
  }
}

async function honour(room: PictureRoom, lease: Lease): Promise<Picture> {
  try {
    return await render(room, lease);
  } catch (error) {
    // Whatever fails after the lock fails because of it: keys are gone, decoders are ended.
    if (lease.isRevoked()) throw noLonger();
    if (isCustosError(error) && isDecodeFailure(error.code)) {
      const { caseId, itemId, lookId, rung } = lease;
      const detail = { caseId, itemId, lookId, rung, code: error.code };
      room.session.note({ type: 'decode.failed', detail });
    }
    if (isCustosError(error) && error.code === 'BLOB_DAMAGED') {
      const { sha256 } = getItem(room.session.catalogue, lease.itemId);
      noteDamaged(room.session, now(), sha256, error.message);
    }
    throw error;
  }
}

async function render({ session, media }: PictureRoom, lease: Lease): Promise<Picture> {
  // SECURITY: a lease is one member's; nobody who unlocks later is shown what another asked for.
  if (lease.memberId !== session.member.id) throw noLonger();
  const { sha256 } = requireAsGranted(session, lease);
  const { rung, box } = lease;
  const bytes = thumbnailFor(session, sha256, rung) ?? (await original(session, sha256));
  const rendition = await media.render(bytes, { rung, box });
  // SECURITY: the workspace may have been locked while the picture was being made, the look
  // covered, or the item decided.
  if (lease.isRevoked()) throw noLonger();
  requireAsGranted(session, lease);
  return {
    status: 200,
    headers: { 'content-type': rendition.mime, ...ALWAYS },
    body: rendition.bytes,
  };
}

/** SECURITY: leases gathered before a decision would show a decided picture without a reason. */
function requireAsGranted(session: Session, lease: Lease): ItemRow {
  const item = getItem(session.catalogue, lease.itemId);
  if (item.state !== 'decided' || lease.relook) return item;
  throw new CustosError(
    'REASON_REQUIRED',
    'This picture was decided before it could be shown. To see it again, give a reason.',
  );
}

function thumbnailFor(session: Session, sha256: Buffer, rung: number): Uint8Array | null {
  if (!FROM_THUMBNAIL.has(rung) || session.derived === null) return null;
  const { derived } = session;
  try {
    return (
      typed('reading a small picture', () => getRendition(derived, sha256, 'thumbnail'))?.bytes ??
      null
    );
  } catch (error) {
    if (!isCustosError(error) || error.code !== 'WORKSPACE_DAMAGED') throw error;
    // It can be made from the original, as it is here; the store is begun anew at the next opening.
    distrustDerived(session.workspace.dir);
    return null;
  }
}

async function original(session: Session, sha256: Buffer): Promise<Uint8Array> {
  if (session.blobs === null) {
    throw new CustosError('KEY_UNAVAILABLE', 'You no longer hold the key to pictures.');
  }
  return session.blobs.read(sha256);
}

/** SECURITY: neither kept by the browser nor taken for anything but what it is. */
const ALWAYS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

function noLonger(): CustosError {
  return new CustosError(
    'NOT_UNLOCKED',
    'The picture was covered, or the workspace locked, before it was ready. Ask to see it again.',
  );
}

function isDecodeFailure(code: ErrorCode): boolean {
  return (
    code === 'NOT_A_PICTURE' ||
    code === 'PICTURE_UNREADABLE' ||
    code === 'PICTURE_TOO_LARGE' ||
    code === 'DECODE_TIMEOUT' ||
    code === 'DECODE_KILLED'
  );
}

function statusOf(code: ErrorCode): number {
  switch (code) {
    case 'LEASE_INVALID':
      return 403;
    case 'NOT_UNLOCKED':
    case 'KEY_UNAVAILABLE':
    case 'CANCELLED':
    case 'NOT_FOUND':
    case 'REASON_REQUIRED':
      return 410;
    default:
      return 422;
  }
}

function refusal(error: CustosError): Picture {
  return {
    status: statusOf(error.code),
    headers: { 'content-type': 'text/plain; charset=utf-8', ...ALWAYS },
    body: new TextEncoder().encode(error.message),
  };
}
