/** Everything that is known about a stack without looking at it. */
import type { Output, Parsed } from '#shared/contract/contract.ts';
import type { StackDetail, StackMember } from '#shared/contract/review.ts';
import { PDQ_MATCH_DISTANCE, PDQ_MIN_QUALITY } from '#shared/domain/words.ts';
import type { Session } from '#core/access/types.ts';
import { getDecision } from '#core/store/tables/decisions.ts';
import { looksOfStack } from '#core/store/tables/looks.ts';
import {
  listDecidedRepresentatives,
  placesOfStack,
  sourcesOfStack,
} from '#core/store/tables/queue.ts';
import { getStack, type StackRow } from '#core/store/tables/stacks.ts';
import { getItem, type ItemRow, listMembers, type MemberRow } from '#core/store/tables/tiles.ts';
import { recordedFacts } from './facts.ts';

const MEMBERS = 500;
const LOOKS = 500;
const SOURCES = 200;
/** Beyond a match and still often the same scene: shown as a hint, never acted upon. */
const NEAR_DISTANCE = 60;
const NEAREST = 5;

/** Throws NOT_FOUND. */
export function stackDetail(
  session: Session,
  { stackId }: Parsed<'review.stack'>,
): Output<'review.stack'> {
  const db = session.catalogue;
  const stack = getStack(db, stackId);
  const representative = getItem(db, stack.representativeId);
  const { decisionId } = representative;
  return {
    stackId,
    caseId: stack.caseId,
    representativeId: stack.representativeId,
    state: stack.undecided > 0 ? 'undecided' : 'decided',
    skipped: stack.skippedAt !== null,
    members: listMembers(db, stack, MEMBERS).map((row) => member(row, stack)),
    memberCount: stack.items,
    ...placesOfStack(db, stackId),
    sources: sourcesOfStack(db, stackId, SOURCES),
    looks: looksOfStack(db, stackId, LOOKS),
    facts: recordedFacts(db, stackId),
    decision: decisionId === null ? null : getDecision(db, decisionId),
    near: decidedNearby(session, stack, representative),
  };
}

function member(row: MemberRow, stack: StackRow): StackMember {
  const { path, linkTo, linkDistance, linkOrientation, ...tile } = row;
  return {
    ...tile,
    name: lastPart(path ?? ''),
    representative: row.itemId === stack.representativeId,
    link:
      linkTo === null
        ? null
        : {
            toItemId: linkTo,
            distance: linkDistance ?? 0,
            orientation: linkOrientation ?? 'orig',
          },
  };
}

function lastPart(displayPath: string): string {
  return displayPath.split(/[\\/]/).findLast((part) => part !== '') ?? displayPath;
}

/** Decided stacks just beyond the distance of a match, nearest first, as the pictures are stored. */
function decidedNearby(
  session: Session,
  stack: StackRow,
  representative: ItemRow,
): StackDetail['near'] {
  const { pdq, pdqQuality } = representative;
  if (pdq === null || (pdqQuality ?? 0) < PDQ_MIN_QUALITY) return [];
  return listDecidedRepresentatives(session.catalogue, stack.caseId, PDQ_MIN_QUALITY)
    .filter((other) => other.stackId !== stack.id)
    .map((other) => ({ ...other, distance: hammingDistance(pdq, other.pdq) }))
    .filter(({ distance }) => distance > PDQ_MATCH_DISTANCE && distance <= NEAR_DISTANCE)
    .sort((a, b) => a.distance - b.distance || a.stackId - b.stackId)
    .slice(0, NEAREST)
    .map(({ stackId, distance, category, by }) => ({ stackId, distance, category, by }));
}

/** Differing bits of two hashes of 32 bytes. */
function hammingDistance(a: Buffer, b: Buffer): number {
  let bits = 0;
  for (let offset = 0; offset < 32; offset += 4) {
    bits += countBits(a.readUInt32LE(offset) ^ b.readUInt32LE(offset));
  }
  return bits;
}

/** Bits set in 32, added up in parallel: pairs, then fours, then bytes. */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
