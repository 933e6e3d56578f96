/** Reading one source file exactly once, without following links or waiting on devices. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';

export interface ThreeHashes {
  sha256: Buffer;
  sha1: Buffer;
  md5: Buffer;
}

export interface SourceFile {
  bytes: number;
  modifiedAt: string;
  /** The whole file. Throws SOURCE_CHANGED if it changed while it was read. */
  readAll(): Promise<Buffer>;
  /** Chunk by chunk, for files too large to hold; the same check at the end. */
  chunks(): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

const CHUNK = 1024 * 1024;

/** Throws SOURCE_UNREADABLE, SOURCE_REFUSED. */
export async function openSource(path: Buffer): Promise<SourceFile> {
  let file: FileHandle;
  try {
    // SECURITY: no link is followed and no pipe or device is waited on, even if the name was
    // swapped since the folder was read.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(error);
  }
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile())
      throw new CustosError('SOURCE_REFUSED', 'This is not a regular file any more.');
    const bytes = Number(before.size);
    const check = async (read: number): Promise<void> => {
      const after = await file.stat({ bigint: true });
      if (read !== bytes || after.size !== before.size || after.mtimeNs !== before.mtimeNs)
        throw new CustosError(
          'SOURCE_CHANGED',
          'This file changed while it was being read. Import it again once nothing writes to it.',
        );
    };
    return {
      bytes,
      modifiedAt: new Date(Number(before.mtimeMs)).toISOString(),
      readAll: () => guarded(() => readWhole(file, bytes, check)),
      chunks: () => readChunks(file, check),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw isCustosError(error) ? error : unreadable(error);
  }
}

async function readWhole(
  file: FileHandle,
  bytes: number,
  check: (read: number) => Promise<void>,
): Promise<Buffer> {
  // One byte more than expected, so that a file that grew is noticed.
  const buffer = Buffer.allocUnsafeSlow(bytes + 1);
  let at = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, at, buffer.length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    if (at === buffer.length) break;
  }
  await check(at);
  return buffer.subarray(0, at);
}

async function* readChunks(
  file: FileHandle,
  check: (read: number) => Promise<void>,
): AsyncGenerator<Buffer> {
  let at = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await guarded(() => file.read(buffer, 0, CHUNK, at));
    if (bytesRead === 0) break;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
  await guarded(() => check(at));
}

async function guarded<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw isCustosError(error) ? error : unreadable(error);
  }
}

function unreadable(error: unknown): CustosError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const reason =
    code === 'ELOOP'
      ? 'This became a link after the folder was read; links are not followed.'
      : `This could not be read from the source (${code}).`;
  return new CustosError('SOURCE_UNREADABLE', reason, { cause: error });
}

/** SHA-256 identifies; SHA-1 and MD5 are there because other people's lists use them. */
export function hashBytes(bytes: Buffer): ThreeHashes {
  const digest = (name: string): Buffer => createHash(name).update(bytes).digest();
  return { sha256: digest('sha256'), sha1: digest('sha1'), md5: digest('md5') };
}

/** Passes chunks on and hashes them on the way; `result` is complete once the last has passed. */
export function hashWhilePassing(chunks: AsyncIterable<Buffer>): {
  chunks: AsyncGenerator<Buffer>;
  result: () => ThreeHashes;
} {
  const sha256 = createHash('sha256');
  const sha1 = createHash('sha1');
  const md5 = createHash('md5');
  async function* pass(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      sha256.update(chunk);
      sha1.update(chunk);
      md5.update(chunk);
      yield chunk;
    }
  }
  return {
    chunks: pass(),
    result: () => ({ sha256: sha256.digest(), sha1: sha1.digest(), md5: md5.digest() }),
  };
}
