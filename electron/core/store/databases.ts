/**
 * The two encrypted databases of a workspace: `catalogue.db` (cases, items, decisions) under the
 * database key and `derived.db` (pictures that can be made again) under the content key.
 *
 * Format on disk: SQLCipher 4 with a raw 32-byte key, which stock SQLCipher opens with
 * `PRAGMA key = "x'<64 hex characters>'"`.
 */
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import { isDistrusted, setDerivedAside } from './derived-aside.ts';
import { asCustosError, systemCode } from './errors.ts';
import { fsyncFolder, PRIVATE_FILE } from './files.ts';
import { migrate } from './migrate.ts';
import { CATALOGUE_STEPS, DERIVED_STEPS, type Migration } from './migrations/index.ts';
import { CATALOGUE_FILE, DERIVED_FILE } from './names.ts';
import { closePageFile } from './page-file.ts';
import { openFile, requireSqliteVersion, type EncryptedDatabase } from './sqlite.ts';
import type { Reader, Writer } from './types.ts';

export { CATALOGUE_FILE, DERIVED_FILE } from './names.ts';

export interface Databases {
  readonly catalogue: Writer;
  /** Null for a member who does not hold the content key. */
  readonly derived: Writer | null;
  /** Empties the write-ahead logs into the databases and closes both. May be called twice. */
  readonly close: () => void;
}

interface Kind {
  file: string;
  /** In sentences. */
  name: string;
  steps: readonly Migration[];
}

const CATALOGUE: Kind = { file: CATALOGUE_FILE, name: 'the catalogue', steps: CATALOGUE_STEPS };
const DERIVED: Kind = {
  file: DERIVED_FILE,
  name: 'the store of derived pictures',
  steps: DERIVED_STEPS,
};

const KINDS = { catalogue: CATALOGUE, derived: DERIVED };
export type DatabaseName = keyof typeof KINDS;

const KEY_BYTES = 32;
const PLAINTEXT_MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
/** SQLCipher's page; no database of ours is smaller. */
const PAGE_BYTES = 4096;

