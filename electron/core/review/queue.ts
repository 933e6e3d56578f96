/** The review queue: what waits, in the order that spares most looks. */
import type { Output, Parsed } from '#shared/contract/contract.ts';
import type { Session } from '#core/access/types.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { listQueue } from '#core/store/tables/queue.ts';
import { caseFigures } from './figures.ts';

/**
 * Stacks with a member that waits: those not skipped first, then the larger, as one decision
 * settles more, then those from more sources; equal ones by age. Throws NOT_FOUND.
 */
export function reviewQueue(
  session: Session,
  { caseId }: Parsed<'review.queue'>,
): Output<'review.queue'> {
  getCase(session.catalogue, caseId);
  return {
    entries: listQueue(session.catalogue, caseId).map((row) => {
      return { ...row, skipped: row.skipped === 1 };
    }),
    figures: caseFigures(session, caseId),
  };
}
