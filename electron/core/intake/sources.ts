/**
 * Walking what somebody chose: files and folders, in a stable order, following no link and
 * opening nothing that is not a regular file. Everything met is yielded, either as a file or as a
 * refusal with its reason, so that the ledger can account for all of it.
 */
import { constants, type BigIntStats } from 'node:fs';
import { access, lstat, readdir, realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, resolve, sep } from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { systemCode } from '#core/store/errors.ts';
import { orCancelled } from './abandon.ts';

export interface FoundFile {
  kind: 'file';
  /** Absolute; below the chosen path, bytes as the file system gave them. */
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
/** The same wherever they are mounted (linux/magic.h): proc, sysfs, devpts, cgroup 1 and 2, debugfs, tracefs. */
const SYSTEM_KINDS = [0x9fa0, 0x62656572, 0x1cd1, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163];
const SEPARATOR = Buffer.from(sep);

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
    const code = systemCode(error);
    throw new CustosError(
      'SOURCE_UNREADABLE',
      code === 'ENOENT'
        ? `"${path}" is not there. Check the name, or that the disk is connected. Nothing was imported.`
        : `"${path}" cannot be read (${code || 'unknown'}). Check its permissions. Nothing was imported.`,
      { cause: error },
    );
  }
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** A folder being walked. The first holds the chosen paths themselves. */
interface Open {
  /** Null for the first. */
  path: Buffer | null;
  device: bigint | null;
  names: Buffer[];
  next: number;
}

/**
 * Everything below the chosen paths, folder by folder, names in byte order. Ends early, without a
 * word, once `signal` is aborted.
 */
export async function* walk(
  paths: readonly string[],
  workspaceDir: string,
  signal?: AbortSignal,
): AsyncGenerator<Found> {
  const closed = await closedFolders(workspaceDir);
  const seen = new Set<string>();
  const chosen = await Promise.all(paths.map(absolute));
  const open: Open[] = [{ path: null, device: null, names: chosen, next: 0 }];
  while (!signal?.aborted) {
    const folder = open.at(-1);
    if (!folder) return;
    const name = folder.names[folder.next++];
    if (!name) {
      open.pop();
      continue;
    }
    const path = folder.path === null ? name : join(folder.path, name);
    let met: Found | Open;
    try {
      met = await orCancelled(signal, meet(path, folder.device, closed, seen));
    } catch (error) {
      if (signal?.aborted) return;
      throw error;
    }
    if ('kind' in met) yield met;
    else open.push(met);
  }
}

/**
 * Where a chosen path truly lies. A link that was chosen itself stays one; "link/.." is what the
 * system takes it for, and not the folder that the text seems to name.
 */
async function absolute(path: string): Promise<Buffer> {
  const name = basename(path);
  try {
    if (name === '' || name === '.' || name === '..') return await realpath(path, 'buffer');
    return join(await realpath(dirname(path), 'buffer'), Buffer.from(name));
  } catch {
    // It is gone since it was checked, and is refused under this name when it is met.
    return Buffer.from(resolve(path));
  }
}

/** What lies under one path: a file, a refusal, or a folder to go on with. */
async function meet(
  path: Buffer,
  device: bigint | null,
  closed: ReadonlyMap<string, string>,
  seen: Set<string>,
): Promise<Found | Open> {
  try {
    const found = await lstat(path, { bigint: true });
    if (found.isSymbolicLink())
      return refused(path, 'A link is not followed; import the file it points to by itself.');
    if (found.isFile()) return { kind: 'file', path, bytes: Number(found.size) };
    if (!found.isDirectory()) return refused(path, 'This is a device, pipe or socket, not a file.');
    const why = closed.get(identity(found));
    if (why !== undefined) return refused(path, why);
    if (found.dev !== device && (await isSystemKind(path))) return refused(path, OF_THE_SYSTEM);
    // A mount can make a folder contain itself. Some shares number nothing: there, names end it.
    if (found.ino !== 0n) {
      if (seen.has(identity(found)))
        return refused(path, 'This folder was met before in this import, perhaps by another name.');
      seen.add(identity(found));
    }
    const names = await readdir(path, { encoding: 'buffer' });
    return { path, device: found.dev, names: names.sort((a, b) => a.compare(b)), next: 0 };
  } catch (error) {
    const reason = `This could not be read from the source (${systemCode(error) || 'unknown'}).`;
    return { kind: 'refused', path, code: 'SOURCE_UNREADABLE', reason };
  }
}

const OF_THE_SYSTEM = 'This folder belongs to the running system and holds no evidence.';

/**
 * Folders that are never entered, by identity: a path can be spelt in many ways, the folder behind
 * it is one. SECURITY: a workspace that was imported into itself would grow without end.
 */
async function closedFolders(workspaceDir: string): Promise<Map<string, string>> {
  const closed = new Map<string, string>();
  for (const folder of SYSTEM_FOLDERS) {
    try {
      closed.set(identity(await stat(folder, { bigint: true })), OF_THE_SYSTEM);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  const workspace = await stat(workspaceDir, { bigint: true });
  return closed.set(identity(workspace), 'This folder is the workspace itself.');
}

async function isSystemKind(path: Buffer): Promise<boolean> {
  return process.platform === 'linux' && SYSTEM_KINDS.includes((await statfs(path)).type);
}

function identity({ dev, ino }: BigIntStats): string {
  return `${String(dev)}:${String(ino)}`;
}

function join(folder: Buffer, name: Buffer): Buffer {
  return folder.at(-1) === SEPARATOR[0]
    ? Buffer.concat([folder, name])
    : Buffer.concat([folder, SEPARATOR, name]);
}

function refused(path: Buffer, reason: string): FoundRefusal {
  return { kind: 'refused', path, code: 'SOURCE_REFUSED', reason };
}
