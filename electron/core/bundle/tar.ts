/**
 * A tar archive as a stream, both ways. Written: regular files only, fixed owner and mode. Read:
 * whatever somebody hands us, so every name is checked and nothing but files and folders passes.
 */
import { extract, pack, type Extract, type Header, type Pack } from 'tar-stream';
import { CustosError } from '#shared/domain/errors.ts';
import { pathProblem } from './bag-path.ts';

export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

type Sink = ReturnType<Pack['entry']> | Extract;

export interface TarInput {
  path: string;
  /** Exactly what `content` will give; tar states it before the content. */
  bytes: number;
  content: Bytes;
}

export interface BagEntry {
  path: string;
  bytes: number;
  /** To be read to its end, or left alone, before the next entry is asked for. */
  content: AsyncIterable<Uint8Array>;
}

/** Archive of `entries` in order, all dated `modified`. A failing entry fails the stream. */
export async function* packTar(
  entries: AsyncIterable<TarInput>,
  modified: Date,
): AsyncGenerator<Buffer> {
  const archive = pack();
  const produced = produce(archive, entries, modified).catch((error: unknown) => {
    archive.destroy(asError(error));
  });
  try {
    for await (const chunk of archive) yield chunk as Buffer;
  } finally {
    archive.destroy();
    await produced;
  }
}

async function produce(
  archive: Pack,
  entries: AsyncIterable<TarInput>,
  modified: Date,
): Promise<void> {
  for await (const entry of entries) {
    const header = { name: entry.path, size: entry.bytes, mode: 0o644, mtime: modified };
    let sink: Sink | undefined;
    const taken = new Promise<void>((resolve, reject) => {
      sink = archive.entry(header, (error) => {
        if (error) reject(error);
        else resolve();
      });
      // The callback tells of failures; a stream without a listener would end the process.
      sink.on('error', () => undefined);
    });
    const poured = pour(entry.content, sink!).catch((error: unknown) => {
      sink!.destroy(asError(error));
      throw error;
    });
    // Both are awaited, so that nothing of a failed entry is still open afterwards.
    for (const end of await Promise.allSettled([poured, taken])) {
      if (end.status === 'rejected') throw asError(end.reason);
    }
  }
  archive.finalize();
}

/**
 * The files of an archive in order. Throws BUNDLE_INVALID where it is not a tar archive, is cut
 * short, or holds a link, a device, an unsafe name or one name twice.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<BagEntry> {
  const archive = extract();
  let sourceError: Error | null = null;
  const fed = pour(source, archive).catch((error: unknown) => {
    sourceError = asError(error);
    archive.destroy(sourceError);
  });
  const seen = new Set<string>();
  try {
    for await (const entry of archive) {
      const file = accept(entry.header, seen);
      if (file) yield { ...file, content: readable(entry as unknown as AsyncIterable<Uint8Array>) };
      // What the reader left unread must still pass by, or the archive stands still.
      entry.resume();
    }
  } catch (error) {
    throw sourceError ?? asBundleError(error);
  } finally {
    archive.destroy();
    await fed;
  }
}

/** An entry's bytes; where the archive breaks off inside it, that is said in our words. */
async function* readable(entry: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* entry;
  } catch (error) {
    throw asBundleError(error);
  }
}

function asBundleError(error: unknown): CustosError {
  if (error instanceof CustosError) return error;
  const cut = error instanceof Error && error.message === 'Unexpected end of data';
  return new CustosError(
    'BUNDLE_INVALID',
    cut
      ? 'The archive ends in the middle of a file: it was cut short.'
      : 'The archive cannot be read as tar: it was changed, or it is something else.',
    { cause: error },
  );
}

/** The entry as a file, or null for a folder. */
function accept(header: Header, seen: Set<string>): Omit<BagEntry, 'content'> | null {
  const { name, type, size } = header;
  const refuse = (why: string): CustosError =>
    new CustosError('BUNDLE_INVALID', `The archive holds an entry that ${why}. It was not read.`);
  const path = name.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory') {
    throw refuse('is neither a file nor a folder');
  }
  // `tar -c .` writes the folder itself as "./".
  if (type === 'directory' && (path === '' || path === '.')) return null;
  const problem = pathProblem(path);
  if (problem !== null) throw refuse(`has an unsafe name: it ${problem}`);
  if (type === 'directory') return null;
  if (seen.has(path)) throw refuse('has the same name as another');
  seen.add(path);
  if (!Number.isSafeInteger(size) || size < 0) throw refuse('has no sensible size');
  return { path, bytes: size };
}

/** Writes all of `content`, waiting where the stream asks for it, and ends the stream. */
async function pour(content: Bytes, stream: Sink): Promise<void> {
  for await (const chunk of content) {
    if (stream.destroyed) return;
    if (!stream.write(chunk)) await drained(stream);
  }
  stream.end(null);
}

/** Resolves when the stream takes more, or never will. */
function drained(stream: Sink): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      stream.off('drain', settle);
      stream.off('close', settle);
      resolve();
    };
    stream.on('drain', settle);
    stream.on('close', settle);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
