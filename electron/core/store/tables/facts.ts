/**
 * Table `facts`. Rows are only ever added: the highest id of a key is in force, and a row without
 * a value says that the fact is unknown again.
 */
import type { FactKey } from '#shared/domain/facts.ts';
import type { Basis, Certainty } from '#shared/domain/words.ts';
import { insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface NewFact {
  stackId: number;
  key: FactKey;
  /** Null takes the fact back. */
  value: string | null;
  certainty: Certainty;
  basis: Basis;
  /** Member id. */
  by: string;
  at: string;
  seq: number;
}

export interface FactInForce extends Omit<NewFact, 'stackId' | 'value' | 'seq'> {
  value: string;
  byName: string;
}

export function insertFact(db: Writer, row: NewFact): number {
  const result = prepared<[NewFact]>(
    db,
    `INSERT INTO facts (stack_id, key, value, certainty, basis, by, at, seq)
     VALUES (@stackId, @key, @value, @certainty, @basis, @by, @at, @seq)`,
  ).run(row);
  return insertedId(result, 'the facts');
}

export function factsInForce(db: Reader, stackId: number): FactInForce[] {
  return prepared<[number], FactInForce>(
    db,
    `SELECT f.key, f.value, f.certainty, f.basis, f.by, m.name AS byName, f.at
     FROM facts f JOIN members m ON m.id = f.by
     WHERE f.id IN (SELECT max(id) FROM facts WHERE stack_id = ? GROUP BY key)
       AND f.value IS NOT NULL
     ORDER BY f.id`,
  ).all(stackId);
}

/** The keys that an entry of the record wrote on a stack. */
export function factKeysOfEntry(db: Reader, stackId: number, seq: number): FactKey[] {
  return prepared<[number, number], { key: FactKey }>(
    db,
    'SELECT DISTINCT key FROM facts WHERE stack_id = ? AND seq = ? ORDER BY id',
  )
    .all(stackId, seq)
    .map(({ key }) => key);
}

/**
 * Puts back what a key said by the acts that still stand, after one was undone: a new row, where
 * the highest one no longer says it. Rows that an undo wrote are no act and do not count.
 */
export function restoreFact(
  db: Writer,
  at: { caseId: number; stackId: number; key: FactKey; by: string; at: string; seq: number },
): void {
  const standing = prepared<[typeof at], NewFact & { id: number }>(
    db,
    `SELECT f.id, f.stack_id AS stackId, f.key, f.value, f.certainty, f.basis, f.by, f.at, f.seq
     FROM facts f
     WHERE f.stack_id = @stackId AND f.key = @key AND NOT EXISTS (
       SELECT 1 FROM acts a WHERE a.case_id = @caseId
         AND (a.undone_seq = f.seq OR (a.seq = f.seq AND a.undone_at IS NOT NULL)))
     ORDER BY f.id DESC LIMIT 1`,
  ).get(at);
  const highest = prepared<[number, string], { id: number; value: string | null }>(
    db,
    'SELECT id, value FROM facts WHERE stack_id = ? AND key = ? ORDER BY id DESC LIMIT 1',
  ).get(at.stackId, at.key);
  if (standing !== undefined) {
    if (standing.id !== highest?.id) insertFact(db, { ...standing, seq: at.seq });
  } else if (highest !== undefined && highest.value !== null) {
    const { stackId, key, by, seq } = at;
    const taken = { value: null, certainty: 'certain', basis: 'described' } as const;
    insertFact(db, { stackId, key, by, seq, at: at.at, ...taken });
  }
}
