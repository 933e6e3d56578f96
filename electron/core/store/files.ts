/**
 * Files and folders that must survive a power cut. The order is always: write under another name,
 * flush the file, rename, flush the folder; only then does the new content exist.
 *
 * SECURITY: a failed flush is never retried. The kernel may mark the lost pages clean, so that a
 * second flush succeeds without having written anything.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { systemCode, typed, typedAsync } from './errors.ts';

export const PRIVATE_FILE = 0o600;
export const PRIVATE_FOLDER = 0o700;

/** Windows cannot flush a folder; its file system writes the name with the file. */
const FOLDERS_CAN_BE_FLUSHED = process.platform !== 'win32';

/** Makes a folder only its owner may enter, with any parents that are missing. Durable. */
export function makeFolder(dir: string): void {
  typed('making a folder', () => {
    for (const missing of missingFolders(path.resolve(dir))) {
      try {
        mkdirSync(missing, { mode: PRIVATE_FOLDER });
      } catch (error) {
        // Somebody else made the same folder at the same moment.
        if (systemCode(error) !== 'EEXIST' || !isFolder(missing)) throw error;
      }
      flushFolder(path.dirname(missing));
    }
  });
}

/**
 * Outermost first. One by one, because Node's own making of parents never ends where a file system
 * answers that a folder is missing to whoever makes one in it, as /proc does.
 */
function missingFolders(dir: string): string[] {
  const missing: string[] = [];
  for (let at = dir; !isFolder(at); at = path.dirname(at)) missing.unshift(at);
  return missing;
}

/** Throws ENOTDIR for anything else that is there. */
function isFolder(at: string): boolean {
  const found = statSync(at, { throwIfNoEntry: false });
  if (!found) return false;
  if (found.isDirectory()) return true;
  throw Object.assign(new Error('there is something else in its place'), { code: 'ENOTDIR' });
}

/**
 * Puts `bytes` under `file`, replacing what is there, so that after any crash the file holds
 * either all of the old content or all of the new. Mode 0600.
 * Errors: DISK_FULL, IO_FAILED, READ_ONLY; the old content is then untouched.
 */
export function writeFileDurably(file: string, bytes: Uint8Array | string): void {
  typed('writing a file of the workspace', () => {
    const temp = temporaryName(file);
    try {
      writeAndFlush(temp, typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes);
      renameSync(temp, file);
    } catch (error) {
      rmSync(temp, { force: true });
      throw error;
    }
    flushFolder(path.dirname(file));
  });
}

/** Removes a file, if it is there, so that it does not come back after a crash. */
export function removeFileDurably(file: string): void {
  typed('removing a file of the workspace', () => {
    rmSync(file, { force: true });
    flushFolder(path.dirname(file));
  });
}

/** Makes the names in a folder durable. */
export function fsyncFolder(dir: string): void {
  typed('flushing a folder to disk', () => {
    flushFolder(dir);
  });
}

/** As `fsyncFolder`, on the thread pool. */
export async function fsyncFolderAsync(dir: string): Promise<void> {
  if (!FOLDERS_CAN_BE_FLUSHED) return;
  await typedAsync('flushing a folder to disk', async () => {
    const handle = await open(dir, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Bytes that an ordinary user may still write on the disk that holds `dir`. */
export function freeBytes(dir: string): number {
  return typed('asking for the free space on the disk', () => {
    const disk = statfsSync(dir);
    return disk.bavail * disk.bsize;
  });
}

/** A name in the same folder, so that a rename cannot cross disks, that nobody else has chosen. */
function temporaryName(file: string): string {
  const suffix = randomBytes(8).toString('hex');
  return path.join(path.dirname(file), `.${path.basename(file)}.${suffix}.tmp`);
}

function writeAndFlush(file: string, bytes: Uint8Array): void {
  const fd = openSync(file, 'wx', PRIVATE_FILE);
  try {
    let offset = 0;
    while (offset < bytes.length) offset += writeSync(fd, bytes, offset);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function flushFolder(dir: string): void {
  if (!FOLDERS_CAN_BE_FLUSHED) return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
