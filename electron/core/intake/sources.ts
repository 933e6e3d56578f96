/**
 * Walking what somebody chose: files and folders, in a stable order, following no link and
 * opening nothing that is not a regular file. Everything met is yielded, either as a file or as a
 * refusal with its reason, so that the ledger can account for all of it.
 */
import { constants } from 'node:fs';
import { access, lstat, opendir, realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';

export interface FoundFile {
  kind: 'file';
  /** Bytes as the file system gave them. */
  path: Buffer;
  bytes: number;
}
export interface FoundRefusal {
  kind: 'refused';
  path: Buffer;
  code: 'SOURCE_REFUSED' | 'SOURCE_UNREADABLE' | 'SOURCE_CHANGED';
  reason: string;
}
export type Found = FoundFile | FoundRefusal;

/** Folders of the running system, where reading a "file" can hang or never end. */
const SYSTEM_FOLDERS = ['/proc', '/sys', '/dev'];
const SLASH = Buffer.from(sep);

/**
 * Checks that every chosen path is there and readable before anything is written.
 * Throws SOURCE_UNREADABLE or SOURCE_REFUSED naming the path.
 */
export async function checkSources(paths: readonly string[], workspaceDir: string): Promise<void> {
  const inside = await realpath(workspaceDir);
  for (const path of paths) {
    const real = await resolveOrExplain(path);
    if (SYSTEM_FOLDERS.some((folder) => isInside(real, folder)))
      throw new CustosError(
        'SOURCE_REFUSED',
        `"${path}" belongs to the running system and holds no evidence. Choose another source.`,
      );
    if (isInside(real, inside))
      throw new CustosError(
        'SOURCE_REFUSED',
        `"${path}" is inside this workspace. Choose the folder the pictures came from.`,
      );
  }
}

async function resolveOrExplain(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    await access(real, constants.R_OK);
    return real;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CustosError(
      'SOURCE_UNREADABLE',
      missing
        ? `"${path}" is not there. Check the name, or that the disk is connected. Nothing was imported.`
        : `"${path}" cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}). Check its permissions. Nothing was imported.`,
      { cause: error },
    );
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Everything below the chosen paths, folder by folder, names in byte order. */
export async function* walk(
  paths: readonly string[],
  workspaceDir: string,
  signal?: AbortSignal,
): AsyncGenerator<Found> {
  const seen = new Set<string>();
  const skip = Buffer.from(await realpath(workspaceDir));
  for (const path of paths) yield* visit(Buffer.from(path), skip, seen, signal);
}

async function* visit(
  path: Buffer,
  workspace: Buffer,
  seen: Set<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Found> {
  if (signal?.aborted) return;
  let stat;
  try {
    stat = await lstat(path);
  } catch (error) {
    yield unreadable(path, error);
    return;
  }
  if (stat.isSymbolicLink()) {
    yield refused(path, 'A link is not followed; import the file it points to by itself.');
  } else if (stat.isFile()) {
    yield { kind: 'file', path, bytes: stat.size };
  } else if (!stat.isDirectory()) {
    yield refused(path, 'This is a device, pipe or socket, not a file.');
  } else if (path.equals(workspace)) {
    yield refused(path, 'This folder is the workspace itself.');
  } else if (SYSTEM_FOLDERS.includes(path.toString())) {
    yield refused(path, 'This folder belongs to the running system.');
  } else {
    // A bind mount can make a folder contain itself; a folder is entered once.
    const identity = `${stat.dev}:${stat.ino}`;
    if (seen.has(identity)) {
      yield refused(path, 'This folder was met before under another name.');
      return;
    }
    seen.add(identity);
    let names: Buffer[];
    try {
      names = await readNames(path);
    } catch (error) {
      yield unreadable(path, error);
      return;
    }
    for (const name of names) {
      const trimmed = path.at(-1) === SLASH[0] ? path : Buffer.concat([path, SLASH]);
      yield* visit(Buffer.concat([trimmed, name]), workspace, seen, signal);
    }
  }
}

async function readNames(path: Buffer): Promise<Buffer[]> {
  const names: Buffer[] = [];
  // The type says string; with `buffer` the names are the raw bytes.
  const folder = await opendir(path as unknown as string, { encoding: 'buffer' as BufferEncoding });
  for await (const entry of folder) names.push(entry.name as unknown as Buffer);
  return names.sort(Buffer.compare);
}

function refused(path: Buffer, reason: string): FoundRefusal {
  return { kind: 'refused', path, code: 'SOURCE_REFUSED', reason };
}

function unreadable(path: Buffer, error: unknown): FoundRefusal {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const reason = `This could not be read from the source (${code}).`;
  return { kind: 'refused', path, code: 'SOURCE_UNREADABLE', reason };
}
