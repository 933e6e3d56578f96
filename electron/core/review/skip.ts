/** Leaving a stack for later: it goes to the end of the queue and can be undone. */
import type { Output, Parsed } from '#shared/contract/contract.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import { insertAct, setSkipped } from '#core/store/tables/acts.ts';
import { getStack } from '#core/store/tables/stacks.ts';
import { now } from './instant.ts';

/** Throws NOT_FOUND, BAD_REQUEST for a stack that no longer waits. */
export function skipStack(
  session: Session,
  { stackId }: Parsed<'review.skip'>,
): Output<'review.skip'> {
  const { caseId, undecided } = getStack(session.catalogue, stackId);
  if (undecided === 0) {
    throw new CustosError(
      'BAD_REQUEST',
      'This stack is decided already; there is nothing to skip.',
    );
  }
  const at = now();
  const by = session.member.id;
  session.act({ type: 'stack.skipped', detail: { caseId, stackId } }, (tx, seq) => {
    insertAct(tx, { caseId, stackId, kind: 'skip', by, at, seq });
    setSkipped(tx, stackId, at);
  });
  return null;
}
