/**
 * A file of no content that keeps room on the disk. When the disk is full it is given up, so that
 * the last entries of the record can still be written and the workspace closed in good order; once
 * there is space again it is put back.
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { systemCode, typed } from './errors.ts';
import { freeBytes, removeFileDurably, writeFileDurably } from './files.ts';

export const BALLAST_FILE = 'ballast.bin';
/**
 * 16 MiB: some 50,000 entries of the record at 300 bytes each, and a full write-ahead log of
 * 1,000 pages besides. A larger file would make every new workspace slow to create.
 */
export const BALLAST_BYTES = 16 * 1024 * 1024;
/** Put back only where at least this much stays free, or it would be given up again at once. */
const ROOM_BESIDES = BALLAST_BYTES;
/** Two write-ahead logs with their indexes, the entries of opening and closing, a checkpoint. */
const ROOM_TO_OPEN = 1024 * 1024;

/**
 * Writes the ballast. Its bytes are random: a file system that compresses, or leaves out zeros,
 * would keep no room for a file of them. Errors: DISK_FULL, IO_FAILED.
 */
export function createBallast(dir: string): void {
  writeFileDurably(path.join(dir, BALLAST_FILE), randomBytes(BALLAST_BYTES));
}

/** Gives the room up. Harmless where there is no ballast. */
export function releaseBallast(dir: string): void {
  removeFileDurably(path.join(dir, BALLAST_FILE));
}

/**
 * Before opening: gives the room up where there is less than opening and closing take. Not left to
 * the error of whoever meets the full disk first: SQLite's shared memory reports it as a failure of
 * the disk, which it is not.
 */
export function makeRoomToOpen(dir: string): void {
  if (freeBytes(dir) < ROOM_TO_OPEN) releaseBallast(dir);
}

/** Puts the ballast back if it is gone and there is room. Returns whether it is in place. */
export function restoreBallast(dir: string): boolean {
  if (ballastBytes(dir) === BALLAST_BYTES) return true;
  if (freeBytes(dir) < BALLAST_BYTES + ROOM_BESIDES) return false;
  createBallast(dir);
  return true;
}

function ballastBytes(dir: string): number {
  return typed('looking for the ballast file', () => {
    try {
      return statSync(path.join(dir, BALLAST_FILE)).size;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return 0;
      throw error;
    }
  });
}
