/**
 * A store of derived pictures that can no longer be relied upon. It is never mended and never
 * deleted: it is set aside for whoever wants to know what happened to the disk, and begun anew.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { systemCode, typed } from './errors.ts';
import { fsyncFolder, removeFileDurably, writeFileDurably } from './files.ts';
import { DERIVED_FILE } from './names.ts';

/** Its presence says that `derived.db` was found damaged while it was open. */
export const DISTRUST_FILE = 'derived.distrusted';

/** The derived store is begun anew at the next unlocking. Durable. */
export function distrustDerived(dir: string): void {
  writeFileDurably(path.join(dir, DISTRUST_FILE), '');
}

export function isDistrusted(dir: string): boolean {
  return existsSync(path.join(dir, DISTRUST_FILE));
}

/** Moves away whatever there is of it. Answers with what happened, in words. */
export function setDerivedAside(dir: string): string {
  const suffix = `.damaged-${randomBytes(4).toString('hex')}`;
  const moved = ['', '-wal', '-shm'].filter((part) => {
    const file = path.join(dir, DERIVED_FILE + part);
    // The log belongs to the file it was written for, and would be played into the new one.
    return typed('setting damaged pictures aside', () => move(file, file + suffix));
  });
  fsyncFolder(dir);
  removeFileDurably(path.join(dir, DISTRUST_FILE));
  const what = moved.includes('')
    ? `was damaged. It was set aside as ${DERIVED_FILE}${suffix}`
    : 'was missing';
  return `The store of small pictures (${DERIVED_FILE}) ${what} and begun anew, empty. Nothing is lost: small pictures are made from the originals when they are needed.`;
}

function move(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