/** Set on every connection and read back: name, value to set, value that must be read. */
const PRAGMAS: readonly (readonly [string, string, string | number])[] = [
  // This build's default in WAL mode is NORMAL, under which a committed row may vanish.
  ['synchronous', 'FULL', 2],
  // SECURITY: the default spills sorted rows as plaintext into the system's temporary folder.
  ['temp_store', 'MEMORY', 2],
  ['secure_delete', 'ON', 1],
  ['foreign_keys', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
  ['cell_size_check', 'ON', 1],
  ['mmap_size', '0', 0],
  ['busy_timeout', '5000', 5000],
  ['fullfsync', '1', 1],
  ['checkpoint_fullfsync', '1', 1],
];

/**
 * Makes both databases in `dir`, empty and at the newest step, and closes them again.
 * `db`, `content`: 32 bytes each. Errors: WORKSPACE_EXISTS, DISK_FULL, IO_FAILED.
 */
export function createDatabases(dir: string, keys: { db: Buffer; content: Buffer }): void {
  const made: string[] = [];
  try {
    for (const [kind, key] of [
      [CATALOGUE, keys.db],
      [DERIVED, keys.content],
    ] as const) {
      const file = path.join(dir, kind.file);
      createPrivateFile(file, kind);
      made.push(file);
      makeEmpty(file, kind, key);
    }
    fsyncFolder(dir);
  } catch (error) {
    // Only what this call has made, and nothing was ever in it: a second try must not find it.
    for (const file of made) {
      for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
    }
    throw error;
  }
}

/**
 * Opens both databases and brings them to the newest step.
 * `db`: 32 bytes. `content`: 32 bytes, or null for a member without pictures.
 * `onDerivedLost`: where it is given, a derived store that is missing or damaged is set aside and
 * begun anew, and this is told in a sentence; what was in it can be made again from the originals.
 * `readOnly` changes no byte of the tables; it cannot be used on a workspace that needs a step.
 * Errors: WORKSPACE_DAMAGED (wrong key, damaged, missing or unencrypted file), NEWER_WORKSPACE,
 * READ_ONLY, WORKSPACE_BUSY, DISK_FULL, IO_FAILED, RUNTIME_UNSUITABLE.
 */
export function openDatabases(
  dir: string,
  options: {
    db: Buffer;
    content: Buffer | null;
    readOnly?: boolean;
    onDerivedLost?: (sentence: string) => void;
  },
): Databases {
  const how = { readOnly: options.readOnly ?? false };
  const catalogue = openDatabase(dir, 'catalogue', options.db, how);
  try {
    const lost = options.onDerivedLost;
    const derived = options.content ? openDerived(dir, [options.content], how, lost) : null;
    return together(catalogue, derived);
  } catch (error) {
    catalogue.close();
    throw error;
  }
}

/** The key (not a copy) that a database was opened with. */
const keysOfHandles = new WeakMap<Reader, Buffer>();

/** While keys are rotated, not always that of the newest epoch. */
export function keyOf(db: Reader): Buffer {
  const key = keysOfHandles.get(db);
  if (key === undefined) throw new RangeError('not a database of ours');
  return key;
}

/** Both handles as one. */
export function together(catalogue: Writer, derived: Writer | null): Databases {
  return {
    catalogue,
    derived,
    close() {
      try {
        if (derived) closeDatabase(derived);
      } finally {
        closeDatabase(catalogue);
      }
    },
  };
}

/** Opens one of the two and brings it to the newest step. Errors as for `openDatabases`. */
export function openDatabase(
  dir: string,
  which: DatabaseName,
  key: Buffer,
  options: { readOnly: boolean },
): Writer {
  return openExisting(dir, KINDS[which], key, { fresh: false, ...options });
}

/**
 * Opens with whichever of `keys` the file was last written under: while keys are rotated a crash
 * may leave it under the one or the other. `keys`: at least one, the likeliest first.
 */
export function withOneOf<T>(keys: readonly [Buffer, ...Buffer[]], open: (key: Buffer) => T): T {
  const [key, next, ...others] = keys;
  try {
    return open(key);
  } catch (error) {
    const isOther = error instanceof Error && systemCode(error.cause) === 'SQLITE_NOTADB';
    if (!isOther || next === undefined) throw error;
    return withOneOf([next, ...others], open);
  }
}

/**
 * Moves the write-ahead log into the database and empties it. Returns false where a reader still
 * holds part of it. Due after each batch, when idle, before lock, close and export: damage in a
 * log that was never checkpointed loses its commits without any error.
 */
export function checkpointWal(db: Writer): boolean {
  try {
    const [row] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    return row?.busy === 0;
  } catch (error) {
    throw asCustosError(error, 'writing the database log into the database');
  }
}

interface How {
  fresh: boolean;
  readOnly: boolean;
}

/**
 * The derived store, under one of `keys` (as for `withOneOf`). Damage of what can be made again
 * keeps nobody out: where `onLost` is given it is set aside and begun anew, under the first key.
 */
export function openDerived(
  dir: string,
  keys: readonly [Buffer, ...Buffer[]],
  how: { readOnly: boolean },
  onLost: ((sentence: string) => void) | undefined,
): Writer {
  const [key] = keys;
  if (!onLost || how.readOnly)
    return withOneOf(keys, (one) => openDatabase(dir, 'derived', one, how));
  try {
    if (!isDistrusted(dir)) return withOneOf(keys, (one) => openDatabase(dir, 'derived', one, how));
  } catch (error) {
    if (!isCustosError(error) || error.code !== 'WORKSPACE_DAMAGED') throw error;
  }
  const sentence = setDerivedAside(dir);
  const file = path.join(dir, DERIVED.file);
  createPrivateFile(file, DERIVED);
  makeEmpty(file, DERIVED, key);
  fsyncFolder(dir);
  onLost(sentence);
  return openDatabase(dir, 'derived', key, how);
}

/** Tables at the newest step in the empty file `file`. */
function makeEmpty(file: string, kind: Kind, key: Buffer): void {
  closeDatabase(openKeyed(file, kind, key, { fresh: true, readOnly: false }));
  requireEncrypted(file, kind);
}

function openExisting(dir: string, kind: Kind, key: Buffer, how: How): Writer {
  const file = path.join(dir, kind.file);
  // Before the driver has the file: closing a second handle of ours would drop SQLite's locks.
  requireEncrypted(file, kind);
  return openKeyed(file, kind, key, how);
}

function openKeyed(file: string, kind: Kind, key: Buffer, how: How): Writer {
  let db: EncryptedDatabase | null = null;
  try {
    db = openFile(file, { readonly: how.readOnly, fileMustExist: true, timeout: 5000 });
    applyKey(db, key);
    // The first read: a wrong key or a damaged first page shows here.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    requireSqliteVersion(db.prepare('SELECT sqlite_version()').pluck().get() as string);
    applyPragmas(db, how.readOnly);
    // The one cast: this handle is keyed, checked and the only one that may write.
    const writer = db as unknown as Writer;
    if (!how.fresh && userVersion(db) === 0) throw damaged(kind, 'holds no tables');
    migrate(writer, kind.steps, { readOnly: how.readOnly });
    keysOfHandles.set(writer, key);
    return writer;
  } catch (error) {
    db?.close();
    throw asCustosError(error, `opening ${kind.name}`);
  }
}

/** Empties the write-ahead log into the database first. May be called twice. */
export function closeDatabase(db: Writer): void {
  if (!db.open) return;
  try {
    if (!db.readonly) checkpointWal(db);
  } finally {
    db.close();
    closePageFile(db);
  }
}

/**
 * SECURITY: the prefix makes the 32 bytes the key itself. Without it, or with any other length,
 * the driver takes them for a password and stretches it: the file would still open here, but no
 * longer with stock tools and the key in hand (security.md 4).
 */
export function applyKey(db: EncryptedDatabase, key: Buffer): void {
  expectPragma(db, `cipher='sqlcipher'`, 'sqlcipher');
  expectPragma(db, 'legacy=4', '4');
  withRawKey(key, (raw) => db.key(raw));
}

/** Writes every page of an open database anew under another key of 32 bytes. */
export function rekey(db: EncryptedDatabase, key: Buffer): void {
  withRawKey(key, (raw) => db.rekey(raw));
}

function withRawKey(key: Buffer, use: (raw: Buffer) => number): void {
  if (key.length !== KEY_BYTES) throw new RangeError('a database key has 32 bytes');
  const raw = Buffer.concat([Buffer.from('raw:', 'latin1'), key]);
  try {
    const result = use(raw);
    if (result !== 0) throw new Error(`the cipher refused its key (${String(result)})`);
  } finally {
    raw.fill(0);
  }
}

function applyPragmas(db: EncryptedDatabase, readOnly: boolean): void {
  // The journal's mode is a property of the file; a reader only checks it.
  expectPragma(db, readOnly ? 'journal_mode' : 'journal_mode=WAL', 'wal');
  for (const [name, value, expected] of PRAGMAS) {
    db.pragma(`${name}=${value}`);
    expectPragma(db, name, expected);
  }
}

/** SECURITY: a setting that SQLite does not know is ignored without an error; so each is read back. */
function expectPragma(db: EncryptedDatabase, source: string, expected: string | number): void {
  const found = db.pragma(source, { simple: true });
  if (found === expected) return;
  throw new CustosError(
    'RUNTIME_UNSUITABLE',
    `The database library did not accept the setting "${source}". Nothing was opened. Install Custos again.`,
  );
}

function userVersion(db: EncryptedDatabase): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/** Empty, mode 0600; the log and its index take their mode from it. */
function createPrivateFile(file: string, kind: Kind): void {
  try {
    closeSync(openSync(file, 'wx', PRIVATE_FILE));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw asCustosError(error, `making ${kind.name}`);
    throw new CustosError(
      'WORKSPACE_EXISTS',
      'There is a workspace in this folder already. Choose an empty folder, or open the workspace.',
      { cause: error },
    );
  }
}

/**
 * SECURITY: a file that was ever opened without its key is plaintext, and an empty file opens with
 * every key as a new database. Neither may pass for the workspace's own.
 */
function requireEncrypted(file: string, kind: Kind): void {
  const start = Buffer.alloc(PLAINTEXT_MAGIC.length);
  try {
    if (statSync(file).size < PAGE_BYTES) throw damaged(kind, 'is cut short');
    const fd = openSync(file, 'r');
    try {
      readSync(fd, start, 0, start.length, 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw damaged(kind, 'is missing', error);
    throw asCustosError(error, `reading ${kind.name}`);
  }
  if (start.equals(PLAINTEXT_MAGIC)) throw damaged(kind, 'is not encrypted');
}

function damaged(kind: Kind, how: string, cause?: unknown): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    `The file ${kind.file} of the workspace ${how}. Copy the whole workspace folder to another disk first, then restore the file from a backup.`,
    { cause },
  );
}
