/**
 * The facts of the one stack on the desk. A fact is recorded the moment it is chosen, in the order
 * of choosing; deciding waits until all of them are on the record.
 */
import { createStore, type StoreApi } from 'zustand';
import { CERTAINTIES, type Certainty } from '#shared/domain/words.ts';
import type { FactKey, RecordedFact } from '#shared/domain/facts.ts';
import { tellError } from '../../bridge/notices.ts';
import { call } from '../../bridge/wire.ts';

export interface Desk {
  stackId: number;
  facts: Partial<Record<FactKey, RecordedFact>>;
  /** The fact whose values the digits choose from. */
  open: FactKey | null;
  /** How certain the next value is. */
  certainty: Certainty;
  /** Facts on their way to the record. */
  pending: number;
}

export type DeskStore = StoreApi<Desk>;

export function createDesk(stackId: number, recorded: readonly RecordedFact[]): DeskStore {
  return createStore<Desk>(() => ({
    stackId,
    facts: Object.fromEntries(recorded.map((fact) => [fact.key, fact])),
    open: null,
    certainty: 'certain',
    pending: 0,
  }));
}

export function toggleFact(desk: DeskStore, key: FactKey): void {
  desk.setState(({ open, facts }) => ({
    open: open === key ? null : key,
    certainty: facts[key]?.certainty ?? 'certain',
  }));
}

/** Certain, likely, unsure, round again; a value recorded already is recorded anew. */
export async function turnCertainty(desk: DeskStore): Promise<void> {
  const { certainty, open, facts } = desk.getState();
  const next = CERTAINTIES[(CERTAINTIES.indexOf(certainty) + 1) % CERTAINTIES.length] ?? 'certain';
  desk.setState({ certainty: next });
  const recorded = open === null ? undefined : facts[open];
  if (recorded !== undefined) await send(desk, recorded.key, recorded.value, next);
}

/** `value` null takes the fact back. */
export async function chooseValue(
  desk: DeskStore,
  key: FactKey,
  value: string | null,
): Promise<void> {
  const { certainty } = desk.getState();
  desk.setState({ open: null });
  await send(desk, key, value, certainty);
}

let last: Promise<unknown> = Promise.resolve();

function send(
  desk: DeskStore,
  key: FactKey,
  value: string | null,
  certainty: Certainty,
): Promise<void> {
  const { stackId } = desk.getState();
  desk.setState(({ pending }) => ({ pending: pending + 1 }));
  const sent = last.then(async () => {
    const result = await call('review.fact', { stackId, facts: [{ key, value, certainty }] });
    desk.setState(({ pending }) => ({ pending: pending - 1 }));
    if (!result.ok) {
      tellError(result.error);
      return;
    }
    // The answer is every fact in force.
    desk.setState({ facts: Object.fromEntries(result.value.map((fact) => [fact.key, fact])) });
  });
  last = sent;
  return sent;
}

/** Resolves when every fact chosen so far has been answered. */
export async function allRecorded(): Promise<void> {
  await last;
}
