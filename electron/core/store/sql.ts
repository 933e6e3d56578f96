/** Small helpers every table file uses, so that a statement is prepared once and its effect checked. */
import type { RunResult, Statement } from 'better-sqlite3';
import { CustosError } from '#shared/domain/errors.ts';
import type { Reader } from './types.ts';

const cache = new WeakMap<Reader, Map<string, Statement>>();

/**
 * The prepared statement of `sql` on this handle, made at the first call and kept as long as the
 * handle. `sql` must be a constant: values go in as parameters, never into the text.
 * A kept statement cannot be run again while an `iterate()` of it is still open.
 */
export function prepared<Params extends unknown[], Row = unknown>(
  db: Reader,
  sql: string,
): Statement<Params, Row> {
  let statements = cache.get(db);
  if (!statements) {
    statements = new Map();
    cache.set(db, statements);
  }
  let statement = statements.get(sql);
  if (!statement) {
    statement = db.prepare(sql);
    statements.set(sql, statement);
  }
  return statement as unknown as Statement<Params, Row>;
}

/** Fails unless exactly `rows` rows were changed: an update that meets nothing is a mistake. */
export function expectChanges(result: RunResult, rows: number, what: string): void {
  if (result.changes !== rows) {
    throw new CustosError(
      'INTERNAL',
      `Changing ${what} met ${String(result.changes)} rows where ${String(rows)} were expected. Nothing was changed.`,
    );
  }
}

/** The id that an insert gave its row. */
export function insertedId(result: RunResult, what: string): number {
  expectChanges(result, 1, what);
  return Number(result.lastInsertRowid);
}

/** Whether an error is SQLite's refusal of a second row with the same unique value. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'SQLITE_CONSTRAINT_UNIQUE' || error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY')
  );
}
