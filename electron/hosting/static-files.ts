/** The built screens, held in memory and looked up by exact path. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
};

export interface StaticFile {
  type: string;
  bytes: Uint8Array;
}
/** Keys are URL paths such as `/index.html`; `/` is the same page. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/**
 * Reads every regular file below `root` whose type is known. The few megabytes of a built screen
 * stay in memory.
 * SECURITY: a request is only ever compared with this list, never turned into a path, so there is
 * nothing for `..`, encoded slashes or links to reach.
 *
 * Errors: IO_FAILED when `root` holds no `index.html`.
 */
export async function loadStaticFiles(root: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  await collect(root, '', files);
  const index = files.get('/index.html');
  if (!index) {
    throw new CustosError(
      'IO_FAILED',
      'The built screens are missing. Build them first with "npm run build".',
    );
  }
  files.set('/', index);
  return files;
}

async function collect(folder: string, prefix: string, into: Map<string, StaticFile>) {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new CustosError(
      'IO_FAILED',
      'The built screens could not be read. Build them first with "npm run build".',
      { cause },
    );
  });
  for (const name of names) {
    const file = path.join(folder, name);
    const kind = await lstat(file);
    if (kind.isDirectory()) await collect(file, `${prefix}/${name}`, into);
    // Links are left out: only what the build wrote itself is served.
    if (!kind.isFile()) continue;
    const type = TYPES[path.extname(name)];
    if (type) into.set(`${prefix}/${name}`, { type, bytes: await readFile(file) });
  }
}
