/** The files of a bundle that was handed to us: encrypted, as a plain archive, or unpacked. */
import type { Identity } from 'age-encryption';
import { constants } from 'node:fs';
import { lstat, open, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { systemCode } from '#core/store/errors.ts';
import { AGE_MAGIC, decryptWith } from './age.ts';
import { pathProblem } from './bag-path.ts';
import { readTar, type BagEntry } from './tar.ts';

const CHUNK = 256 * 1024;
/** Windows has no such flag; its links are refused by lstat below. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

export type SourceKind = 'encrypted' | 'archive' | 'folder';

/** Tells by content what was given. Throws SOURCE_UNREADABLE, BUNDLE_INVALID. */
export async function recognise(file: string): Promise<SourceKind> {
  return readable(async () => {
    const info = await stat(file);
    if (info.isDirectory()) {
      await stat(path.join(file, 'bagit.txt')).catch(() => {
        throw notABundle('a folder without bagit.txt');
      });
      return 'folder';
    }
    if (!info.isFile()) throw notABundle('neither a file nor a folder');
    const head = await readHead(file);
    if (head.subarray(0, AGE_MAGIC.length).toString('latin1') === AGE_MAGIC) return 'encrypted';
    if (head.subarray(257, 262).toString('latin1') === 'ustar') return 'archive';
    throw notABundle('neither an age file nor a tar archive');
  });
}

/** `identities` are needed for an encrypted one only. Errors as `readTar` and `decryptWith`. */
export function bundleEntries(
  file: string,
  kind: SourceKind,
  identities: readonly (string | Identity)[],
): AsyncIterable<BagEntry> {
  if (kind === 'folder') return folderEntries(file, '');
  const bytes = readFileChunks(file);
  return readTar(kind === 'encrypted' ? decryptWith(identities, bytes) : bytes);
}

function notABundle(what: string): CustosError {
  return new CustosError(
    'BUNDLE_INVALID',
    `This is not a Custos bundle: it is ${what}. Choose the file that ends in .tar.age, or the folder it was unpacked into.`,
  );
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const head = Buffer.alloc(512);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function* readFileChunks(file: string): AsyncGenerator<Buffer> {
  const handle = await readable(() => open(file, constants.O_RDONLY | NO_FOLLOW));
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await readable(() => handle.read(chunk, 0, CHUNK));
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Files of an unpacked bag. SECURITY: a link is refused, never followed out of the folder. */
async function* folderEntries(root: string, under: string): AsyncGenerator<BagEntry> {
  const folder = await readable(() => opendir(path.join(root, under)));
  for await (const entry of folder) {
    const name = under === '' ? entry.name : `${under}/${entry.name}`;
    const full = path.join(root, name);
    const info = await readable(() => lstat(full));
    if (pathProblem(name) !== null || !(info.isFile() || info.isDirectory())) {
      throw new CustosError(
        'BUNDLE_INVALID',
        'The folder holds a link, a device or an unsafe name. It was not followed.',
      );
    }
    if (info.isDirectory()) yield* folderEntries(root, name);
    else yield { path: name, bytes: info.size, content: readFileChunks(full) };
  }
}

async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = systemCode(error);
    if (code === '' || error instanceof CustosError) throw error;
    const sentence =
      code === 'ENOENT'
        ? 'There is no bundle at that place.'
        : `The bundle could not be read (${code}). Check the disk and that you may read it.`;
    throw new CustosError('SOURCE_UNREADABLE', sentence, { cause: error });
  }
}
