/** The sealed originals as files, for whoever holds no key: names, lengths, what does not belong. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { HEADER_BYTES } from '#core/vault/sealed-file.ts';
import { systemCode, typed } from './errors.ts';

export const BLOBS_FOLDER = 'blobs';
const BLOB_NAME = /^([0-9a-f]{2})[0-9a-f]{62}\.evb$/;

/** `ab/abcd….evb`: whether a name below `blobs/` is one that an original may have. */
export function isBlobName(shard: string, name: string): boolean {
  return BLOB_NAME.exec(name)?.[1] === shard;
}

/** Folders of the originals that are there, `00` to `ff`. */
export function listShards(dir: string): string[] {
  return namesIn(path.join(dir, BLOBS_FOLDER)).filter((name) => /^[0-9a-f]{2}$/.test(name));
}

/** Names of the originals in one of them, in order. */
export function listBlobs(dir: string, shard: string): string[] {
  return namesIn(path.join(dir, BLOBS_FOLDER, shard)).filter((name) => isBlobName(shard, name));
}

/**
 * The first bytes of a sealed file: they hold its random salt, so two files of the same start and
 * length are the same. Null where there is no such file, or it is too short to be one.
 */
export function sealedStart(file: string): { start: Buffer; bytes: number } | null {
  return typed('reading the start of an original', () => {
    let fd: number;
    try {
      fd = openSync(file, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
    try {
      const start = Buffer.alloc(HEADER_BYTES);
      if (readSync(fd, start, 0, HEADER_BYTES, 0) < HEADER_BYTES) return null;
      return { start, bytes: statSync(file).size };
    } finally {
      closeSync(fd);
    }
  });
}

/** Sorted; empty where there is no such folder. */
export function namesIn(folder: string): string[] {
  return typed('listing a folder of the workspace', () => {
    try {
      return readdirSync(folder).sort();
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return [];
      throw error;
    }
  });
}
