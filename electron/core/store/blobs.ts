/**
 * Originals on disk: `blobs/ab/abcd….evb`, one sealed file each, named by a keyed hash so that a
 * name tells nothing about its content.
 *
 * A blob comes into being as: sealed temporary file → flush → read back, open, hash → rename →
 * flush of the folder. After `commit` returns it survives a power cut; before, it does not exist.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import { BLOBS_FOLDER } from './blob-files.ts';
import { asCustosError, typed, typedAsync } from './errors.ts';
import { fsyncFolder, makeFolder, PRIVATE_FOLDER } from './files.ts';
import { Flusher, openFromFile, sealToFile } from './sealed-io.ts';
import type { BlobStore, SealedTemp } from './types.ts';

const TEMPORARY_FOLDER = 'tmp';
const BLOB_ENDING = '.evb';
const TEMPORARY_ENDING = '.evb.tmp';

export interface BlobKeys {
  /** 32 bytes: seals the originals. */
  content: Buffer;
  /** 32 bytes: names the files. */
  name: Buffer;
  /** The epoch both belong to. */
  epoch: number;
}

/**
 * The keys as they stand: `current` seals what comes in. While originals are being sealed anew,
 * `earlier` opens those that are still to follow.
 */
export type BlobKeySource = () => { current: BlobKeys; earlier: BlobKeys | null };

/** Where the original with this SHA-256 lies, or would lie, under a key of names. */
export function blobPath(dir: string, name: Buffer, sha256: Buffer): string {
  if (sha256.length !== 32) throw new RangeError('a SHA-256 has 32 bytes');
  const digest = createHmac('sha256', name).update(sha256).digest('hex');
  return path.join(dir, BLOBS_FOLDER, digest.slice(0, 2), digest + BLOB_ENDING);
}

/**
 * Opens the store of a workspace whose lock is held, and clears away temporary files that a crash
 * has left: nothing refers to them. `readOnly` clears nothing and makes nothing.
 * The keys are used where they lie and not copied: once they are wiped, the store can do nothing.
 */
