import { createHash, randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBlobStore, type BlobKeys } from '#core/store/blobs.ts';
import { Flusher } from '#core/store/sealed-io.ts';
import type { BlobStore } from '#core/store/types.ts';
import { CHUNK_BYTES, HEADER_BYTES } from '#core/vault/sealed-file.ts';
import { codeOf, codeOfAsync, collect, folder } from './support.ts';

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

function newStore(): { dir: string; keys: BlobKeys; store: BlobStore } {
  const dir = folder();
  const keys = { content: randomBytes(32), name: randomBytes(32), epoch: 3 };
  return { dir, keys, store: openBlobStore(dir, keys) };
}

async function put(store: BlobStore, bytes: Buffer): Promise<Buffer> {
  const hash = sha256(bytes);
  await store.commit(await store.seal(bytes), hash);
  return hash;
}

/** Every file below `blobs/`. */
function blobFiles(dir: string): string[] {
  return readdirSync(path.join(dir, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function onlyBlob(dir: string): string {
  const [file, ...others] = blobFiles(dir);
  if (file === undefined || others.length > 0) throw new Error('expected exactly one blob');
  return file;
}

const temporaryFiles = (dir: string): string[] => readdirSync(path.join(dir, 'tmp'));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

describe('originals', () => {
  it.each([0, 1, 1000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5_000_000])(
    'of %i bytes come back to the byte, read or streamed, from bytes or from pieces',
    async (length) => {
      const { dir, keys, store } = newStore();
      const bytes = randomBytes(length);
      const hash = sha256(bytes);
      expect(store.has(hash)).toBe(false);
      const temp = await store.seal(bytes);
      expect(temp.bytes).toBe(length);
      expect(store.has(hash)).toBe(false);
      await store.commit(temp, hash);
      expect(store.has(hash)).toBe(true);
      expect((await store.read(hash)).equals(bytes)).toBe(true);
      expect((await collect(store.stream(hash))).equals(bytes)).toBe(true);
      expect(temporaryFiles(dir)).toEqual([]);

      const other = openBlobStore(folder(), keys);
      const pieced = await other.seal(inPieces(bytes, 100_003));
      expect(pieced.bytes).toBe(length);
      await other.commit(pieced, hash);
      expect((await other.read(hash)).equals(bytes)).toBe(true);
    },
  );

  it('tell nothing by their name or content, and are for their owner only', async () => {
    const { dir, store } = newStore();
    const bytes = Buffer.from('a picture nobody may see '.repeat(1000));
    const hash = await put(store, bytes);
    const file = onlyBlob(dir);
    const name = path.basename(file);
    expect(name).toMatch(/^[0-9a-f]{64}\.evb$/);
    expect(path.basename(path.dirname(file))).toBe(name.slice(0, 2));
    expect(name).not.toContain(hash.toString('hex'));
    expect(readFileSync(file).includes('nobody may see')).toBe(false);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('cannot be found or read with other keys', async () => {
    const { dir, keys, store } = newStore();
    const hash = await put(store, randomBytes(1000));
    const otherName = openBlobStore(dir, { ...keys, name: randomBytes(32) });
    expect(otherName.has(hash)).toBe(false);
    expect(await codeOfAsync(() => otherName.read(hash))).toBe('BLOB_DAMAGED');
    const otherContent = openBlobStore(dir, { ...keys, content: randomBytes(32) });
    expect(await codeOfAsync(() => otherContent.read(hash))).toBe('BLOB_DAMAGED');
    expect((await openBlobStore(dir, keys).read(hash)).length).toBe(1000);
  });

  it('can be sealed several at a time', async () => {
    const { store } = newStore();
    const all = Array.from({ length: 40 }, () => randomBytes(50_000));
    const hashes = await Promise.all(all.map((bytes) => put(store, bytes)));
    for (const [i, hash] of hashes.entries()) {
      expect((await store.read(hash)).equals(all[i] ?? Buffer.alloc(0))).toBe(true);
    }
  });
});

describe('committing', () => {
  it('refuses a hash that is not that of the sealed bytes', async () => {
    const { dir, store } = newStore();
    const temp = await store.seal(randomBytes(1000));
    const wrong = sha256(randomBytes(1000));
    expect(await codeOfAsync(() => store.commit(temp, wrong))).toBe('IO_FAILED');
    expect(store.has(wrong)).toBe(false);
    await store.discard(temp);
    expect(blobFiles(dir)).toEqual([]);
    expect(temporaryFiles(dir)).toEqual([]);
  });

  it('the same original twice keeps the one that is there', async () => {
    const { dir, store } = newStore();
    const bytes = randomBytes(300_000);
    const hash = await put(store, bytes);
    const before = readFileSync(onlyBlob(dir));
    await put(store, bytes);
    expect(readFileSync(onlyBlob(dir)).equals(before)).toBe(true);
    expect(temporaryFiles(dir)).toEqual([]);
    expect((await store.read(hash)).equals(bytes)).toBe(true);
  });

  it('over a damaged one puts the good one in its place and keeps the damaged one aside', async () => {
    const { dir, store } = newStore();
    const bytes = randomBytes(300_000);
    const hash = await put(store, bytes);
    const file = onlyBlob(dir);
    truncateSync(file, 5000);
    expect(await codeOfAsync(() => store.read(hash))).toBe('BLOB_DAMAGED');
    await put(store, bytes);
    expect((await store.read(hash)).equals(bytes)).toBe(true);
    const aside = blobFiles(dir).filter((name) => name !== file);
    expect(aside).toHaveLength(1);
    expect(statSync(aside[0] ?? '').size).toBe(5000);
  });
});

describe('damage', () => {
  const LENGTH = 3 * CHUNK_BYTES + 1000;

  /** Reads both ways after a change to the file; also proves that undoing the change heals it. */
  const afterChange = async (change: (file: string) => void): Promise<string[]> => {
    const { dir, store } = newStore();
    const hash = await put(store, randomBytes(LENGTH));
    const file = onlyBlob(dir);
    const good = readFileSync(file);
    change(file);
    const found = [
      await codeOfAsync(() => store.read(hash)),
      await codeOfAsync(() => collect(store.stream(hash))),
    ];
    writeFileSync(file, good);
    expect((await store.read(hash)).length).toBe(LENGTH);
    return found;
  };
  const flip =
    (place: (size: number) => number) =>
    (file: string): void => {
      const bytes = readFileSync(file);
      const at = place(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      writeFileSync(file, bytes);
    };

  it.each<[string, (size: number) => number]>([
    ['the magic', () => 0],
    ['the version', () => 9],
    ['the reserved bytes', () => 11],
    ['the chunk size', () => 14],
    ['the epoch', () => 19],
    ['the salt', () => 40],
    ['the key commitment', () => 70],
    ['the last byte of the header', () => HEADER_BYTES - 1],
    ['the first byte of the first chunk', () => HEADER_BYTES],
    ['the tag of the first chunk', () => HEADER_BYTES + CHUNK_BYTES + 3],
    ['the second chunk', () => HEADER_BYTES + CHUNK_BYTES + 16 + 5],
    ['the last chunk', (size) => size - 500],
    ['the tag of the last chunk', (size) => size - 16],
    ['the very last byte', (size) => size - 1],
  ])('one bit of %s is found', async (_, place) => {
    expect(await afterChange(flip(place))).toEqual(['BLOB_DAMAGED', 'BLOB_DAMAGED']);
  });

  it.each<[string, (size: number) => number]>([
    ['emptied', () => 0],
    ['cut inside the header', () => 50],
    ['cut after the header', () => HEADER_BYTES],
    ['cut at the end of a chunk', () => HEADER_BYTES + CHUNK_BYTES + 16],
    ['cut inside a chunk', () => HEADER_BYTES + 2 * CHUNK_BYTES],
    ['short of its last byte', (size) => size - 1],
    ['one byte too long', (size) => size + 1],
    ['longer by zeros', (size) => size + CHUNK_BYTES],
  ])('a file %s is found', async (_, length) => {
    const change = (file: string): void => {
      truncateSync(file, length(statSync(file).size));
    };
    expect(await afterChange(change)).toEqual(['BLOB_DAMAGED', 'BLOB_DAMAGED']);
  });

  it('a missing file is found', async () => {
    const found = await afterChange((file) => {
      rmSync(file);
    });
    expect(found).toEqual(['BLOB_DAMAGED', 'BLOB_DAMAGED']);
  });

  it('two originals changed over are found, though each is authentic', async () => {
    const { dir, store } = newStore();
    const one = await put(store, randomBytes(LENGTH));
    const fileOfOne = onlyBlob(dir);
    const other = await put(store, randomBytes(LENGTH));
    const fileOfOther = blobFiles(dir).find((file) => file !== fileOfOne) ?? '';
    const aside = path.join(dir, 'aside');
    copyFileSync(fileOfOne, aside);
    copyFileSync(fileOfOther, fileOfOne);
    copyFileSync(aside, fileOfOther);
    for (const hash of [one, other]) {
      expect(await codeOfAsync(() => store.read(hash))).toBe('BLOB_DAMAGED');
      expect(await codeOfAsync(() => collect(store.stream(hash)))).toBe('BLOB_DAMAGED');
    }
    // A stream never hands out the end of what it cannot vouch for.
    let handedOut = 0;
    await expect(
      (async () => {
        for await (const piece of store.stream(one)) handedOut += piece.length;
      })(),
    ).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
    expect(handedOut).toBeLessThan(LENGTH);
  });
});

describe('what a crash or a failure leaves', () => {
  it('in tmp/ is cleared away at the next opening; nothing else is', async () => {
    const { dir, keys, store } = newStore();
    const hash = await put(store, randomBytes(1000));
    const temp = await store.seal(randomBytes(1000));
    expect(temporaryFiles(dir)).toEqual([path.basename(temp.path)]);
    const notOurs = path.join(dir, 'tmp', 'bundle.part');
    writeFileSync(notOurs, 'x');
    openBlobStore(dir, keys, { readOnly: true });
    expect(existsSync(temp.path)).toBe(true);
    const reopened = openBlobStore(dir, keys);
    expect(temporaryFiles(dir)).toEqual(['bundle.part']);
    expect(reopened.has(hash)).toBe(true);
  });

  it('a source that fails half-way leaves nothing and is named as the source', async () => {
    const { dir, store } = newStore();
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield await Promise.resolve(randomBytes(600_000));
      throw Object.assign(new Error('read error'), { code: 'EIO' });
    };
    expect(await codeOfAsync(() => store.seal(failing()))).toBe('SOURCE_UNREADABLE');
    expect(temporaryFiles(dir)).toEqual([]);
  });

  it('a folder that has gone is a typed failure', async () => {
    const { dir, store } = newStore();
    rmSync(path.join(dir, 'tmp'), { recursive: true });
    expect(await codeOfAsync(() => store.seal(randomBytes(10)))).toBe('IO_FAILED');
  });
});

describe('a flush that fails', () => {
  /** Stands in for an open file whose flushes end as told. */
  const handle = (code: string | null): { calls: number; sync: () => Promise<void> } => {
    const fake = {
      calls: 0,
      sync: (): Promise<void> => {
        fake.calls++;
        return code === null
          ? Promise.resolve()
          : Promise.reject(Object.assign(new Error(code), { code }));
      },
    };
    return fake;
  };

  it('is not tried again, and nothing is written after it', async () => {
    const flusher = new Flusher();
    const good = handle(null);
    await flusher.file(good);
    flusher.requireTrusted();
    const bad = handle('EIO');
    expect(await codeOfAsync(() => flusher.file(bad))).toBe('IO_FAILED');
    expect(bad.calls).toBe(1);
    expect(
      codeOf(() => {
        flusher.requireTrusted();
      }),
    ).toBe('IO_FAILED');
    expect(await codeOfAsync(() => flusher.file(good))).toBe('IO_FAILED');
    expect(good.calls).toBe(1);
  });

  it('for want of room does not stop the store for good', async () => {
    const flusher = new Flusher();
    expect(await codeOfAsync(() => flusher.file(handle('ENOSPC')))).toBe('DISK_FULL');
    flusher.requireTrusted();
  });
});
