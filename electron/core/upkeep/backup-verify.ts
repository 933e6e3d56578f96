/**
 * Proving a backup. Without any password: its signature, the hash of every file, the record's chain
 * and checkpoint. With one: who signed it, every page of its databases, every original decrypted.
 */
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { isCustosError } from '#shared/domain/errors.ts';
import { openWorkspaceCopy, type OpenedCopy } from '#core/access/copy.ts';
import { checkpointKeysIn, readHeader } from '#core/access/key-files.ts';
import type { Ports } from '#core/ports.ts';
import type { Anchors } from '#core/record/anchors.ts';
import { inspectRecord } from '#core/record/opening.ts';
import { openBlobStore } from '#core/store/blobs.ts';
import { CATALOGUE_FILE, DERIVED_FILE } from '#core/store/databases.ts';
import { systemCode, typed } from '#core/store/errors.ts';
import { createPageCheck } from '#core/store/page-check.ts';
import { listMemberRows } from '#core/store/tables/members.ts';
import { originalsAfter } from '#core/store/tables/scrubs.ts';
import type { Keyring } from '#core/vault/types.ts';
import { hashFile, stopped } from './copying.ts';
import {
  readFiles,
  readState,
  sharedPath,
  stateFolder,
  type ListedFile,
  type StateHead,
} from './manifest.ts';
import type { Watch } from './watch.ts';

export interface BackupCheck {
  name: string;
  outcome: 'good' | 'bad' | 'not checked';
  detail: string;
}

export interface BackupVerdict {
  good: boolean;
  state: StateHead;
  checks: BackupCheck[];
}

/** A record is held against its own checkpoints here; what this machine remembers is another matter. */
const NO_MEMORY: Anchors = { get: () => null, put: () => undefined };
const PAGE = 500;
const MOST_NAMED = 5;

/**
 * `state`: null for the newest. Throws NOT_FOUND (no backup), BUNDLE_INVALID (it cannot even be
 * read as one), WRONG_CREDENTIALS, CANCELLED.
 */
export async function verifyBackup(
  ports: Pick<Ports, 'passwordCost'>,
  backup: string,
  state: string | null,
  credentials: { member: string | null; password: string } | null,
  watch: Watch,
): Promise<BackupVerdict> {
  const head = readState(backup, state);
  const files = readFiles(backup, head);
  const folder = stateFolder(backup, head.state);
  watch.setTotal(files.length);
  const checks = [
    {
      name: 'Signature',
      outcome: 'good' as const,
      detail: 'The list of files is as it was signed.',
    },
    checkHeader(folder, head),
    await checkHashes(backup, folder, files, watch),
    checkRecord(folder, head),
  ];
  if (credentials === null) {
    checks.push({
      name: 'Contents',
      outcome: 'not checked',
      detail: 'No password was given, so nothing was decrypted and the signer is not known.',
    });
  } else {
    const { member, password } = credentials;
    const copy = await openWorkspaceCopy(ports, folder, member, password);
    try {
      checks.push(checkSigner(copy, head), checkPages(folder, copy));
      checks.push(await checkOriginals(backup, files, copy, watch));
    } finally {
      copy.close();
    }
  }
  return { good: checks.every(({ outcome }) => outcome !== 'bad'), state: head, checks };
}

function checkHeader(folder: string, head: StateHead): BackupCheck {
  const name = 'Workspace';
  try {
    const { id } = readHeader(folder);
    return id === head.workspace
      ? { name, outcome: 'good', detail: id }
      : { name, outcome: 'bad', detail: 'The header is that of another workspace.' };
  } catch (error) {
    if (!isCustosError(error)) throw error;
    return { name, outcome: 'bad', detail: error.message };
  }
}

async function checkHashes(
  backup: string,
  folder: string,
  files: readonly ListedFile[],
  watch: Watch,
): Promise<BackupCheck> {
  const bad: string[] = [];
  let bytes = 0;
  for (const file of files) {
    const shared = sharedPath(file);
    const found = await hashOrNull(
      shared === null ? path.join(folder, file.path) : path.join(backup, shared),
      watch.signal,
    );
    if (found?.sha256 !== file.sha256) bad.push(shared ?? file.path);
    bytes += found?.bytes ?? 0;
    watch.advance({ done: 1, bytes: found?.bytes ?? 0 });
  }
  return bad.length === 0
    ? {
        name: 'Hashes',
        outcome: 'good',
        detail: `${String(files.length)} files, ${String(bytes)} bytes`,
      }
    : {
        name: 'Hashes',
        outcome: 'bad',
        detail: `${String(bad.length)} of ${String(files.length)} files are missing or changed: ${named(bad)}`,
      };
}

