/** Taking back one's own newest act in a case; it holds across restarts, as acts are rows. */
import type { Output, Parsed } from '#shared/contract/contract.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { FACTS } from '#shared/domain/facts.ts';
import type { Session } from '#core/access/types.ts';
import { type ActRow, findLastAct, markUndone, restoreSkipped } from '#core/store/tables/acts.ts';
import { getCase } from '#core/store/tables/cases.ts';
import {
  type ActDecision,
  countUndecided,
  decisionsOfAct,
  restoreDecision,
} from '#core/store/tables/decisions.ts';
import { factKeysOfEntry, restoreFact } from '#core/store/tables/facts.ts';
import type { Reader, Writer } from '#core/store/types.ts';
import { now } from './instant.ts';

/**
 * Undoes the member's newest act that stands: a decision with the facts given in it, facts, or a
 * skip. What somebody else decided or recorded since stays. Nothing is removed: the catalogue
 * points back at what was in force before. Throws NOTHING_TO_UNDO, NOT_FOUND.
 */
export function undo(session: Session, { caseId }: Parsed<'review.undo'>): Output<'review.undo'> {
  getCase(session.catalogue, caseId);
  const act = findLastAct(session.catalogue, caseId, session.member.id);
  if (act === null) {
    throw new CustosError(
      'NOTHING_TO_UNDO',
      'You have nothing left to undo in this case. Only your own decisions, facts and skips can be undone.',
    );
  }
  const decisions = decisionsOfAct(session.catalogue, act.id);
  const stackId = act.stackId ?? decisions[0]?.stackId ?? null;
  const what = inWords(session.catalogue, act, stackId, decisions);
  const at = now();
  const entry = {
    type: 'decision.undone' as const,
    detail: {
      caseId,
      stackId,
      ...(act.stackId === null && decisions[0] ? { itemId: decisions[0].itemId } : {}),
      kind: act.kind,
      undoes: act.seq,
      what,
    },
  };
  return session.act(entry, (tx, seq) => {
    markUndone(tx, act.id, { at, seq });
    takeBackDecisions(tx, decisions);
    if (stackId !== null) {
      const by = session.member.id;
      for (const key of factKeysOfEntry(tx, stackId, act.seq)) {
        restoreFact(tx, { caseId, stackId, key, by, at, seq });
      }
      if (act.kind === 'skip') restoreSkipped(tx, stackId, act.at);
    }
    return { stackId, what };
  });
}

function takeBackDecisions(tx: Writer, decisions: readonly ActDecision[]): void {
  const stacks = new Set<number>();
  for (const { id, itemId, stackId, inForce } of decisions) {
    if (inForce === 0) continue;
    restoreDecision(tx, itemId, id);
    if (stackId !== null) stacks.add(stackId);
  }
  for (const stackId of stacks) countUndecided(tx, stackId);
}

function inWords(
  db: Reader,
  act: ActRow,
  stackId: number | null,
  decisions: readonly ActDecision[],
): string {
  switch (act.kind) {
    case 'skip':
      return 'The stack is no longer skipped.';
    case 'fact': {
      const keys = stackId === null ? [] : factKeysOfEntry(db, stackId, act.seq);
      return `Taken back: ${keys.map((key) => FACTS[key].label.toLowerCase()).join(', ')}.`;
    }
    case 'decide': {
      const standing = decisions.filter(({ inForce }) => inForce === 1).length;
      const title = decisions[0]?.categoryTitle ?? '';
      if (standing === 0) return `"${title}" had been decided again since; that decision stays.`;
      return `The decision "${title}" was taken back for ${standing} ${standing === 1 ? 'item' : 'items'}.`;
    }
  }
}
