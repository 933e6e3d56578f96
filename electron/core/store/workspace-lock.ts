/**
 * One process at a time may have a workspace open. The lock is SQLite's own on `lock.db`, which
 * holds nothing: the operating system lets go of it when the process ends, however it ends, so
 * there is never a stale lock to clear away.
 */
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { asCustosError, systemCode } from './errors.ts';
import { PRIVATE_FILE } from './files.ts';
import { openFile, type EncryptedDatabase } from './sqlite.ts';

export const LOCK_FILE = 'lock.db';

export interface WorkspaceLock {
  /** May be called twice. */
  readonly release: () => void;
}

/** Errors: WORKSPACE_BUSY (also where this very process holds it), IO_FAILED, RUNTIME_UNSUITABLE. */
export function acquireLock(dir: string): WorkspaceLock {
  const file = path.join(dir, LOCK_FILE);
  let db: EncryptedDatabase | null = null;
  try {
    createOnce(file);
    db = openFile(file, { fileMustExist: true, timeout: 0 });
    // The lock changes nothing, so it needs no journal; the one SQLite would begin needs room on a
    // disk that may be full, and a full disk locks nobody out.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw isBusy(error) ? busy(error) : asCustosError(error, 'locking the workspace');
  }
  const held = db;
  return {
    release() {
      if (held.open) held.close();
    },
  };
}

/**
 * Never opens a file that is there: closing such a handle would drop the lock that another part of
 * this process may hold on it.
 */
function createOnce(file: string): void {
  try {
    closeSync(openSync(file, 'wx', PRIVATE_FILE));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

function isBusy(error: unknown): boolean {
  return systemCode(error).startsWith('SQLITE_BUSY');
}

function busy(cause: unknown): CustosError {
  return new CustosError(
    'WORKSPACE_BUSY',
    'This workspace is open in another window or command on this computer. Close it there, then try again.',
    { cause },
  );
}