/** Null for a file that is missing or that the disk cannot give back. */
export async function hashOrNull(
  file: string,
  signal: AbortSignal,
): Promise<{ sha256: string; bytes: number } | null> {
  try {
    return await hashFile(file, signal);
  } catch (error) {
    if (isCustosError(error) && error.code === 'IO_FAILED') return null;
    throw error;
  }
}

function checkRecord(folder: string, head: StateHead): BackupCheck {
  const name = 'Record';
  try {
    const { scan, problems } = inspectRecord({
      dir: folder,
      workspaceId: head.workspace,
      ...checkpointKeysIn(folder),
      anchors: { ...NO_MEMORY, get: () => ({ size: head.entries, root: head.root }) },
    });
    const [first] = problems;
    return first === undefined
      ? { name, outcome: 'good', detail: `${String(scan.index.size)} entries` }
      : { name, outcome: 'bad', detail: first };
  } catch (error) {
    if (!isCustosError(error) && systemCode(error) === '') throw error;
    return { name, outcome: 'bad', detail: 'The record cannot be read.' };
  }
}

function checkSigner({ catalogue }: OpenedCopy, head: StateHead): BackupCheck {
  const row = listMemberRows(catalogue).find(({ id }) => id === head.member);
  return row?.signingKey.toString('hex') === head.signing
    ? { name: 'Signer', outcome: 'good', detail: row.name }
    : { name: 'Signer', outcome: 'bad', detail: 'It was signed by nobody of this workspace.' };
}

function checkPages(folder: string, { keys }: OpenedCopy): BackupCheck {
  let pages = 0;
  let bad = 0;
  for (const [file, key] of [
    [CATALOGUE_FILE, keys.db],
    // While originals are sealed anew it may still be under the earlier key.
    [DERIVED_FILE, derivedKey(folder, keys)],
  ] as const) {
    if (key === null) continue;
    const fd = openOrNull(path.join(folder, file));
    if (fd === null) continue;
    try {
      const check = createPageCheck(fd, key);
      typed('reading a database page by page', () => {
        while (check.step());
      });
      pages += check.checked;
      bad += check.bad;
    } finally {
      closeSync(fd);
    }
  }
  return bad === 0
    ? { name: 'Databases', outcome: 'good', detail: `${String(pages)} pages` }
    : {
        name: 'Databases',
        outcome: 'bad',
        detail: `${String(bad)} of ${String(pages)} pages are damaged.`,
      };
}

/** Under which of the keys the small pictures are; null where it is none of them. */
function derivedKey(folder: string, { pictures, earlier }: Keyring): Buffer | null {
  if (pictures === null || earlier === null) return pictures?.content ?? null;
  const fd = openOrNull(path.join(folder, DERIVED_FILE));
  if (fd === null) return null;
  try {
    const check = createPageCheck(fd, earlier.content);
    check.step();
    return check.bad === 0 ? earlier.content : pictures.content;
  } finally {
    closeSync(fd);
  }
}

/** Null for small pictures that whoever made the backup had no key to. */
function openOrNull(file: string): number | null {
  return typed('opening a database of the backup', () => {
    try {
      return openSync(file, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  });
}

async function checkOriginals(
  backup: string,
  files: readonly ListedFile[],
  { keys, catalogue }: OpenedCopy,
  watch: Watch,
): Promise<BackupCheck> {
  const name = 'Originals';
  const { pictures, earlier } = keys;
  if (pictures === null) {
    return { name, outcome: 'not checked', detail: 'You hold no key to pictures.' };
  }
  const blobs = openBlobStore(backup, () => ({ current: pictures, earlier }), { readOnly: true });
  const listed = new Set(files.map(sharedPath));
  const bad: string[] = [];
  let checked = 0;
  for (let after = 0; ;) {
    const rows = originalsAfter(catalogue, after, PAGE);
    for (const { itemId, sha256 } of rows) {
      if (watch.signal.aborted) throw stopped();
      const isListed = listed.has(`blobs/${blobs.nameOf(sha256)}`);
      if (!isListed || !(await isWhole(blobs.stream(sha256)))) bad.push(`item ${String(itemId)}`);
      checked += 1;
      after = itemId;
    }
    if (rows.length === 0) break;
  }
  return bad.length === 0
    ? { name, outcome: 'good', detail: `${String(checked)} originals decrypted` }
    : {
        name,
        outcome: 'bad',
        detail: `${String(bad.length)} of ${String(checked)} originals are missing or damaged: ${named(bad)}`,
      };
}

async function isWhole(pieces: AsyncIterable<Buffer>): Promise<boolean> {
  try {
    for await (const piece of pieces) void piece;
    return true;
  } catch (error) {
    if (isCustosError(error) && ['BLOB_DAMAGED', 'IO_FAILED'].includes(error.code)) return false;
    throw error;
  }
}

function named(bad: readonly string[]): string {
  return bad.slice(0, MOST_NAMED).join(', ') + (bad.length > MOST_NAMED ? ' …' : '');
}
