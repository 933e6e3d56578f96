/**
 * Every file of the workspace folder: is it one of ours, for its owner only, and sealed? Files that
 * SQLite has open (`catalogue.db`, `derived.db`, their indexes, `lock.db`) are looked at from
 * outside only: opening and closing one here would drop SQLite's locks (`store/page-file.ts`).
 */
import { closeSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import path from 'node:path';
import { sniff } from '#core/media/sniff.ts';
import { isBlobName, namesIn } from '#core/store/blob-files.ts';
import { systemCode, typed } from '#core/store/errors.ts';
import type { Findings } from './findings.ts';
import type { Pace } from './pace.ts';

const HEAD_BYTES = 4096;
/** Room for everything that may be in clear: the workspace's public files are small. */
const KNOWN: readonly RegExp[] = [
  /^custos\.json$/,
  /^(catalogue|derived)\.db(-wal|-shm)?$/,
  /^lock\.db(-journal)?$/,
  /^ballast\.bin$/,
  /^derived\.distrusted$/,
  /^keys\/([0-9a-f]{32}|recovery)\.slot$/,
  /^keys\/attempts\.json$/,
  /^keys\/epochs\.json$/,
  /^keys\/grants\/[0-9a-f]{32}\.grant$/,
  /^record\/\d{6,9}\.evl$/,
  /^record\/checkpoints\.txt$/,
  /^record\/torn-\w+\.bin$/,
  /^tmp\/[0-9a-f]{32}\.evb\.tmp$/,
  // A copy under new keys that a crash cut short.
  /^rekey\/(catalogue|derived)\.db(-wal|-shm)?$/,
];
const SET_ASIDE = /\.damaged-[0-9a-f]{8}(-wal|-shm)?$/;
/** Written under another name first, and left by a crash before it got its own. */
const LEFTOVER = /\.(tmp|new)$/;
const UNTOUCHED = /^(catalogue|derived|lock)\.db/;
const FOLDERS = /^(keys|keys\/grants|record|tmp|rekey|blobs|blobs\/[0-9a-f]{2})$/;

export interface FilesSeen {
  /** Names below `blobs/` that an original may have, as `ab/abcd….evb`. */
  blobs: Set<string>;
}

export async function scrubFiles(dir: string, findings: Findings, pace: Pace): Promise<FilesSeen> {
  const blobs = new Set<string>();
  const folders = [''];
  checkMode('', lstatSync(dir), findings);
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const name of namesIn(path.join(dir, folder))) {
      const relative = folder === '' ? name : `${folder}/${name}`;
      const stats = statOf(path.join(dir, relative));
      if (stats === null) continue;
      checkMode(relative, stats, findings);
      if (stats.isDirectory()) {
        if (!FOLDERS.test(relative)) findings.note('STRANGE_FILE', strange(`${relative}/`));
        folders.push(relative);
      } else if (!stats.isFile()) {
        findings.wrong('STRANGE_FILE', `${relative} is no file but a link or a device.`);
      } else if (folder.startsWith('blobs/') && isBlobName(folder.slice(6), name)) {
        blobs.add(`${folder.slice(6)}/${name}`);
      } else checkFile(dir, relative, findings);
      await pace.rest();
    }
  }
  return { blobs };
}

/** Names of originals that no item knows; they may have been left by a crash in an import. */
export async function scrubOrphans(
  dir: string,
  orphans: Iterable<string>,
  findings: Findings,
  pace: Pace,
): Promise<void> {
  let count = 0;
  for (const name of orphans) {
    const inClear = plaintextIn(path.join(dir, 'blobs', name));
    if (inClear) findings.wrong('PLAINTEXT', `blobs/${name} is not sealed: it holds ${inClear}.`);
    count += 1;
    await pace.rest();
  }
  if (count > 0) {
    findings.note(
      'ORPHAN',
      `${String(count)} sealed ${count === 1 ? 'file belongs' : 'files belong'} to no item. An interrupted import leaves such files; importing the same source again takes them up.`,
    );
  }
}

function checkFile(dir: string, relative: string, findings: Findings): void {
  if (UNTOUCHED.test(relative) && KNOWN.some((known) => known.test(relative))) return;
  const isOurs = KNOWN.some((known) => known.test(relative));
  if (isOurs && !relative.startsWith('tmp/')) return;
  const inClear = plaintextIn(path.join(dir, relative));
  if (inClear !== null) {
    findings.wrong('PLAINTEXT', `${relative} is not sealed: it holds ${inClear}.`);
  } else if (SET_ASIDE.test(relative)) {
    findings.note('SET_ASIDE', `${relative} was damaged and set aside; it may be removed.`);
  } else if (LEFTOVER.test(relative) || isOurs) {
    findings.note('LEFTOVER', `${relative} was left by an interruption; it may be removed.`);
  } else {
    findings.note('STRANGE_FILE', strange(relative));
  }
}

function strange(relative: string): string {
  return `${relative} does not belong to a workspace; Custos has not put it there.`;
}

/** What a file holds that anybody can read, in words; null where that is nothing. */
function plaintextIn(file: string): string | null {
  const head = headOf(file);
  if (head === null || head.length === 0) return null;
  if (head.toString('latin1', 0, 16) === 'SQLite format 3\0') return 'a database in clear';
  const { format, mime } = sniff(head);
  return format === 'unknown' || format === 'empty' ? null : `something readable (${mime})`;
}

function headOf(file: string): Buffer | null {
  return typed('reading the start of a file', () => {
    let fd: number;
    try {
      fd = openSync(file, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  });
}

/** Null for what went while the folder was being read. */
function statOf(file: string): Stats | null {
  return typed('looking at a file', () => lstatSync(file, { throwIfNoEntry: false }) ?? null);
}

function checkMode(relative: string, stats: Stats, findings: Findings): void {
  // Windows has no such bits; who may enter is inherited from the folder above.
  if (process.platform === 'win32' || stats.isSymbolicLink() || (stats.mode & 0o077) === 0) return;
  const mode = (stats.mode & 0o777).toString(8);
  findings.wrong(
    'PERMISSIONS',
    `${relative || 'The workspace folder'} may be entered by other users of this computer (mode ${mode}).`,
  );
}
