/** What SQLite itself says about a database: its size, its tables, and whether they hold together. */
import { typed } from './errors.ts';
import type { Reader } from './types.ts';

export function countPages(db: Reader): number {
  return db.pragma('page_count', { simple: true }) as number;
}

export function listTables(db: Reader): string[] {
  return typed('reading what tables there are', () =>
    db
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
      .pluck()
      .all(),
  ) as string[];
}

/**
 * In how many places a table does not hold together: its rows among themselves, against its
 * indexes, against the rows they refer to. Errors: WORKSPACE_DAMAGED, IO_FAILED.
 */
export function countFaults(db: Reader, table: string): number {
  return typed('checking a table', () => {
    const words = db.prepare('SELECT * FROM pragma_integrity_check(?)').pluck().all(table);
    const lost = db.prepare('SELECT * FROM pragma_foreign_key_check(?)').all(table);
    return words.filter((word) => word !== 'ok').length + lost.length;
  });
}
