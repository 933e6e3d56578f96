import { describe, expect, it } from 'vitest';
import { openDatabases } from '#core/store/databases.ts';
import { migrate } from '#core/store/migrate.ts';
import { CATALOGUE_STEPS, DERIVED_STEPS, type Migration } from '#core/store/migrations/index.ts';
import type { Writer } from '#core/store/types.ts';
import { codeOf, newDatabases, opened } from './support.ts';

const NEWEST = CATALOGUE_STEPS.at(-1)?.step ?? 0;
const next = (sql: string, step = NEWEST + 10): Migration => ({ step, slug: 'test', sql });

function catalogue(): Writer {
  const { dir, keys } = newDatabases();
  return opened(dir, keys).catalogue;
}
const stepOf = (db: Writer): unknown => db.pragma('user_version', { simple: true });
const tablesOf = (db: Writer): unknown[] =>
  db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
const take = (db: Writer, ...steps: Migration[]): unknown =>
  migrate(db, [...CATALOGUE_STEPS, ...steps], { readOnly: false });

describe('steps', () => {
  it.each([
    ['catalogue', CATALOGUE_STEPS],
    ['derived', DERIVED_STEPS],
  ])('of the %s rise by tens', (_, steps) => {
    const numbers = steps.map(({ step }) => step);
    expect(numbers.every((step) => step > 0 && step % 10 === 0)).toBe(true);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  it('are all taken when a workspace is made', () => {
    const db = catalogue();
    expect(stepOf(db)).toBe(NEWEST);
    expect(tablesOf(db)).toContain('meta');
    expect(migrate(db, CATALOGUE_STEPS, { readOnly: true })).toEqual({ from: NEWEST, to: NEWEST });
  });

  it('that are missing are taken in order, each once', () => {
    const db = catalogue();
    const added = next('CREATE TABLE added (a TEXT) STRICT');
    const filled = next(`INSERT INTO added VALUES ('x')`, NEWEST + 20);
    expect(take(db, added, filled)).toEqual({ from: NEWEST, to: NEWEST + 20 });
    expect(take(db, added, filled)).toEqual({ from: NEWEST + 20, to: NEWEST + 20 });
    expect(db.prepare('SELECT count(*) FROM added').pluck().get()).toBe(1);
  });

  it('that fail half-way leave the step before them, whole', () => {
    const db = catalogue();
    const good = next('CREATE TABLE good (a TEXT) STRICT');
    const bad = next(
      'CREATE TABLE half (a TEXT) STRICT; INSERT INTO nowhere VALUES (1)',
      NEWEST + 20,
    );
    expect(codeOf(() => take(db, good, bad))).toBe('INTERNAL');
    expect(stepOf(db)).toBe(NEWEST + 10);
    expect(tablesOf(db)).toContain('good');
    expect(tablesOf(db)).not.toContain('half');
  });

  it('that leave a row pointing at nothing are not kept', () => {
    const db = catalogue();
    db.pragma('foreign_keys=OFF');
    const orphan = next(
      `INSERT INTO cases VALUES (1, 'R', 'T', '', 'uk', '2026-01-01T00:00:00Z', 'nobody', 0)`,
    );
    expect(codeOf(() => take(db, orphan))).toBe('WORKSPACE_DAMAGED');
    expect(stepOf(db)).toBe(NEWEST);
    expect(db.prepare('SELECT count(*) FROM cases').pluck().get()).toBe(0);
  });

  it.each([
    ['falling', [20, 10]],
    ['repeated', [10, 10]],
    ['odd', [10, 15]],
    ['zero', [0, 10]],
  ])('that are %s are refused before anything is done', (_, numbers) => {
    const db = catalogue();
    const steps = numbers.map((step) => next('CREATE TABLE never (a TEXT) STRICT', step));
    expect(() => migrate(db, steps, { readOnly: false })).toThrow(RangeError);
    expect(tablesOf(db)).not.toContain('never');
  });

  it('a newer workspace is refused by name and not touched', () => {
    const { dir, keys } = newDatabases();
    const { catalogue: db, close } = opened(dir, keys);
    db.pragma(`user_version=${String(NEWEST + 10)}`);
    close();
    expect(codeOf(() => openDatabases(dir, keys))).toBe('NEWER_WORKSPACE');
    expect(() => openDatabases(dir, keys)).toThrow(/newer version/);
  });

  it('that are due are not taken while reading only', () => {
    const { dir, keys } = newDatabases();
    const db = opened(dir, keys, true).catalogue;
    const steps = [...CATALOGUE_STEPS, next('CREATE TABLE never (a TEXT) STRICT')];
    expect(codeOf(() => migrate(db, steps, { readOnly: true }))).toBe('READ_ONLY');
  });
});
