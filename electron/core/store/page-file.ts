/**
 * The file of an open database, for reading beside SQLite.
 *
 * SECURITY: POSIX drops every lock a process has on a file when the process closes any descriptor
 * of it. SQLite's own locks would be gone without a word, and another program could write. So the
 * descriptor is kept and closed only after SQLite has closed the database.
 */
import { closeSync, openSync } from 'node:fs';
import { typed } from './errors.ts';
import type { Reader } from './types.ts';

const descriptors = new WeakMap<Reader, number>();

/** A descriptor for reading, the same at every call. Not the caller's to close. */
export function pageFile(db: Reader): number {
  let fd = descriptors.get(db);
  if (fd === undefined) {
    fd = typed('reading a database page by page', () => openSync(db.name, 'r'));
    descriptors.set(db, fd);
  }
  return fd;
}

/** To be called once `db` is closed, and not before. */
export function closePageFile(db: Reader): void {
  const fd = descriptors.get(db);
  if (fd === undefined) return;
  descriptors.delete(db);
  closeSync(fd);
}
