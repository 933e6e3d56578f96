/** What a dialog of the development host may know of the file system: names, nothing inside. */
import { lstat, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export interface Listing {
  /** Absolute path of the folder listed. */
  folder: string;
  /** Null at the top. */
  parent: string | null;
  entries: { name: string; folder: boolean }[];
  /** True when there were more than are listed. */
  cut: boolean;
  /** Set when the folder could not be read; then there are no entries. */
  problem: string | null;
}

const MOST = 5_000;

export function startFolder(): string {
  return homedir();
}

/** Folders first, then files, both by name. Hidden names and what is neither are left out. */
export async function listFolder(where: string): Promise<Listing> {
  const folder = path.resolve(where);
  const above = path.dirname(folder);
  const listing = { folder, parent: above === folder ? null : above };
  try {
    const names = (await readdir(folder, { withFileTypes: true })).filter(
      (entry) => !entry.name.startsWith('.'),
    );
    const entries = await Promise.all(
      names.slice(0, MOST).map(async (entry) => {
        // A link counts as what it leads to; the importer decides later whether to follow it.
        const kind = entry.isSymbolicLink()
          ? await stat(path.join(folder, entry.name)).catch(() => null)
          : entry;
        if (!kind || !(kind.isDirectory() || kind.isFile())) return null;
        return { name: entry.name, folder: kind.isDirectory() };
      }),
    );
    return {
      ...listing,
      entries: entries.filter((entry) => entry !== null).sort(byKindThenName),
      cut: names.length > MOST,
      problem: null,
    };
  } catch {
    const problem = 'This folder cannot be read. Go up, or choose another.';
    return { ...listing, entries: [], cut: false, problem };
  }
}

function byKindThenName(a: Listing['entries'][number], b: Listing['entries'][number]): number {
  if (a.folder !== b.folder) return a.folder ? -1 : 1;
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}

/** Why nothing new of this name can be made in the folder, as a sentence, or null. */
export async function checkNewName(folder: string, name: string): Promise<string | null> {
  if (name.trim() === '') return 'Type a name first.';
  if (name === '.' || name === '..' || /[/\\\0]/.test(name)) {
    return 'A name cannot hold slashes, and cannot be "." or "..".';
  }
  const there = await lstat(path.join(folder, name)).then(
    () => true,
    () => false,
  );
  return there ? 'There is something of this name here already. Choose another name.' : null;
}
