import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  freeBytes,
  fsyncFolder,
  fsyncFolderAsync,
  makeFolder,
  removeFileDurably,
  writeFileDurably,
} from '#core/store/files.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'custos-files-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('durable files', () => {
  it('are written whole, replace the old content, and leave no other file behind', () => {
    const file = path.join(dir, 'slot');
    writeFileDurably(file, 'one');
    writeFileDurably(file, Buffer.from('two'));
    expect(readFileSync(file, 'utf8')).toBe('two');
    writeFileDurably(file, '');
    expect(statSync(file).size).toBe(0);
    expect(readdirSync(dir)).toEqual(['slot']);
  });

  it('cannot lie below something that is no folder', () => {
    writeFileDurably(path.join(dir, 'slot'), 'x');
    for (const below of ['slot', 'slot/a/b'])
      expect(() => makeFolder(path.join(dir, below)), below).toThrow(/ENOTDIR/);
    expect(readdirSync(dir)).toEqual(['slot']);
  });

  it.skipIf(process.platform !== 'linux')('cannot lie where the system makes none', () => {
    expect(() => makeFolder('/proc/no such process/folder')).toThrow(/ENOENT/);
  });

  it.skipIf(process.platform === 'win32')('are for their owner only, as are folders', () => {
    writeFileDurably(path.join(dir, 'slot'), 'x');
    makeFolder(path.join(dir, 'a/b/c'));
    expect(statSync(path.join(dir, 'slot')).mode & 0o777).toBe(0o600);
    for (const name of ['a', 'a/b', 'a/b/c']) {
      expect(statSync(path.join(dir, name)).mode & 0o777).toBe(0o700);
    }
  });

  it('keep the old content, and no remains of the new, where writing fails', () => {
    const target = path.join(dir, 'taken');
    mkdirSync(path.join(target, 'inside'), { recursive: true });
    expect(() => {
      writeFileDurably(target, 'x');
    }).toThrow(expect.objectContaining({ name: 'CustosError' }));
    expect(readdirSync(dir)).toEqual(['taken']);
    expect(() => {
      writeFileDurably(path.join(dir, 'nowhere/file'), 'x');
    }).toThrow(expect.objectContaining({ code: 'IO_FAILED' }));
  });

  it('can be removed, once or twice', () => {
    const file = path.join(dir, 'gone');
    writeFileSync(file, 'x');
    removeFileDurably(file);
    removeFileDurably(file);
    expect(existsSync(file)).toBe(false);
  });

  it('making a folder that is there is no mistake; in the way of a file it is', () => {
    makeFolder(dir);
    writeFileSync(path.join(dir, 'file'), 'x');
    expect(() => {
      makeFolder(path.join(dir, 'file'));
    }).toThrow(expect.objectContaining({ name: 'CustosError' }));
  });

  it('flushing a folder that is missing is typed', async () => {
    fsyncFolder(dir);
    await fsyncFolderAsync(dir);
    if (process.platform === 'win32') return;
    const missing = path.join(dir, 'missing');
    expect(() => {
      fsyncFolder(missing);
    }).toThrow(expect.objectContaining({ code: 'IO_FAILED' }));
    await expect(fsyncFolderAsync(missing)).rejects.toMatchObject({ code: 'IO_FAILED' });
  });

  it('free space is a plausible number of bytes', () => {
    expect(Number.isSafeInteger(freeBytes(dir))).toBe(true);
    expect(freeBytes(dir)).toBeGreaterThan(0);
  });
});
