import { describe, expect, it } from 'vitest';
import { asCustosError, typed, typedAsync } from '#core/store/errors.ts';
import { CustosError } from '#shared/domain/errors.ts';

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: no luck, open '/home/somebody/secret.jpg'`), { code });
}

describe('failures of the disk and the database in our words', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['SQLITE_FULL', 'DISK_FULL'],
    ['EIO', 'IO_FAILED'],
    ['EMFILE', 'IO_FAILED'],
    ['EACCES', 'IO_FAILED'],
    ['ENOENT', 'IO_FAILED'],
    ['SQLITE_IOERR', 'IO_FAILED'],
    ['SQLITE_IOERR_WRITE', 'IO_FAILED'],
    ['SQLITE_IOERR_FSYNC', 'IO_FAILED'],
    ['SQLITE_CANTOPEN', 'IO_FAILED'],
    ['SQLITE_BUSY', 'WORKSPACE_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 'WORKSPACE_BUSY'],
    ['SQLITE_LOCKED', 'WORKSPACE_BUSY'],
    ['SQLITE_READONLY', 'READ_ONLY'],
    ['SQLITE_READONLY_DBMOVED', 'READ_ONLY'],
    ['EROFS', 'READ_ONLY'],
    ['SQLITE_CORRUPT', 'WORKSPACE_DAMAGED'],
    ['SQLITE_CORRUPT_INDEX', 'WORKSPACE_DAMAGED'],
    ['SQLITE_NOTADB', 'WORKSPACE_DAMAGED'],
    ['SQLITE_CONSTRAINT_CHECK', 'INTERNAL'],
    ['EWHATEVER', 'INTERNAL'],
  ])('%s is %s, says what was being done and names no path', (code, expected) => {
    const cause = failure(code);
    const error = asCustosError(cause, 'writing the catalogue');
    expect(error.code).toBe(expected);
    expect(error.message).toContain('while writing the catalogue');
    expect(error.message).not.toContain('somebody');
    expect(error.cause).toBe(cause);
  });

  it('takes what is not even an error', () => {
    expect(asCustosError('thrown text', 'reading').code).toBe('INTERNAL');
    expect(asCustosError(undefined, 'reading').code).toBe('INTERNAL');
  });

  it('hands a typed error back as it is', () => {
    const error = new CustosError('BLOB_DAMAGED', 'A sentence.');
    expect(asCustosError(error, 'reading')).toBe(error);
  });

  it('types what a piece of work throws, waiting or not, and lets its answer through', async () => {
    expect(typed('working', () => 5)).toBe(5);
    expect(() =>
      typed('working', () => {
        throw failure('EIO');
      }),
    ).toThrow(expect.objectContaining({ code: 'IO_FAILED' }));
    await expect(typedAsync('working', () => Promise.resolve(5))).resolves.toBe(5);
    await expect(
      typedAsync('working', () => Promise.reject(failure('ENOSPC'))),
    ).rejects.toMatchObject({ code: 'DISK_FULL' });
  });
});
