/**
 * A database under a new key: copied, the copy rekeyed and checked, and only then put in the place
 * of the one before by a rename. Until the rename the old file is untouched; after it the new one
 * is complete. Whatever a crash leaves of a copy is thrown away at the next opening.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import {
  applyKey,
  checkpointWal,
  closeDatabase,
  openDatabase,
  rekey,
  type DatabaseName,
} from './databases.ts';
import { typed } from './errors.ts';
import { fsyncFolder, makeFolder, PRIVATE_FILE } from './files.ts';
import { CATALOGUE_FILE, DERIVED_FILE } from './names.ts';
import { createPageCheck } from './page-check.ts';
import { openFile } from './sqlite.ts';
import type { Reader, Writer } from './types.ts';

/** Holds the copy under the name it will have, so that it opens like any other. */
const COPY_FOLDER = 'rekey';
const FILES: Record<DatabaseName, string> = { catalogue: CATALOGUE_FILE, derived: DERIVED_FILE };

export interface KeyChange {
  readonly dir: string;
  readonly which: DatabaseName;
  /** 32 bytes each. */
  readonly from: Buffer;
  readonly to: Buffer;
}

/**
 * Writes the copy, holds its tables' rows against the original's, makes `change` in it, and checks
 * the HMAC of every page of what lies on the disk then.
 * Nothing else may write to `db` between this and `putCopyInPlace`.
 * Errors: WORKSPACE_DAMAGED, DISK_FULL, IO_FAILED.
 */
export function copyUnderKey(
  db: Writer,
  { dir, which, from, to }: KeyChange,
  change: (copy: Writer) => void,
): void {
  discardCopies(dir);
  const folder = path.join(dir, COPY_FOLDER);
  const file = path.join(folder, FILES[which]);
  makeFolder(folder);
  typed('copying a database under its new key', () => {
    requireEmptyLog(db);
    // Made here, so that it has its mode from the start; SQLite fills an empty file.
    closeSync(openSync(file, 'wx', PRIVATE_FILE));
    db.prepare('VACUUM INTO ?').run(file);
    const plainCopy = openFile(file, { fileMustExist: true, timeout: 0 });
    try {
      applyKey(plainCopy, from);
      // Nothing depends on this file until it is flushed below: a crash throws it away.
      plainCopy.pragma('journal_mode=OFF');
      plainCopy.pragma('synchronous=OFF');
      rekey(plainCopy, to);
    } finally {
      plainCopy.close();
    }
    const copy = openDatabase(folder, which, to, { readOnly: false });
    try {
      requireSame(db, copy);
      copy.transaction(() => {
        change(copy);
      })();
    } finally {
      closeDatabase(copy);
    }
    flushGoodPages(file, to);
    fsyncFolder(folder);
  });
}

/**
 * Puts the copy in the place of the database, whose handle must be closed. After this returns it
 * is the database, also after a power cut. Errors: IO_FAILED; the old one is then still in place.
 */
export function putCopyInPlace(dir: string, which: DatabaseName): void {
  const target = path.join(dir, FILES[which]);
  typed('putting a database in its place', () => {
    // SECURITY: a log of the old file would be taken for one of the new.
    if (existsSync(`${target}-wal`)) throw busy();
    renameSync(path.join(dir, COPY_FOLDER, FILES[which]), target);
    fsyncFolder(dir);
  });
  discardCopies(dir);
}

/** Removes what an interrupted copy has left. */
export function discardCopies(dir: string): void {
  typed('removing an unfinished copy', () => {
    rmSync(path.join(dir, COPY_FOLDER), { recursive: true, force: true });
  });
}

function requireEmptyLog(db: Writer): void {
  if (!checkpointWal(db)) throw busy();
}

function requireSame(original: Reader, copy: Reader): void {
  const sound = copy.pragma('integrity_check', { simple: true });
  if (sound !== 'ok' || countRows(original) !== countRows(copy)) throw notWhole();
}

function notWhole(): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    'A database could not be copied whole under its new key, so the copy was not used: the original is damaged, or the memory of this computer is failing. Copy the whole workspace folder to another disk first, then have the workspace checked.',
  );
}

/** Every table with its number of rows, as one text. */
function countRows(db: Reader): string {
  const tables = db
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .pluck()
    .all();
  return tables
    .map((table) => {
      const quoted = `"${table.replaceAll('"', '""')}"`;
      return `${table}:${String(db.prepare(`SELECT count(*) FROM ${quoted}`).pluck().get())}`;
    })
    .join(',');
}

/** SECURITY: a copy that is not encrypted, or not under this key, has not a single good page. */
function flushGoodPages(file: string, key: Buffer): void {
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
    const pages = createPageCheck(fd, key);
    while (pages.step());
    if (pages.bad > 0 || pages.total === 0) throw notWhole();
  } finally {
    closeSync(fd);
  }
}

function busy(): CustosError {
  return new CustosError(
    'WORKSPACE_BUSY',
    'A database is being read just now, so its key could not be changed. Nothing was changed; it is tried again.',
  );
}