export function openBlobStore(
  dir: string,
  keys: BlobKeys | BlobKeySource,
  options: { readOnly?: boolean } = {},
): BlobStore {
  const source = typeof keys === 'function' ? keys : () => ({ current: keys, earlier: null });
  const { content, name } = source().current;
  if (content.length !== 32 || name.length !== 32) {
    throw new RangeError('a content key and a name key have 32 bytes each');
  }
  const blobs = path.join(dir, BLOBS_FOLDER);
  const temporary = path.join(dir, TEMPORARY_FOLDER);
  if (!options.readOnly) {
    makeShards(blobs);
    makeFolder(temporary);
    clearLeftovers(temporary);
  }
  const flusher = new Flusher();
  /** What was read back from each temporary file that is still to be committed, and its keys. */
  const sealedTemps = new WeakMap<SealedTemp, { sha256: Buffer; keys: BlobKeys }>();

  const pathOf = (under: BlobKeys, sha256: Buffer): string => blobPath(dir, under.name, sha256);

  /** Under which keys it lies; under the current ones where it is nowhere. */
  const whereabouts = (sha256: Buffer): BlobKeys => {
    const { current, earlier } = source();
    const isEarlier =
      earlier !== null &&
      !existsSync(pathOf(current, sha256)) &&
      existsSync(pathOf(earlier, sha256));
    return isEarlier ? earlier : current;
  };

  const fileOf = (sha256: Buffer): string => pathOf(whereabouts(sha256), sha256);

  async function* original(sha256: Buffer): AsyncGenerator<Buffer> {
    const keys = whereabouts(sha256);
    const file = pathOf(keys, sha256);
    let begun = false;
    try {
      for await (const piece of openFromFile(file, keys.content, sha256)) {
        begun = true;
        yield piece;
      }
    } catch (error) {
      // It was sealed anew between looking and opening, and the earlier file is gone.
      const moved = !begun && keys.epoch !== source().current.epoch && !existsSync(file);
      if (!moved) throw error;
      yield* openFromFile(pathOf(source().current, sha256), source().current.content, sha256);
    }
  }

  const isIntact = async (keys: BlobKeys, sha256: Buffer): Promise<boolean> => {
    try {
      for await (const piece of openFromFile(pathOf(keys, sha256), keys.content, sha256))
        void piece;
      return true;
    } catch (error) {
      if (isCustosError(error) && error.code === 'BLOB_DAMAGED') return false;
      throw error;
    }
  };

  /** Moves a temporary file to its name, unless a good blob is there. Not yet durable. */
  const place = async (temp: SealedTemp, keys: BlobKeys, sha256: Buffer): Promise<string> => {
    const target = pathOf(keys, sha256);
    if (existsSync(target)) {
      if (await isIntact(keys, sha256)) {
        await rm(temp.path, { force: true });
        return target;
      }
      // Kept beside the good one: it is the evidence of what happened to the disk.
      await rename(target, `${target}.damaged-${randomBytes(4).toString('hex')}`);
    }
    await rename(temp.path, target);
    return target;
  };

  return {
    has: (sha256) => existsSync(fileOf(sha256)),

    nameOf: (sha256) => path.relative(blobs, fileOf(sha256)).replaceAll(path.sep, '/'),

    sealedBytes: (sha256) =>
      typed(
        'looking for an original',
        () => statSync(fileOf(sha256), { throwIfNoEntry: false })?.size ?? null,
      ),

    async seal(bytes) {
      flusher.requireTrusted();
      const keys = source().current;
      const file = path.join(temporary, randomBytes(16).toString('hex') + TEMPORARY_ENDING);
      try {
        const sealed = await sealToFile(file, bytes, keys, flusher);
        const temp: SealedTemp = { path: file, bytes: sealed.length };
        sealedTemps.set(temp, { sha256: sealed.sha256, keys });
        return temp;
      } catch (error) {
        await rm(file, { force: true });
        throw asCustosError(error, 'sealing an original');
      }
    },

    async commit(temp, sha256) {
      flusher.requireTrusted();
      const known = sealedTemps.get(temp);
      // SECURITY: what was read back must be what the caller has hashed, or the catalogue would
      // vouch for bytes that are not there (P2).
      if (known?.sha256.length !== sha256.length || !timingSafeEqual(known.sha256, sha256)) {
        throw notTheOriginal();
      }
      const target = await typedAsync('putting an original into place', () =>
        place(temp, known.keys, sha256),
      );
      // Also where the blob was there: whoever put it there may not have flushed it yet.
      await flusher.folder(path.dirname(target));
      sealedTemps.delete(temp);
    },

    async discard(temp) {
      sealedTemps.delete(temp);
      await typedAsync('removing a temporary file', () => rm(temp.path, { force: true }));
    },

    async read(sha256) {
      const pieces: Buffer[] = [];
      for await (const piece of original(sha256)) pieces.push(piece);
      return Buffer.concat(pieces);
    },

    stream: original,
  };
}

/**
 * All 256 folders, made and flushed in one go: making them one by one while importing would cost a
 * flush of the parent for nearly every picture of a small import.
 */
function makeShards(blobs: string): void {
  makeFolder(blobs);
  typed('making the folders of the originals', () => {
    for (let shard = 0; shard < 256; shard++) {
      const name = shard.toString(16).padStart(2, '0');
      mkdirSync(path.join(blobs, name), { recursive: true, mode: PRIVATE_FOLDER });
    }
  });
  fsyncFolder(blobs);
}

function clearLeftovers(temporary: string): void {
  typed('clearing temporary files away', () => {
    for (const name of readdirSync(temporary)) {
      if (name.endsWith(TEMPORARY_ENDING)) rmSync(path.join(temporary, name));
    }
  });
}

function notTheOriginal(): CustosError {
  return new CustosError(
    'IO_FAILED',
    'What was sealed is not what was hashed, so it was not kept. The source may have changed while it was read, or the memory of this computer may be failing. Import the file again.',
  );
}
