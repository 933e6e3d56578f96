import { randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CATALOGUE_FILE } from '#core/store/databases.ts';
import { createPageCheck, PAGE_BYTES, type PageCheck } from '#core/store/page-check.ts';
import { folder, newDatabases } from './support.ts';

function checked(file: string, key: Buffer): PageCheck {
  const fd = openSync(file, 'r');
  onTestFinished(() => closeSync(fd));
  const check = createPageCheck(fd, key);
  while (check.step());
  return check;
}

describe('the pages of a database', () => {
  it('are good under its key, each, and bad under any other', () => {
    const { dir, keys } = newDatabases();
    const file = path.join(dir, CATALOGUE_FILE);
    const pages = statSync(file).size / PAGE_BYTES;
    expect(checked(file, keys.db)).toMatchObject({ total: pages, checked: pages, bad: 0 });
    const other = checked(file, randomBytes(32));
    expect(other.bad).toBe(pages);
    expect(other.badPages.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('are bad one by one wherever a byte is changed, and where two are exchanged', () => {
    const { dir, keys } = newDatabases();
    const file = path.join(dir, CATALOGUE_FILE);
    const good = readFileSync(file);
    for (const at of [20, 3000, 4090, PAGE_BYTES + 1, 3 * PAGE_BYTES - 1]) {
      const bytes = Buffer.from(good);
      bytes[at]! ^= 0x80;
      writeFileSync(file, bytes);
      expect(checked(file, keys.db).badPages, String(at)).toEqual([
        Math.floor(at / PAGE_BYTES) + 1,
      ]);
    }
    const swapped = Buffer.from(good);
    good.copy(swapped, PAGE_BYTES, 2 * PAGE_BYTES, 3 * PAGE_BYTES);
    good.copy(swapped, 2 * PAGE_BYTES, PAGE_BYTES, 2 * PAGE_BYTES);
    writeFileSync(file, swapped);
    expect(checked(file, keys.db).badPages).toEqual([2, 3]);
    // The salt makes every page's key: a changed one spoils all.
    const salted = Buffer.from(good);
    salted[3]! ^= 1;
    writeFileSync(file, salted);
    expect(checked(file, keys.db).bad).toBe(good.length / PAGE_BYTES);
  });

  it('are bad where the file is cut within one, or holds hardly anything', () => {
    const { dir, keys } = newDatabases();
    const file = path.join(dir, CATALOGUE_FILE);
    const good = readFileSync(file);
    writeFileSync(file, good.subarray(0, 2 * PAGE_BYTES + 100));
    expect(checked(file, keys.db)).toMatchObject({ total: 3, checked: 3, bad: 1, badPages: [3] });
    writeFileSync(file, good.subarray(0, 10));
    expect(checked(file, keys.db)).toMatchObject({ checked: 1, bad: 1 });
    writeFileSync(file, '');
    expect(checked(file, keys.db)).toMatchObject({ total: 0, checked: 0, bad: 0 });
  });

  it('leave out the one that SQLite never writes, at a gibibyte', () => {
    const file = path.join(folder(), 'large.db');
    const fd = openSync(file, 'wx');
    ftruncateSync(fd, 2 ** 30 + 2 * PAGE_BYTES);
    closeSync(fd);
    const check = checked(file, randomBytes(32));
    // Every page of zeros is bad, but one.
    expect(check.total - check.bad).toBe(1);
    expect(check.badPages).toHaveLength(100);
  });
});
