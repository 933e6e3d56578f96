/** Originals one by one: there, of the right length, and in a full scrub the very bytes imported. */
import { isCustosError } from '#shared/domain/errors.ts';
import { noteDamaged, noteMended } from '#core/access/damage.ts';
import type { Session } from '#core/access/types.ts';
import type { Clock } from '#core/ports.ts';
import type { BlobStore } from '#core/store/types.ts';
import {
  originalsAfter,
  type OriginalRow,
  type ScrubKind,
  type ScrubPosition,
} from '#core/store/tables/scrubs.ts';
import { sealedLength } from '#core/vault/sealed-file.ts';
import type { Findings } from './findings.ts';
import type { Pace } from './pace.ts';

const PAGE = 200;

export interface OriginalsWork {
  session: Session;
  blobs: BlobStore;
  clock: Clock;
  kind: ScrubKind;
  /** Where to begin; kept true while the work goes on. */
  position: ScrubPosition;
  findings: Findings;
  pace: Pace;
  onOriginal: (row: OriginalRow, isGood: boolean) => void;
}

/** Errors: CANCELLED, and those of `Session.act` where a finding cannot be written down. */
export async function scrubOriginals(work: OriginalsWork): Promise<void> {
  const { session, position } = work;
  for (;;) {
    const rows = originalsAfter(session.catalogue, position.afterItem, PAGE);
    if (rows.length === 0) return;
    for (const row of rows) {
      const fault = await faultOf(work, row);
      settle(work, row, fault);
      await work.pace.rest();
    }
  }
}

interface Fault {
  code: 'ORIGINAL_MISSING' | 'ORIGINAL_LENGTH' | 'ORIGINAL_DAMAGED';
  reason: string;
}

async function faultOf({ blobs, kind }: OriginalsWork, row: OriginalRow): Promise<Fault | null> {
  try {
    const length = lengthFault(blobs, row);
    if (length !== null || kind === 'quick') return length;
    for await (const piece of blobs.stream(row.sha256)) void piece;
    return null;
  } catch (error) {
    // A disk that cannot give the bytes back has, for the evidence, lost them.
    if (isCustosError(error) && (error.code === 'BLOB_DAMAGED' || error.code === 'IO_FAILED')) {
      return { code: 'ORIGINAL_DAMAGED', reason: error.message };
    }
    throw error;
  }
}

/** Of a file that is there and as long as it should be: null. */
export function lengthFault(
  blobs: BlobStore,
  { sha256, bytes }: { sha256: Buffer; bytes: number },
): Fault | null {
  const found = blobs.sealedBytes(sha256);
  if (found === null) {
    return { code: 'ORIGINAL_MISSING', reason: 'The sealed file of the original is missing.' };
  }
  if (found === sealedLength(bytes)) return null;
  return {
    code: 'ORIGINAL_LENGTH',
    reason: 'The sealed file of the original is too short or too long.',
  };
}

function settle(work: OriginalsWork, row: OriginalRow, fault: Fault | null): void {
  const { session, position, findings, kind } = work;
  position.afterItem = row.itemId;
  position.checked += 1;
  position.bytes += row.bytes;
  if (fault !== null) {
    position.damaged += 1;
    noteDamaged(session, work.clock.now().toISOString(), row.sha256, fault.reason);
    findings.wrong(fault.code, `Item ${String(row.itemId)}: ${fault.reason}`);
  } else if (row.damaged === 1) {
    // Being there and long enough proves nothing about bytes that were once found wrong.
    if (kind === 'full') position.mended += noteMended(session, row.sha256) > 0 ? 1 : 0;
    else position.damaged += 1;
  }
  work.onOriginal(row, fault === null);
}
