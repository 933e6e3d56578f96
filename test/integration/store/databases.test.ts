import { randomBytes } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CATALOGUE_FILE,
  checkpointWal,
  createDatabases,
  DERIVED_FILE,
  openDatabases,
} from '#core/store/databases.ts';
import { asCustosError } from '#core/store/errors.ts';
import { getMeta, setMeta } from '#core/store/meta.ts';
import { openFile } from '#core/store/sqlite.ts';
import { PAGE_BYTES, readPage } from './sqlcipher.ts';
import { codeOf, folder, newDatabases, newKeys, opened } from './support.ts';

const PLAINTEXT_MAGIC = 'SQLite format 3\0';

describe('the format on disk', () => {
  it('is stock SQLCipher 4 with the key itself, not a password made of it', () => {
    const { dir, keys } = newDatabases();
    for (const [name, key] of [
      [CATALOGUE_FILE, keys.db],
      [DERIVED_FILE, keys.content],
    ] as const) {
      const file = readFileSync(path.join(dir, name));
      expect(file.subarray(0, 16).toString('latin1')).not.toBe(PLAINTEXT_MAGIC);
      const pages = file.length / PAGE_BYTES;
      for (let page = 1; page <= pages; page++) expect(readPage(file, page, key)).not.toBeNull();
      // The first page's fields, read without any SQLite: page size 4096, WAL, 80 bytes reserved.
      const header = readPage(file, 1, key);
      expect(header?.readUInt16BE(0)).toBe(PAGE_BYTES);
      expect([...(header?.subarray(2, 5) ?? [])]).toEqual([2, 2, 80]);
      // Control: another key finds every page wrong.
      expect(readPage(file, 1, randomBytes(32))).toBeNull();
    }
  });

  it('shows nothing of what was written, neither in the database nor in its log', () => {
    const { dir, keys } = newDatabases();
    const canary = `canary-${randomBytes(8).toString('hex')}`;
    const { catalogue, close } = opened(dir, keys);
    setMeta(catalogue, 'canary', canary);
    const log = readFileSync(path.join(dir, `${CATALOGUE_FILE}-wal`));
    expect(log.length).toBeGreaterThan(0);
    close();
    for (const name of readdirSync(dir)) {
      expect(readFileSync(path.join(dir, name)).includes(canary)).toBe(false);
    }
    expect(log.includes(canary)).toBe(false);
    // Control: the same row in an unkeyed database is found.
    const plain = openFile(path.join(dir, 'plain.db'), {});
    plain.exec(`CREATE TABLE meta (value TEXT); INSERT INTO meta VALUES ('${canary}')`);
    plain.close();
    expect(readFileSync(path.join(dir, 'plain.db')).includes(canary)).toBe(true);
  });

  it('is for its owner only', () => {
    const { dir, keys } = newDatabases();
    opened(dir, keys).catalogue.exec('BEGIN IMMEDIATE; COMMIT');
    if (process.platform === 'win32') return;
    for (const name of readdirSync(dir)) {
      expect(statSync(path.join(dir, name)).mode & 0o077, name).toBe(0);
    }
  });
});

