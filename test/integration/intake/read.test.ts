import { createHash } from 'node:crypto';
import {
  appendFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSource, type SourceFile } from '#core/intake/read.ts';
import { walk, type Found } from '#core/intake/sources.ts';
import { temporaryFolder } from '../../support/workspace.ts';
import { codeOf, makePipe } from './setup.ts';

function folder(): string {
  const { dir, remove } = temporaryFolder();
  onTestFinished(remove);
  return dir;
}

async function opened(file: string): Promise<SourceFile> {
  const source = await openSource(Buffer.from(file));
  onTestFinished(() => source.close());
  return source;
}

async function drain(source: SourceFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source.chunks()) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('reading one source file', () => {
  it('gives the same bytes whole and in chunks', async () => {
    const file = path.join(folder(), 'a');
    const bytes = createHash('shake256', { outputLength: 3_000_001 }).update('a').digest();
    writeFileSync(file, bytes);
    const source = await opened(file);
    expect((await source.readAll()).equals(bytes)).toBe(true);
    expect((await drain(source)).equals(bytes)).toBe(true);
  });

  it('names what vanished, became a link, or became something else after the walk', async () => {
    const dir = folder();
    const file = path.join(dir, 'a');
    expect(await codeOf(opened(file))).toBe('SOURCE_UNREADABLE');
    symlinkSync('/etc/hostname', file);
    await expect(opened(file)).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('became a link') as string,
    });
    rmSync(file);
    makePipe(file);
    expect(await codeOf(opened(file))).toBe('SOURCE_REFUSED');
    expect(await codeOf(opened(dir))).toBe('SOURCE_REFUSED');
  });

  it.each([
    ['grew', (file: string) => appendFileSync(file, 'x')],
    ['shrank', (file: string) => truncateSync(file, 1)],
    ['was written over', (file: string) => writeFileSync(file, 'other bytes')],
    [
      'was written over and dated back',
      (file: string) => {
        writeFileSync(file, 'other bytes');
        utimesSync(file, 1000, 1000);
      },
    ],
  ])('notices a file that %s', async (_how, change) => {
    const file = path.join(folder(), 'a');
    writeFileSync(file, 'their bytes');
    utimesSync(file, 1000, 1000);
    // The system's own clock for files ticks in steps of some milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const whole = await opened(file);
    const chunks = await opened(file);
    expect((await whole.readAll()).toString()).toBe('their bytes');
    change(file);
    expect(await codeOf(whole.readAll())).toBe('SOURCE_CHANGED');
    expect(await codeOf(drain(chunks))).toBe('SOURCE_CHANGED');
  });

  it('gives up at once when cancelled', async () => {
    const file = path.join(folder(), 'a');
    writeFileSync(file, 'x');
    const controller = new AbortController();
    const source = await openSource(Buffer.from(file), controller.signal);
    controller.abort();
    expect(await codeOf(source.readAll())).toBe('CANCELLED');
    expect(await codeOf(openSource(Buffer.from(file), controller.signal))).toBe('CANCELLED');
    await source.close();
  });
});

describe('walking', () => {
  const all = async (paths: string[], signal?: AbortSignal): Promise<Found[]> => {
    const found: Found[] = [];
    for await (const one of walk(paths, folder(), signal)) found.push(one);
    return found;
  };

  it('names a chosen file that is not there any more', async () => {
    const gone = path.join(folder(), 'gone');
    expect(await all([gone])).toMatchObject([{ kind: 'refused', code: 'SOURCE_UNREADABLE' }]);
  });

  it('goes in byte order and below the running system never', async () => {
    const dir = folder();
    for (const name of ['b', 'B', 'a', 'ä', '10', '9']) writeFileSync(path.join(dir, name), '');
    const names = (await all([dir])).map(({ path: at }) => path.basename(at.toString()));
    expect(names).toEqual(['10', '9', 'B', 'a', 'b', 'ä']);
    for (const system of ['/proc', '/proc/self/task', '/sys/kernel', '/dev'])
      expect(await all([system])).toMatchObject([{ kind: 'refused', code: 'SOURCE_REFUSED' }]);
  });

  it('ends without a word when cancelled', async () => {
    expect(await all([folder()], AbortSignal.abort())).toEqual([]);
  });
});
