/** Facts: recorded once for a stack, in force until somebody records something else. */
import type { Output, Parsed } from '#shared/contract/contract.ts';
import { CustosError } from '#shared/domain/errors.ts';
import {
  FACT_KEYS,
  type FactSheet,
  FACTS,
  isFactKey,
  isFactValue,
  type RecordedFact,
} from '#shared/domain/facts.ts';
import type { Basis } from '#shared/domain/words.ts';
import type { Session } from '#core/access/types.ts';
import { insertAct } from '#core/store/tables/acts.ts';
import { factsInForce, insertFact } from '#core/store/tables/facts.ts';
import { stackWasLookedAt } from '#core/store/tables/looks.ts';
import { getStack } from '#core/store/tables/stacks.ts';
import type { Reader, Writer } from '#core/store/types.ts';
import { now } from './instant.ts';

export type FactInput = Parsed<'review.fact'>['facts'][number];

/**
 * Records what was observed about a stack, as one act that can be undone. A value of null makes a
 * fact unknown again. Returns the facts in force. Throws BAD_REQUEST, NOT_FOUND.
 */
export function recordFacts(
  session: Session,
  { stackId, facts }: Parsed<'review.fact'>,
): Output<'review.fact'> {
  const stack = getStack(session.catalogue, stackId);
  requireKnownValues(facts);
  const at = now();
  const by = session.member.id;
  const basis = observedBasis(session.catalogue, stackId);
  const entry = {
    type: 'fact.recorded' as const,
    detail: { caseId: stack.caseId, stackId, facts, basis },
  };
  return session.act(entry, (tx, seq) => {
    insertAct(tx, { caseId: stack.caseId, stackId, kind: 'fact', by, at, seq });
    writeFacts(tx, facts, { stackId, basis, by, at, seq });
    return recordedFacts(tx, stackId);
  });
}

/** Throws BAD_REQUEST for a fact or value that nobody can have observed, and for one given twice. */
export function requireKnownValues(facts: readonly FactInput[]): void {
  const seen = new Set<string>();
  for (const { key, value } of facts) {
    if (!isFactKey(key)) {
      throw new CustosError(
        'BAD_REQUEST',
        `"${String(key)}" is not a fact. Known: ${FACT_KEYS.join(', ')}.`,
      );
    }
    if (seen.has(key)) {
      throw new CustosError('BAD_REQUEST', `The fact ${key} was given twice. Give it once.`);
    }
    seen.add(key);
    if (value !== null && !isFactValue(key, value)) {
      throw new CustosError(
        'BAD_REQUEST',
        `"${value}" is no value of the fact ${key}. Known: ${Object.keys(FACTS[key].values).join(', ')}.`,
      );
    }
  }
}

export function writeFacts(
  tx: Writer,
  facts: readonly FactInput[],
  row: { stackId: number; basis: Basis; by: string; at: string; seq: number },
): void {
  for (const { key, value, certainty } of facts) insertFact(tx, { ...row, key, value, certainty });
}

/** What an observation rests on: a picture somebody was shown, or a description of it. */
export function observedBasis(db: Reader, stackId: number): Basis {
  return stackWasLookedAt(db, stackId) ? 'looked' : 'described';
}

/** The facts in force as they cross to a screen, in the order the facts are defined in. */
export function recordedFacts(db: Reader, stackId: number): RecordedFact[] {
  return factsInForce(db, stackId)
    .map(({ key, value, certainty, basis, byName, at }) => {
      return { key, value, certainty, basis, by: byName, at };
    })
    .sort((a, b) => FACT_KEYS.indexOf(a.key) - FACT_KEYS.indexOf(b.key));
}

export function factSheet(facts: readonly RecordedFact[]): FactSheet {
  return Object.fromEntries(facts.map(({ key, value, certainty }) => [key, { value, certainty }]));
}
