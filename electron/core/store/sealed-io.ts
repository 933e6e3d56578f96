/**
 * Sealed files on disk: written with a check of what was written, read with a check of what was
 * read. Disk work runs on the thread pool; ciphering runs in slices with disk work in between, so
 * that a large original does not hold up everything else.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import { createOpener, createSealer, plainLength } from '#core/vault/sealed-file.ts';
import { asCustosError, systemCode } from './errors.ts';
import { fsyncFolderAsync, PRIVATE_FILE } from './files.ts';

const SLICE_BYTES = 1024 * 1024;

/**
 * Flushes files and folders, and stops for good after the first flush that fails.
 *
 * SECURITY: a failed flush is never retried, and nothing is written after it: the system may have
 * thrown the pages away and marked them clean, so a later flush would succeed without meaning
 * anything. A full disk is no such failure: the file in question is thrown away.
 */
export class Flusher {
  #stopped: CustosError | null = null;

  /** Throws IO_FAILED once a flush has failed. */
  requireTrusted(): void {
    if (this.#stopped) throw this.#stopped;
  }

  async file(handle: Pick<FileHandle, 'sync'>): Promise<void> {
    await this.#guard(() => handle.sync());
  }

  async folder(dir: string): Promise<void> {
    await this.#guard(() => fsyncFolderAsync(dir));
  }

  async #guard(flush: () => Promise<void>): Promise<void> {
    this.requireTrusted();
    try {
      await flush();
    } catch (error) {
      const failure = asCustosError(error, 'flushing an original to disk');
      if (failure.code !== 'DISK_FULL') this.#stopped = failure;
      throw failure;
    }
  }
}

export interface Sealed {
  /** Bytes of the plaintext. */
  length: number;
  /** SHA-256 of the plaintext as it was read back from the finished file. */
  sha256: Buffer;
}

/**
 * Seals `bytes` into the new file `file`, flushes it, reads it back and opens it.
 * Errors: DISK_FULL, IO_FAILED, SOURCE_UNREADABLE (the iterable failed). The caller removes the
 * file after an error.
 */
export async function sealToFile(
  file: string,
  bytes: Buffer | AsyncIterable<Buffer>,
  key: { content: Buffer; epoch: number },
  flusher: Flusher,
): Promise<Sealed> {
  const handle = await open(file, 'wx+', PRIVATE_FILE);
  try {
    const sealer = createSealer(key.content, key.epoch);
    let length = 0;
    await handle.writeFile(sealer.header());
    for await (const slice of slices(bytes)) {
      length += slice.length;
      await handle.writeFile(sealer.push(slice));
    }
    await handle.writeFile(sealer.end());
    await flusher.file(handle);
    return { length, sha256: await readBack(handle, key.content, length) };
  } finally {
    await handle.close();
  }
}

/**
 * The original in `file`, in order. The last piece is handed out only when the whole has been
 * found to have the SHA-256 `sha256`. Errors: BLOB_DAMAGED (also a missing file), IO_FAILED.
 */
export async function* openFromFile(
  file: string,
  contentKey: Buffer,
  sha256: Buffer,
): AsyncGenerator<Buffer> {
  const handle = await openSealed(file);
  try {
    const hash = createHash('sha256');
    let held: Buffer | null = null;
    for await (const piece of plainPieces(handle, contentKey)) {
      hash.update(piece);
      if (held) yield held;
      held = piece;
    }
    // SECURITY: every chunk was authentic, and yet the file may be another original's (P2).
    if (!timingSafeEqual(hash.digest(), sha256)) {
      throw damaged('holds another picture than it should');
    }
    if (held && held.length > 0) yield held;
  } catch (error) {
    throw asCustosError(error, 'reading an original');
  } finally {
    await handle.close();
  }
}

async function openSealed(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw damaged('is missing', error);
    throw asCustosError(error, 'reading an original');
  }
}

/** Authenticated plaintext; the last piece, which may be empty, proves that the file is complete. */
async function* plainPieces(handle: FileHandle, contentKey: Buffer): AsyncGenerator<Buffer> {
  const { size } = await handle.stat();
  // Refuses at once what no sealed file can be as long as.
  plainLength(size);
  const opener = createOpener(contentKey);
  const slice = Buffer.allocUnsafe(Math.min(size, SLICE_BYTES));
  for (let position = 0; position < size;) {
    const { bytesRead } = await handle.read(slice, 0, slice.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const plain = opener.push(slice.subarray(0, bytesRead));
    if (plain.length > 0) yield plain;
  }
  yield opener.end();
}

/**
 * Opens what has just been written and answers with its SHA-256. The system may answer from its
 * own memory rather than from the disk; what this finds is a fault in ciphering, in writing, or in
 * the memory in between.
 */
async function readBack(handle: FileHandle, contentKey: Buffer, length: number): Promise<Buffer> {
  const hash = createHash('sha256');
  let found = 0;
  try {
    for await (const piece of plainPieces(handle, contentKey)) {
      hash.update(piece);
      found += piece.length;
    }
  } catch (error) {
    if (isCustosError(error) && error.code === 'BLOB_DAMAGED') throw notAsWritten(error);
    throw error;
  }
  if (found !== length) throw notAsWritten();
  return hash.digest();
}

async function* slices(bytes: Buffer | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(bytes)) {
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      yield bytes.subarray(at, at + SLICE_BYTES);
    }
    return;
  }
  try {
    for await (const piece of bytes) yield* slices(piece);
  } catch (error) {
    if (isCustosError(error)) throw error;
    throw new CustosError(
      'SOURCE_UNREADABLE',
      'The source stopped giving bytes while it was read. Nothing of it was kept. Check the disk it lies on, then try again.',
      { cause: error },
    );
  }
}

function notAsWritten(cause?: unknown): CustosError {
  return new CustosError(
    'IO_FAILED',
    'An original could not be read back as it was written, so it was not kept. The disk or the memory of this computer may be failing: stop importing and have both checked.',
    { cause },
  );
}

function damaged(how: string, cause?: unknown): CustosError {
  return new CustosError(
    'BLOB_DAMAGED',
    `The sealed file of an original ${how}. Nothing of it is shown; restore it from a backup.`,
    { cause },
  );
}
