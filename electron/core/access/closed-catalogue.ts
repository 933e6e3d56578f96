/**
 * The catalogue as this machine left it. Every page has an HMAC, and yet a page that was put back
 * to an earlier state of itself is genuine; only somebody who remembers the newer one can tell. So
 * a digest over the HMACs of all pages is kept at closing, outside the workspace, and compared at
 * the next unlocking if nothing was changed anywhere in between.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { CATALOGUE_FILE } from '#core/store/databases.ts';
import { systemCode, typed } from '#core/store/errors.ts';
import { makeFolder, writeFileDurably } from '#core/store/files.ts';
import { PAGE_BYTES } from '#core/store/page-check.ts';

/** Reading more than this at each unlocking would make people wait; see docs/known-issues.md. */
const MOST_BYTES = 512 * 1024 * 1024;
const SLICE_BYTES = 256 * PAGE_BYTES;
const MAC_BYTES = 64;

interface Left {
  /** The newest entry whose effect the catalogue held. */
  lastSeq: number;
  /** Hex. */
  digest: string;
}

/**
 * SHA-256 over the HMACs of all pages, in hex; null where it says nothing: a log beside it holds
 * newer pages, or it is too large. Only while the database is not open in this process.
 */
export function digestOfCatalogue(dir: string): string | null {
  const file = path.join(dir, CATALOGUE_FILE);
  return typed('reading the catalogue page by page', () => {
    const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
    if ((log?.size ?? 0) > 0) return null;
    // A missing one is told by whoever opens it.
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return null;
    const fd = openSync(file, 'r');
    try {
      if (fstatSync(fd).size > MOST_BYTES) return null;
      const hash = createHash('sha256');
      const slice = Buffer.allocUnsafe(SLICE_BYTES);
      for (let at = 0; ;) {
        const read = readSync(fd, slice, 0, SLICE_BYTES, at);
        for (let end = PAGE_BYTES; end <= read; end += PAGE_BYTES) {
          hash.update(slice.subarray(end - MAC_BYTES, end));
        }
        if (read < SLICE_BYTES) return hash.digest('hex');
        at += read;
      }
    } finally {
      closeSync(fd);
    }
  });
}

/** To be called once the catalogue is closed in good order. Errors: IO_FAILED, DISK_FULL. */
export function rememberCatalogue(
  machineDir: string,
  workspace: { id: string; dir: string },
  lastSeq: number,
): void {
  const digest = digestOfCatalogue(workspace.dir);
  const file = fileOf(machineDir, workspace.id);
  makeFolder(path.dirname(file));
  writeFileDurably(file, `${JSON.stringify({ lastSeq, digest: digest ?? '' })}\n`);
}

/**
 * Whether the catalogue is not the one this machine left, although no change was made since.
 * `digest`: as it was before it was opened. `lastDone`: of the record.
 */
export function changedWhileClosed(
  machineDir: string,
  workspaceId: string,
  digest: string | null,
  lastDone: number,
): boolean {
  const left = readLeft(fileOf(machineDir, workspaceId));
  // After a change made elsewhere, or cut short by a crash, there is nothing to compare with.
  if (digest === null || left === null || left.digest === '' || left.lastSeq !== lastDone) {
    return false;
  }
  return left.digest !== digest;
}

function fileOf(machineDir: string, workspaceId: string): string {
  const name = createHash('sha256').update(workspaceId).digest('hex').slice(0, 32);
  return path.join(machineDir, 'catalogues', `${name}.json`);
}

/** A note that cannot be read keeps nobody out: it is one of several memories, and made anew. */
function readLeft(file: string): Left | null {
  return typed("reading this machine's note of the catalogue", () => {
    try {
      const { lastSeq, digest } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Left>;
      return typeof lastSeq === 'number' && typeof digest === 'string' ? { lastSeq, digest } : null;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof TypeError) return null;
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  });
}
