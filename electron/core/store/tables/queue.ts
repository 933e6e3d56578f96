/** What the review queue and the page of one stack read. */
import { prepared } from '../sql.ts';
import type { Reader } from '../types.ts';

export interface QueueRow {
  stackId: number;
  representativeId: number;
  items: number;
  sources: number;
  skipped: 0 | 1;
}

/** Stacks with a member that waits: those not skipped first, then large ones, then many sources. */
export function listQueue(db: Reader, caseId: number): QueueRow[] {
  return prepared<[{ caseId: number }], QueueRow>(
    db,
    // A stack of one has its count of sources on its item; only larger ones need their places read.
    `SELECT s.id AS stackId, s.representative_id AS representativeId, s.items,
       s.skipped_at IS NOT NULL AS skipped,
       CASE WHEN s.items = 1 THEN r.sources ELSE (
         SELECT count(DISTINCT o.source) FROM items i JOIN occurrences o ON o.item_id = i.id
         WHERE i.stack_id = s.id) END AS sources
     FROM stacks s JOIN items r ON r.id = s.representative_id
     WHERE s.case_id = @caseId AND s.undecided > 0
     ORDER BY skipped, s.items DESC, sources DESC, s.id`,
  ).all({ caseId });
}

/** Distinct source labels of a stack's members, in order of the alphabet. */
export function sourcesOfStack(db: Reader, stackId: number, limit: number): string[] {
  return prepared<[number, number], { source: string }>(
    db,
    `SELECT DISTINCT o.source FROM items i JOIN occurrences o ON o.item_id = i.id
     WHERE i.stack_id = ? ORDER BY o.source LIMIT ?`,
  )
    .all(stackId, limit)
    .map(({ source }) => source);
}

/** Places of all members together, and the first time any of them was met. */
export function placesOfStack(
  db: Reader,
  stackId: number,
): { occurrences: number; firstSeen: string } {
  const row = prepared<[{ stackId: number }], { occurrences: number; firstSeen: string }>(
    db,
    `SELECT (SELECT coalesce(sum(occurrences), 0) FROM items WHERE stack_id = @stackId)
         AS occurrences,
       coalesce((SELECT min(o.seen_at) FROM items i JOIN occurrences o ON o.item_id = i.id
         WHERE i.stack_id = @stackId), s.created_at) AS firstSeen
     FROM stacks s WHERE s.id = @stackId`,
  ).get({ stackId });
  return row ?? { occurrences: 0, firstSeen: '' };
}

export interface DecidedNeighbour {
  stackId: number;
  pdq: Buffer;
  category: string;
  /** Name of the member who decided. */
  by: string;
}

/** Representatives of the case's decided stacks whose hash is good enough to be compared. */
export function listDecidedRepresentatives(
  db: Reader,
  caseId: number,
  minQuality: number,
): DecidedNeighbour[] {
  return prepared<[number, number], DecidedNeighbour>(
    db,
    `SELECT s.id AS stackId, i.pdq, i.category, m.name AS by
     FROM stacks s JOIN items i ON i.id = s.representative_id
       JOIN decisions d ON d.id = i.decision_id JOIN members m ON m.id = d.by
     WHERE s.case_id = ? AND s.undecided = 0 AND i.pdq IS NOT NULL AND i.pdq_quality >= ?`,
  ).all(caseId, minQuality);
}
