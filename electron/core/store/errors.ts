/** What SQLite and the file system report, in the product's own words. */
import { CustosError, isCustosError, type ErrorCode } from '#shared/domain/errors.ts';

interface Meaning {
  code: ErrorCode;
  /** `doing` completes "… while ___", for instance "writing the catalogue". */
  sentence: (doing: string, cause: string) => string;
}

const DISK_FULL: Meaning = {
  code: 'DISK_FULL',
  sentence: (doing) =>
    `The disk is full: there was no room left while ${doing}. Everything acknowledged before is kept. Free some space, then try again.`,
};

const IO_FAILED: Meaning = {
  code: 'IO_FAILED',
  sentence: (doing, cause) =>
    `The disk or the system reported an error (${cause}) while ${doing}. It was not tried again, because a second try may pretend to succeed. Check the disk and its connection, then open the workspace again.`,
};

const NO_PERMISSION: Meaning = {
  code: 'IO_FAILED',
  sentence: (doing, cause) =>
    `The system refused access (${cause}) while ${doing}. Check that your user account owns the workspace folder and may read and write in it.`,
};

const MISSING: Meaning = {
  code: 'IO_FAILED',
  sentence: (doing, cause) =>
    `A file or folder that should be there is missing or is not what it should be (${cause}) while ${doing}. Check that the disk is connected and the workspace folder is complete.`,
};

const READ_ONLY: Meaning = {
  code: 'READ_ONLY',
  sentence: (doing) =>
    `The workspace cannot be written to, which was found while ${doing}. It may lie on a read-only disk, or it was opened for reading only.`,
};

const BUSY: Meaning = {
  code: 'WORKSPACE_BUSY',
  sentence: (doing) =>
    `Another program holds the workspace, which was found while ${doing}. Close the other window or command that uses it, then try again.`,
};

const DAMAGED: Meaning = {
  code: 'WORKSPACE_DAMAGED',
  sentence: (doing) =>
    `A database of the workspace is damaged, which was found while ${doing}. Do not go on working with it: copy the whole workspace folder to another disk first, then restore from a backup.`,
};

const WRONG_KEY_OR_DAMAGED: Meaning = {
  code: 'WORKSPACE_DAMAGED',
  sentence: (doing) =>
    `A database of the workspace could not be opened with its key, which was found while ${doing}: its first page is damaged, or the file belongs to another workspace. Copy the whole workspace folder to another disk first, then restore from a backup.`,
};

/** System error names, and SQLite's primary result codes (an extended code begins with its own). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: DISK_FULL,
  EDQUOT: DISK_FULL,
  EFBIG: DISK_FULL,
  EIO: IO_FAILED,
  ENXIO: IO_FAILED,
  ENODEV: IO_FAILED,
  ESTALE: IO_FAILED,
  ETIMEDOUT: IO_FAILED,
  EMFILE: IO_FAILED,
  ENFILE: IO_FAILED,
  ENOMEM: IO_FAILED,
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  EROFS: READ_ONLY,
  ENOENT: MISSING,
  ENOTDIR: MISSING,
  EISDIR: MISSING,
  ELOOP: MISSING,
  EBUSY: BUSY,
  SQLITE_FULL: DISK_FULL,
  // Memory that is shared through a file: it fails to grow where there is no room for the file.
  SQLITE_IOERR_SHMSIZE: DISK_FULL,
  SQLITE_IOERR: IO_FAILED,
  SQLITE_NOMEM: IO_FAILED,
  SQLITE_PERM: NO_PERMISSION,
  SQLITE_CANTOPEN: MISSING,
  SQLITE_READONLY: READ_ONLY,
  SQLITE_BUSY: BUSY,
  SQLITE_LOCKED: BUSY,
  SQLITE_CORRUPT: DAMAGED,
  SQLITE_NOTADB: WRONG_KEY_OR_DAMAGED,
};

/**
 * The typed error for anything that storage throws; a CustosError is handed back as it is.
 * `doing` completes the sentence "… while ___" and must name no path and no secret.
 * What is not known becomes INTERNAL, with the original as its cause.
 */
export function asCustosError(error: unknown, doing: string): CustosError {
  if (isCustosError(error)) return error;
  const code = systemCode(error);
  const meaning = MEANINGS[code] ?? MEANINGS[primaryCode(code)];
  if (meaning) {
    return new CustosError(meaning.code, meaning.sentence(doing, code), { cause: error });
  }
  return new CustosError('INTERNAL', `Something unexpected went wrong while ${doing}.`, {
    cause: error,
  });
}

/** Runs `work` and throws whatever goes wrong as a CustosError. */
export function typed<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asCustosError(error, doing);
  }
}

/** As `typed`, for work that waits. */
export async function typedAsync<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asCustosError(error, doing);
  }
}

/** "ENOSPC", "SQLITE_IOERR_WRITE" … or an empty text. */
export function systemCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return '';
}

/** SQLITE_IOERR_WRITE → SQLITE_IOERR. */
function primaryCode(code: string): string {
  return code.startsWith('SQLITE_') ? code.split('_').slice(0, 2).join('_') : code;
}
