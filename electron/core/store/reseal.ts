/**
 * Sealing originals anew under other keys, one at a time. At every moment at least one file holds
 * the original: the new one is durable, read back and compared before the earlier one goes, and
 * doing it again finishes whatever was interrupted.
 */
import { existsSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { isCustosError } from '#shared/domain/errors.ts';
import { HEADER_BYTES, sealedEpoch } from '#core/vault/sealed-file.ts';
import { blobPath, type BlobKeys } from './blobs.ts';
import { typedAsync } from './errors.ts';
import { fsyncFolderAsync } from './files.ts';
import { openFromFile } from './sealed-io.ts';
import type { BlobStore } from './types.ts';

export interface ResealKeys {
  readonly from: BlobKeys;
  readonly to: BlobKeys;
}

/**
 * `blobs`: a store whose current keys are `to`. Answers 'damaged' where the earlier file cannot be
 * opened (it is left as it is) or where there is no file at all. Errors: DISK_FULL, IO_FAILED.
 */
export async function resealOriginal(
  dir: string,
  { from, to }: ResealKeys,
  blobs: BlobStore,
  sha256: Buffer,
): Promise<'sealed' | 'done-before' | 'damaged'> {
  const earlier = blobPath(dir, from.name, sha256);
  const target = blobPath(dir, to.name, sha256);
  if (!existsSync(earlier)) return existsSync(target) ? 'done-before' : 'damaged';
  try {
    // `commit` keeps a good file that is there already, and sets a damaged one aside.
    const temp = await blobs.seal(openFromFile(earlier, from.content, sha256));
    await blobs.commit(temp, sha256);
  } catch (error) {
    if (isCustosError(error) && error.code === 'BLOB_DAMAGED') return 'damaged';
    throw error;
  }
  await typedAsync('removing an earlier sealed file', () => rm(earlier, { force: true }));
  return 'sealed';
}

/**
 * Whether the original opens under these keys and has its SHA-256. Errors: IO_FAILED.
 */
export async function isSealedUnder(dir: string, keys: BlobKeys, sha256: Buffer): Promise<boolean> {
  try {
    const file = blobPath(dir, keys.name, sha256);
    for await (const piece of openFromFile(file, keys.content, sha256)) void piece;
    return true;
  } catch (error) {
    if (isCustosError(error) && error.code === 'BLOB_DAMAGED') return false;
    throw error;
  }
}

/**
 * Removes sealed files of other epochs than `epoch`, once every original of the catalogue is known
 * to be sealed under it: what a crash left without a row, and what came back with a power cut.
 * Files set aside as damaged stay. Returns how many went; the folders are durable then.
 */
export async function sweepOtherEpochs(dir: string, epoch: number): Promise<number> {
  let removed = 0;
  await typedAsync('removing earlier sealed files', async () => {
    const blobs = path.join(dir, 'blobs');
    for (const shard of await readdir(blobs)) {
      const folder = path.join(blobs, shard);
      for (const name of await readdir(folder)) {
        const file = path.join(folder, name);
        const found = name.endsWith('.evb') ? await epochOf(file) : null;
        if (found === null || found === epoch) continue;
        await rm(file);
        removed += 1;
      }
      await fsyncFolderAsync(folder);
    }
  });
  return removed;
}

/** Null for a file that is no whole sealed file: it is left to whoever looks into it. */
async function epochOf(file: string): Promise<number | null> {
  const handle = await open(file, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await handle.read(header, 0, HEADER_BYTES, 0);
    return sealedEpoch(header.subarray(0, bytesRead));
  } catch (error) {
    if (isCustosError(error)) return null;
    throw error;
  } finally {
    await handle.close();
  }
}
