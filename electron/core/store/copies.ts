/** Whole copies of databases: made while they are open, and read where they lie. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { CustosError } from '#shared/domain/errors.ts';
import { applyKey } from './databases.ts';
import { asCustosError, typed } from './errors.ts';
import { PRIVATE_FILE } from './files.ts';
import { createPageCheck } from './page-check.ts';
import { openFile, type EncryptedDatabase } from './sqlite.ts';
import type { Reader } from './types.ts';

/**
 * Writes a copy of what is committed into the new file `target`, encrypted under the same key, and
 * flushes it. One call, in which nothing else can be written: the copy is of one instant.
 * `key`: the raw 32 bytes, to hold the copy against. Errors: DISK_FULL, IO_FAILED.
 */
export function copyDatabase(db: Reader, target: string, key: Buffer): void {
  typed('copying a database', () => {
    // Made first, empty: SQLite would make it readable for everybody.
    closeSync(openSync(target, 'wx', PRIVATE_FILE));
    db.prepare('VACUUM INTO ?').run(target);
    const fd = openSync(target, 'r+');
    try {
      fsyncSync(fd);
      requireGoodPages(fd, key);
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * Opens a copy for reading where it lies; nothing is written beside it.
 * Errors: WORKSPACE_DAMAGED (also another key), IO_FAILED.
 */
export function openCopy(file: string, key: Buffer): Reader {
  let db: EncryptedDatabase | null = null;
  try {
    db = openFile(file, { readonly: true, fileMustExist: true });
    applyKey(db, key);
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    db.pragma('temp_store=MEMORY');
    db.pragma('trusted_schema=OFF');
    // The one cast: a handle that was opened for reading and never handed out as anything else.
    return db as unknown as Reader;
  } catch (error) {
    db?.close();
    throw asCustosError(error, 'opening the copy of a database');
  }
}

/** SECURITY: a copy that is not encrypted, or not under this key, has not a single good page. */
function requireGoodPages(fd: number, key: Buffer): void {
  const pages = createPageCheck(fd, key);
  while (pages.step());
  if (pages.bad === 0 && pages.total > 0) return;
  throw new CustosError(
    'IO_FAILED',
    'The copy of a database could not be read back as it was written, so it was not kept. Check the disk it was written to, then try again.',
  );
}
