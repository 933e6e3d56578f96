/** The SQLite driver: loaded late, and only where it can run. */
import { createRequire } from 'node:module';
import type { Database, Options } from 'better-sqlite3';
import { CustosError } from '#shared/domain/errors.ts';

/** The driver's own methods, which its stock types do not know. */
export interface EncryptedDatabase extends Database {
  /** Returns SQLite's result code; 0 is good. Whether the key is right shows at the first read. */
  key(key: Buffer): number;
  /** Rewrites the whole file under another key. Not in WAL mode. Result as for `key`. */
  rekey(key: Buffer): number;
}

interface Driver {
  new (file: string, options?: Options): EncryptedDatabase;
}

/** The Node-API version that the driver is built against. Node 24 and Electron 45 offer 10. */
const NEEDED_NODE_API = 10;
/** Older ones have a bug that can corrupt a database when it is checkpointed while being written. */
const NEEDED_SQLITE = [3, 51, 3] as const;

let driver: Driver | null = null;

/** Opens a file with the driver, unkeyed. The first call loads the native part. */
export function openFile(file: string, options: Options): EncryptedDatabase {
  driver ??= loadDriver();
  return new driver(file, options);
}

/** Throws RUNTIME_UNSUITABLE unless the running Node (or Electron) can load the driver. */
export function requireRuntime(versions: { napi?: string; node?: string }): void {
  if (Number(versions.napi ?? 0) >= NEEDED_NODE_API) return;
  throw new CustosError(
    'RUNTIME_UNSUITABLE',
    `Custos needs Node 24 or newer and was started with Node ${versions.node ?? 'of unknown version'}. Nothing was opened. Start it with "npm run", which brings the right Node along, or install Node 24.`,
  );
}

/** Throws RUNTIME_UNSUITABLE where SQLite is older than the version known to be sound. */
export function requireSqliteVersion(version: string): void {
  const found = version.split('.').map(Number);
  for (const [place, needed] of NEEDED_SQLITE.entries()) {
    const part = found[place] ?? 0;
    if (part > needed) return;
    if (part < needed) {
      throw new CustosError(
        'RUNTIME_UNSUITABLE',
        `This build of Custos carries SQLite ${version} and needs ${NEEDED_SQLITE.join('.')} or newer. Nothing was opened. Install Custos again.`,
      );
    }
  }
}

function loadDriver(): Driver {
  // Before the native part is touched: on a runtime that is too old it ends the whole process with
  // a segmentation fault, which nobody could act on.
  requireRuntime(process.versions);
  try {
    return createRequire(import.meta.url)('better-sqlite3') as Driver;
  } catch (error) {
    throw new CustosError(
      'RUNTIME_UNSUITABLE',
      'The database library of Custos could not be loaded on this computer. Nothing was opened. Install Custos again, in the form made for this operating system and processor.',
      { cause: error },
    );
  }
}
