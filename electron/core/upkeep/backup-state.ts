/** The part of a workspace that changes, as it is at one moment: catalogue, record, keys. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '#core/access/types.ts';
import { namesIn } from '#core/store/blob-files.ts';
import { copyDatabase } from '#core/store/copies.ts';
import { CATALOGUE_FILE, DERIVED_FILE, keyOf } from '#core/store/databases.ts';
import { typed } from '#core/store/errors.ts';
import { fsyncFolder, makeFolder, writeFileDurably } from '#core/store/files.ts';
import { HEADER_FILE } from '#core/vault/header.ts';
import { copyFile, hashFile } from './copying.ts';
import type { ListedFile } from './manifest.ts';

export interface StateTaken {
  files: ListedFile[];
  bytes: number;
  /** Entries that the newest checkpoint of the record signs, and the root over them, in hex. */
  entries: number;
  root: string;
}

/** Not part of a workspace's state: a count of wrong passwords on this computer, a crash's rest. */
const LEFT_OUT = /^(attempts\.json|\..*|.*\.(tmp|new))$/;
const SEGMENT = /\.evl$/;

/** `into`: an empty folder. Errors: CANCELLED, DISK_FULL, IO_FAILED, RECORD_UNWRITABLE. */
export async function takeState(
  session: Session,
  into: string,
  signal: AbortSignal,
): Promise<StateTaken> {
  const { dir } = session.workspace;
  for (const folder of ['keys', 'keys/grants', 'record']) makeFolder(path.join(into, folder));

  // One turn, without any wait: catalogue, keys and record are of the same moment.
  const { size: entries, root } = session.record.checkpoint();
  const segments = namesIn(path.join(dir, 'record'))
    .filter((name) => SEGMENT.test(name))
    .map((name) => ({ name: `record/${name}`, bytes: sizeOf(path.join(dir, 'record', name)) }));
  for (const name of smallFiles(dir)) copySmall(dir, into, name);
  copyDatabase(session.catalogue, path.join(into, CATALOGUE_FILE), keyOf(session.catalogue));
  // Small pictures can be made again; a member without their key leaves them out.
  if (session.derived) {
    copyDatabase(session.derived, path.join(into, DERIVED_FILE), keyOf(session.derived));
  }

  // Segments only grow: their first bytes stay what they were at that moment.
  for (const { name, bytes } of segments) {
    await copyFile(path.join(dir, name), path.join(into, name), bytes, signal);
  }
  fsyncFolder(path.join(into, 'record'));
  return { ...(await listAll(into, signal)), entries, root };
}

/** Everything that is small and may change under its name. */
function smallFiles(dir: string): string[] {
  const inFolder = (folder: string): string[] =>
    namesIn(path.join(dir, folder))
      .filter((name) => !LEFT_OUT.test(name) && !SEGMENT.test(name))
      .map((name) => `${folder}/${name}`)
      .filter((name) => isFile(path.join(dir, name)));
  return [HEADER_FILE, ...inFolder('keys'), ...inFolder('keys/grants'), ...inFolder('record')];
}

function copySmall(dir: string, into: string, name: string): void {
  const bytes = typed('reading a file of the workspace', () => readFileSync(path.join(dir, name)));
  writeFileDurably(path.join(into, name), bytes);
}

/** Hashes of what was really written, read back. */
async function listAll(
  into: string,
  signal: AbortSignal,
): Promise<{ files: ListedFile[]; bytes: number }> {
  const files: ListedFile[] = [];
  let total = 0;
  for (const folder of ['', 'keys', 'keys/grants', 'record']) {
    for (const name of namesIn(path.join(into, folder))) {
      const relative = folder === '' ? name : `${folder}/${name}`;
      if (!isFile(path.join(into, relative))) continue;
      const { sha256, bytes } = await hashFile(path.join(into, relative), signal);
      files.push({ path: relative, sha256 });
      total += bytes;
    }
  }
  return { files, bytes: total };
}

function isFile(file: string): boolean {
  return typed('looking at a file', () => statSync(file).isFile());
}

function sizeOf(file: string): number {
  return typed('looking at a file of the record', () => statSync(file).size);
}
