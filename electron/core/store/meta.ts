/** Table `meta` of the catalogue: single values, such as the last entry of the record it holds. */
import { expectChanges, prepared } from './sql.ts';
import type { Reader, Writer } from './types.ts';

export function getMeta(db: Reader, key: string): string | null {
  const sql = 'SELECT value FROM meta WHERE key = ?';
  return prepared<[string], { value: string }>(db, sql).get(key)?.value ?? null;
}

/** Takes a value away; harmless where there is none. */
export function clearMeta(db: Writer, key: string): void {
  prepared<[string]>(db, 'DELETE FROM meta WHERE key = ?').run(key);
}

export function setMeta(db: Writer, key: string, value: string): void {
  const result = prepared<[string, string]>(
    db,
    `INSERT INTO meta (key, value) VALUES (?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  ).run(key, value);
  expectChanges(result, 1, 'a single value');
}

/** Values whose key begins with `prefix`, in order of the key. */
export function listMeta(db: Reader, prefix: string): { key: string; value: string }[] {
  const sql = 'SELECT key, value FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key';
  return prepared<[number, string], { key: string; value: string }>(db, sql).all(
    prefix.length,
    prefix,
  );
}