describe('settings of a connection', () => {
  it('are all in force on both databases', () => {
    const { dir, keys } = newDatabases();
    const { catalogue, derived } = opened(dir, keys);
    for (const db of [catalogue, derived]) {
      const read = (name: string): unknown => db?.pragma(name, { simple: true });
      expect(read('journal_mode')).toBe('wal');
      expect(read('synchronous')).toBe(2);
      expect(read('temp_store')).toBe(2);
      expect(read('secure_delete')).toBe(1);
      expect(read('foreign_keys')).toBe(1);
      expect(read('trusted_schema')).toBe(0);
      expect(read('cell_size_check')).toBe(1);
      expect(read('mmap_size')).toBe(0);
      expect(read('busy_timeout')).toBe(5000);
      expect(read('fullfsync')).toBe(1);
      expect(read('checkpoint_fullfsync')).toBe(1);
      expect(read('cipher')).toBe('sqlcipher');
    }
  });

  it.skipIf(!existsSync('/proc/self/fd'))('keep a large sort out of the temporary folder', () => {
    const { dir, keys } = newDatabases();
    const { catalogue } = opened(dir, keys);
    catalogue.pragma('cache_size=10');
    const sorting = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
      SELECT hex(randomblob(100)) AS r FROM n ORDER BY r`;
    const spilled = (): boolean => {
      const rows = catalogue.prepare(sorting).iterate();
      try {
        rows.next();
        return readdirSync('/proc/self/fd').some((fd) => linkOf(fd).includes('etilqs'));
      } finally {
        rows.return?.();
      }
    };
    expect(spilled()).toBe(false);
    // Control: with the default setting the same sort writes a file.
    catalogue.pragma('temp_store=FILE');
    expect(spilled()).toBe(true);
  });
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return 'closed meanwhile';
  }
}

describe('opening', () => {
  it('gives no derived store to a member without the content key', () => {
    const { dir, keys } = newDatabases();
    expect(opened(dir, { db: keys.db, content: null }).derived).toBeNull();
  });

  it('refuses a wrong key, for either database, as damage', () => {
    const { dir, keys } = newDatabases();
    const wrong = randomBytes(32);
    expect(codeOf(() => openDatabases(dir, { ...keys, db: wrong }))).toBe('WORKSPACE_DAMAGED');
    expect(codeOf(() => openDatabases(dir, { ...keys, content: wrong }))).toBe('WORKSPACE_DAMAGED');
    expect(getMeta(opened(dir, keys).catalogue, 'nothing')).toBeNull();
  });

  it.each([0, 16, 31, 33, 64])('refuses a key of %i bytes', (length) => {
    const { dir, keys } = newDatabases();
    const key = randomBytes(length);
    expect(() => openDatabases(dir, { db: key, content: null })).toThrow();
    expect(() => createDatabases(folder(), { ...keys, db: key })).toThrow();
  });

  it('refuses a missing, emptied, cut or unencrypted file', () => {
    const { dir, keys } = newDatabases();
    const file = path.join(dir, CATALOGUE_FILE);
    const open = (): string => codeOf(() => openDatabases(dir, keys));
    truncateSync(file, 1000);
    expect(open()).toBe('WORKSPACE_DAMAGED');
    truncateSync(file, 0);
    expect(open()).toBe('WORKSPACE_DAMAGED');
    rmSync(file);
    expect(open()).toBe('WORKSPACE_DAMAGED');
    const plain = openFile(file, {});
    plain.exec('CREATE TABLE t (a); PRAGMA user_version = 10');
    plain.close();
    expect(open()).toBe('WORKSPACE_DAMAGED');
    // Still not repaired or replaced behind anybody's back.
    expect(readFileSync(file).subarray(0, 16).toString('latin1')).toBe(PLAINTEXT_MAGIC);
  });

  it('refuses a database that holds no tables under the right key', () => {
    const { dir, keys } = newDatabases();
    const file = path.join(dir, CATALOGUE_FILE);
    const { catalogue, close } = opened(dir, keys);
    catalogue.pragma('user_version=0');
    close();
    expect(codeOf(() => openDatabases(dir, keys))).toBe('WORKSPACE_DAMAGED');
    expect(existsSync(file)).toBe(true);
  });

  it('does not touch a workspace that is there already', () => {
    const { dir, keys } = newDatabases();
    const before = readFileSync(path.join(dir, CATALOGUE_FILE));
    expect(codeOf(() => createDatabases(dir, newKeys()))).toBe('WORKSPACE_EXISTS');
    expect(readFileSync(path.join(dir, CATALOGUE_FILE)).equals(before)).toBe(true);
    expect(getMeta(opened(dir, keys).catalogue, 'nothing')).toBeNull();
  });

  it('leaves nothing behind when making the second database fails', () => {
    const dir = folder();
    writeFileSync(path.join(dir, DERIVED_FILE), 'somebody else’s');
    expect(codeOf(() => createDatabases(dir, newKeys()))).toBe('WORKSPACE_EXISTS');
    expect(readdirSync(dir)).toEqual([DERIVED_FILE]);
  });

  it('for reading only lets nothing be written', () => {
    const { dir, keys } = newDatabases();
    const first = opened(dir, keys);
    setMeta(first.catalogue, 'last_seq', '7');
    first.close();
    const { catalogue } = opened(dir, keys, true);
    expect(getMeta(catalogue, 'last_seq')).toBe('7');
    const write = (): void => {
      try {
        setMeta(catalogue, 'last_seq', '8');
      } catch (error) {
        throw asCustosError(error, 'trying to write');
      }
    };
    expect(codeOf(write)).toBe('READ_ONLY');
  });
});

describe('the write-ahead log', () => {
  it('is emptied by a checkpoint and gone after closing', () => {
    const { dir, keys } = newDatabases();
    const log = path.join(dir, `${CATALOGUE_FILE}-wal`);
    const { catalogue, close } = opened(dir, keys);
    setMeta(catalogue, 'last_seq', '1');
    expect(statSync(log).size).toBeGreaterThan(0);
    expect(checkpointWal(catalogue)).toBe(true);
    expect(statSync(log).size).toBe(0);
    setMeta(catalogue, 'last_seq', '2');
    close();
    close();
    expect(existsSync(log) && statSync(log).size > 0).toBe(false);
    expect(getMeta(opened(dir, keys).catalogue, 'last_seq')).toBe('2');
  });

  it('is not said to be empty while a reader still needs it', () => {
    const { dir, keys } = newDatabases();
    const { catalogue } = opened(dir, keys);
    setMeta(catalogue, 'last_seq', '1');
    const reader = opened(dir, keys, true).catalogue;
    reader.exec('BEGIN');
    expect(getMeta(reader, 'last_seq')).toBe('1');
    setMeta(catalogue, 'last_seq', '2');
    catalogue.pragma('busy_timeout=50');
    expect(checkpointWal(catalogue)).toBe(false);
    reader.exec('COMMIT');
    expect(checkpointWal(catalogue)).toBe(true);
  });
});

describe('damage', () => {
  /** Reads every page that holds a row; answers with the error's code, or "sound". */
  const readAll = (dir: string, keys: { db: Buffer; content: Buffer }): string => {
    try {
      const databases = openDatabases(dir, keys);
      try {
        const { catalogue } = databases;
        const rows = catalogue.prepare('SELECT key, value FROM meta').all();
        return catalogue.pragma('integrity_check', { simple: true }) === 'ok'
          ? `sound, ${String(rows.length)} rows`
          : 'unsound';
      } finally {
        databases.close();
      }
    } catch (error) {
      return asCustosError(error, 'reading').code;
    }
  };

  it('of any page is found', () => {
    const { dir, keys } = newDatabases();
    const { catalogue, close } = opened(dir, keys);
    for (let i = 0; i < 200; i++) setMeta(catalogue, `key ${String(i)}`, 'x'.repeat(500));
    close();
    const file = path.join(dir, CATALOGUE_FILE);
    const good = readFileSync(file);
    expect(readAll(dir, keys)).toBe('sound, 200 rows');
    const pages = good.length / PAGE_BYTES;
    expect(pages).toBeGreaterThan(20);
    const found: string[] = [];
    for (let page = 0; page < pages; page++) {
      const bad = Buffer.from(good);
      const at = page * PAGE_BYTES + (page === 0 ? 7 : 2000);
      bad[at] = (bad[at] ?? 0) ^ 1;
      writeFileSync(file, bad);
      found.push(readAll(dir, keys));
    }
    // A page that holds the rows fails when they are read; any other, when all pages are checked.
    expect(found.filter((outcome) => outcome.startsWith('sound'))).toEqual([]);
    expect(found[0]).toBe('WORKSPACE_DAMAGED');
    expect(found.filter((outcome) => outcome === 'WORKSPACE_DAMAGED').length).toBeGreaterThan(20);
    // Control: the undamaged bytes put back are sound again.
    writeFileSync(file, good);
    expect(readAll(dir, keys)).toBe('sound, 200 rows');
  });
});
