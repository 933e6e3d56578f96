/** The file a bundle is written to: under another name first, and whole or not at all. */
import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { asCustosError, systemCode, typedAsync } from '#core/store/errors.ts';
import { fsyncFolderAsync, PRIVATE_FILE } from '#core/store/files.ts';

/** Few, large writes: the encryption hands over 64 KiB at a time. */
const BUFFER_BYTES = 1024 * 1024;
const DOING = 'writing the bundle';

export interface Written {
  bytes: number;
  sha256: Buffer;
}

export interface Target {
  /** File name without its folder. */
  readonly name: string;
  /** Where the bytes are until `keep`. */
  readonly partial: string;
  /** Writes everything and flushes it. Throws CANCELLED, DISK_FULL, IO_FAILED. */
  write(cipher: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written>;
  /** Gives the file its name, durably. */
  keep(): Promise<void>;
  /** Removes whatever was written, under either name. */
  discard(): Promise<void>;
}

/** Throws ALREADY_EXISTS where there is a file already, NOT_FOUND where the folder is missing. */
export async function openTarget(outFile: string): Promise<Target> {
  const file = path.resolve(outFile);
  const folder = path.dirname(file);
  await requireFree(file);
  const partial = `${file}.${randomBytes(4).toString('hex')}.partial`;
  const handle = await create(partial);
  let held: FileHandle | null = handle;
  let kept = false;

  async function closeHandle(): Promise<void> {
    const closing = held;
    held = null;
    await closing?.close();
  }

  return {
    name: path.basename(file),
    partial,
    async write(cipher, signal) {
      return typedAsync(DOING, async () => {
        const written = await writeAll(handle, cipher, signal);
        await handle.sync();
        await closeHandle();
        return written;
      });
    },
    async keep() {
      await requireFree(file);
      await typedAsync(DOING, () => rename(partial, file));
      kept = true;
      await fsyncFolderAsync(folder);
    },
    async discard() {
      await closeHandle();
      await typedAsync('removing an unfinished bundle', async () => {
        await rm(partial, { force: true });
        if (kept) await rm(file, { force: true });
      });
    },
  };
}

async function writeAll(
  handle: FileHandle,
  cipher: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Written> {
  const sha256 = createHash('sha256');
  let bytes = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    const block = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    let offset = 0;
    while (offset < block.length) offset += (await handle.write(block, offset)).bytesWritten;
    sha256.update(block);
    bytes += block.length;
  };
  for await (const chunk of cipher) {
    if (signal.aborted) throw new CustosError('CANCELLED', 'Building the bundle was cancelled.');
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= BUFFER_BYTES) await flush();
  }
  await flush();
  return { bytes, sha256: sha256.digest() };
}

async function requireFree(file: string): Promise<void> {
  try {
    await stat(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw asCustosError(error, DOING);
  }
  throw new CustosError(
    'ALREADY_EXISTS',
    'There is a file of that name already, and nothing is written over. Choose another name.',
  );
}

async function create(partial: string): Promise<FileHandle> {
  try {
    return await open(partial, 'wx', PRIVATE_FILE);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw asCustosError(error, DOING);
    throw new CustosError(
      'NOT_FOUND',
      'The folder for the bundle does not exist. Choose another.',
      {
        cause: error,
      },
    );
  }
}
