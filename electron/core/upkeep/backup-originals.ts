/** Originals into the backup: those that are there already are left alone. */
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isCustosError } from '#shared/domain/errors.ts';
import { listBlobs, listShards, sealedStart } from '#core/store/blob-files.ts';
import { typedAsync } from '#core/store/errors.ts';
import { fsyncFolder, makeFolder } from '#core/store/files.ts';
import { createOpener } from '#core/vault/sealed-file.ts';
import { copyFile, hashFile, stopped, tryLink } from './copying.ts';
import type { ListedFile } from './manifest.ts';
import type { Watch } from './watch.ts';

export interface OriginalsKept {
  files: ListedFile[];
  bytes: number;
  /** Not in the backup before. */
  added: number;
  /** Of those, how many share their place on the disk with the workspace. */
  linked: number;
}

export interface OriginalsJob {
  workspace: string;
  backup: string;
  /** Null for a member without it: then nothing that is in the backup is ever replaced. */
  contentKey: Buffer | null;
  /** Hashes of the state before, by `blobs/…`: what is unchanged since need not be read again. */
  known: ReadonlyMap<string, string>;
  /** Whether a place `blobs/…` is that of an item's original, as far as the member's keys tell. */
  isNeeded: (name: string) => boolean;
  watch: Watch;
}

export async function keepOriginals(job: OriginalsJob): Promise<OriginalsKept> {
  const kept: OriginalsKept = { files: [], bytes: 0, added: 0, linked: 0 };
  for (const shard of listShards(job.workspace)) {
    const names = listBlobs(job.workspace, shard);
    if (names.length === 0) continue;
    const folder = path.join(job.backup, 'blobs', shard);
    makeFolder(folder);
    const before = kept.added;
    for (const name of names) {
      if (job.watch.signal.aborted) throw stopped();
      await keepOne(job, `blobs/${shard}/${name}`, kept);
    }
    if (kept.added > before) fsyncFolder(folder);
  }
  keepLost(job, kept);
  return kept;
}

/** What the workspace has lost since stays in the backup: it is what the backup is for. */
function keepLost(job: OriginalsJob, kept: OriginalsKept): void {
  const listed = new Set(kept.files.map(({ path: name }) => name));
  for (const [name, sha256] of job.known) {
    if (listed.has(`../../${name}`) || !job.isNeeded(name)) continue;
    const there = sealedStart(path.join(job.backup, name));
    if (there !== null) list(kept, name, sha256, there.bytes);
  }
}

async function keepOne(job: OriginalsJob, name: string, kept: OriginalsKept): Promise<void> {
  const { watch, known } = job;
  const source = path.join(job.workspace, name);
  const target = path.join(job.backup, name);
  const there = sealedStart(target);
  const now = sealedStart(source);
  if (there !== null && (now === null || isSame(there, now) || !isGenuine(now.start, job))) {
    const sha256 = known.get(name) ?? (await hashFile(target, watch.signal)).sha256;
    list(kept, name, sha256, there.bytes);
    watch.advance({ done: 1, bytes: there.bytes });
    return;
  }
  const { sha256, bytes, linked } = await put(source, target, watch);
  list(kept, name, sha256, bytes);
  kept.added += 1;
  if (linked) kept.linked += 1;
  watch.advance({ done: 1, bytes });
}

async function put(
  source: string,
  target: string,
  { signal }: Watch,
): Promise<{ sha256: string; bytes: number; linked: boolean }> {
  const link = `${target}.link`;
  await typedAsync('clearing away what was left', () => rm(link, { force: true }));
  if (!tryLink(source, link)) {
    return { ...(await copyFile(source, target, null, signal)), linked: false };
  }
  const read = await hashFile(link, signal);
  await typedAsync('putting an original into the backup', () => rename(link, target));
  return { ...read, linked: true };
}

function list(kept: OriginalsKept, name: string, sha256: string, bytes: number): void {
  kept.files.push({ path: `../../${name}`, sha256 });
  kept.bytes += bytes;
}

type Start = NonNullable<ReturnType<typeof sealedStart>>;

/** A sealed file begins with a salt of its own: same beginning and length, same file. */
function isSame(a: Start, b: Start): boolean {
  return a.bytes === b.bytes && a.start.equals(b.start);
}

/**
 * SECURITY: a copy that is in the backup gives way only to a file that was sealed anew with the
 * workspace's own key, as re-importing does. Damage of the original must not spoil its backup.
 */
function isGenuine(start: Buffer, { contentKey }: OriginalsJob): boolean {
  if (contentKey === null) return false;
  try {
    createOpener(contentKey).push(start);
    return true;
  } catch (error) {
    if (isCustosError(error) && error.code === 'BLOB_DAMAGED') return false;
    throw error;
  }
}
