/** Files copied so that they survive a power cut, hashed while they pass. */
import { createHash } from 'node:crypto';
import { linkSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { CustosError } from '#shared/domain/errors.ts';
import { systemCode, typed, typedAsync } from '#core/store/errors.ts';
import { PRIVATE_FILE } from '#core/store/files.ts';

const SLICE_BYTES = 1024 * 1024;

export interface Copied {
  /** Hex. */
  sha256: string;
  bytes: number;
}

/**
 * Copies the first `limit` bytes (all of them where it is null) into the new file `target`, which
 * is there whole or not at all. Its content is flushed; its name becomes durable with its folder.
 * Errors: CANCELLED, DISK_FULL, IO_FAILED.
 */
export async function copyFile(
  source: string,
  target: string,
  limit: number | null,
  signal: AbortSignal,
): Promise<Copied> {
  const partial = `${target}.new`;
  await typedAsync('copying a file', () => rm(partial, { force: true }));
  try {
    const copied = await typedAsync('copying a file', async () => {
      const to = await open(partial, 'wx', PRIVATE_FILE);
      try {
        const passed = await pass(source, limit, signal, (slice) => to.writeFile(slice));
        await to.sync();
        return passed;
      } finally {
        await to.close();
      }
    });
    await typedAsync('copying a file', () => rename(partial, target));
    return copied;
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** SHA-256 and length of a file as it lies there. Errors: CANCELLED, IO_FAILED. */
export async function hashFile(file: string, signal: AbortSignal): Promise<Copied> {
  return typedAsync('reading a file', () => pass(file, null, signal, async () => undefined));
}

/**
 * Lets `target` be another name of the same bytes, which costs no room. False where the two are on
 * different disks or the file system has no such thing.
 * A sealed original is never changed in place, so that neither name can spoil the other.
 */
export function tryLink(source: string, target: string): boolean {
  return typed('linking an original', () => {
    try {
      linkSync(source, target);
      return true;
    } catch (error) {
      const cannot = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'];
      if (cannot.includes(systemCode(error))) return false;
      throw error;
    }
  });
}

async function pass(
  source: string,
  limit: number | null,
  signal: AbortSignal,
  take: (slice: Buffer) => Promise<unknown>,
): Promise<Copied> {
  const from = await open(source, 'r');
  try {
    const hash = createHash('sha256');
    const slice = Buffer.allocUnsafe(SLICE_BYTES);
    let bytes = 0;
    for (;;) {
      if (signal.aborted) throw stopped();
      const room = limit === null ? slice.length : Math.min(slice.length, limit - bytes);
      const { bytesRead } = await from.read(slice, 0, room, bytes);
      if (bytesRead === 0) break;
      const part = slice.subarray(0, bytesRead);
      hash.update(part);
      await take(part);
      bytes += bytesRead;
    }
    if (limit !== null && bytes < limit) {
      throw new CustosError(
        'IO_FAILED',
        'A file became shorter while it was copied. Nothing was kept of it; check the disk.',
      );
    }
    return { sha256: hash.digest('hex'), bytes };
  } finally {
    await from.close();
  }
}

export function stopped(): CustosError {
  return new CustosError('CANCELLED', 'Stopped, as you asked. What was finished before is kept.');
}
