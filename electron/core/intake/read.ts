/** Reading one source file exactly once, without following links or waiting on devices. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import { systemCode } from '#core/store/errors.ts';
import { orCancelled } from './abandon.ts';

export interface ThreeHashes {
  sha256: Buffer;
  sha1: Buffer;
  md5: Buffer;
}

export interface SourceFile {
  bytes: number;
  /** ISO 8601 UTC; null where the file system's value is no instant of the years 0 to 9999. */
  modifiedAt: string | null;
  /** The whole file. Throws SOURCE_CHANGED if it changed while it was read. */
  readAll(): Promise<Buffer>;
  /** Chunk by chunk, for files too large to hold; the same check at the end. */
  chunks(): AsyncGenerator<Buffer>;
  /** Never fails: nothing was written that could be lost. */
  close(): Promise<void>;
}

const CHUNK = 1024 * 1024;

/**
 * Throws SOURCE_UNREADABLE, SOURCE_REFUSED. Once `signal` is aborted every read fails with
 * CANCELLED at once, even one that the source never answers.
 */
export async function openSource(path: Buffer, signal?: AbortSignal): Promise<SourceFile> {
  // SECURITY: no link is followed and no pipe or device is waited on, even if the name was swapped
  // since the folder was read.
  const opening = open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const file = await guarded(() =>
    orCancelled(signal, opening).catch((error: unknown) => {
      // Where it opens after all, nobody is there to close it.
      void opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    }),
  );
  const close = async (): Promise<void> => {
    const closing = file.close().catch(() => undefined);
    // Closing waits for a read that was given up.
    if (!signal?.aborted) await closing;
  };
  try {
    const before = await guarded(() => orCancelled(signal, file.stat({ bigint: true })));
    if (!before.isFile())
      throw new CustosError('SOURCE_REFUSED', 'This is not a regular file any more.');
    const bytes = Number(before.size);
    const check = async (read: number): Promise<void> => {
      const after = await orCancelled(signal, file.stat({ bigint: true }));
      // The time of the last change of any kind as well: that of the content can be set back.
      const same =
        after.size === before.size &&
        after.mtimeNs === before.mtimeNs &&
        after.ctimeNs === before.ctimeNs;
      if (read !== bytes || !same)
        throw new CustosError(
          'SOURCE_CHANGED',
          'This file changed while it was being read. Import it again once nothing writes to it.',
        );
    };
    const readAt: ReadAt = (into, from, at) =>
      orCancelled(signal, file.read(into, from, into.length - from, at));
    return {
      bytes,
      modifiedAt: instantOf(Number(before.mtimeMs)),
      readAll: () => guarded(() => readWhole(readAt, bytes, check)),
      chunks: () => readChunks(readAt, check),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads into `into` from its place `from` on, from the file's place `at` on. */
type ReadAt = (into: Buffer, from: number, at: number) => Promise<{ bytesRead: number }>;

/** First and last millisecond that ISO 8601 text of four-digit years can say. */
const FIRST_INSTANT = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

/** A file system holds whatever somebody set; a date out of range must not cost the file. */
function instantOf(milliseconds: number): string | null {
  if (milliseconds < FIRST_INSTANT || milliseconds > LAST_INSTANT) return null;
  return new Date(milliseconds).toISOString();
}

async function readWhole(
  readAt: ReadAt,
  bytes: number,
  check: (read: number) => Promise<void>,
): Promise<Buffer> {
  // One byte more than expected, so that a file that grew is noticed.
  const buffer = Buffer.allocUnsafeSlow(bytes + 1);
  let at = 0;
  for (;;) {
    const { bytesRead } = await readAt(buffer, at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    if (at === buffer.length) break;
  }
  await check(at);
  return buffer.subarray(0, at);
}

async function* readChunks(
  readAt: ReadAt,
  check: (read: number) => Promise<void>,
): AsyncGenerator<Buffer> {
  let at = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await guarded(() => readAt(buffer, 0, at));
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
  const code = systemCode(error) || 'unknown';
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
