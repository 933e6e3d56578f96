/**
 * What the files below `keys/` held when they were last known to be good. A member's key file can
 * be opened with that member's password only, so its damage would show on the day it is needed;
 * this shows it at the next scrub. `recovery.slot` above all is opened by nobody for years.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '#core/store/blob-files.ts';
import { typed } from '#core/store/errors.ts';
import { clearMeta, listMeta, setMeta } from '#core/store/meta.ts';
import type { Reader, Writer } from '#core/store/types.ts';

/** In `meta`, followed by the file's name. */
const PREFIX = 'key_file:';

/** Slots and grants, as `<id>.slot` and `grants/<id>.grant`. */
export function listKeyFiles(dir: string): string[] {
  const keys = path.join(dir, 'keys');
  return [
    ...namesIn(keys).filter((name) => name.endsWith('.slot')),
    ...namesIn(path.join(keys, 'grants'))
      .filter((name) => name.endsWith('.grant'))
      .map((name) => `grants/${name}`),
  ];
}

/** SHA-256 of a key file as it lies on disk, in hex. */
export function digestOfKeyFile(dir: string, name: string): string {
  const bytes = typed('reading a key file', () => readFileSync(path.join(dir, 'keys', name)));
  return createHash('sha256').update(bytes).digest('hex');
}

/** For files that are taken away on purpose, before they are. */
export function forgetKeyFiles(tx: Writer, names: readonly string[]): void {
  for (const name of names) clearMeta(tx, PREFIX + name);
}

/** Name and digest of every key file that was once known to be good. */
export function rememberedKeyFiles(db: Reader): Map<string, string> {
  const rows = listMeta(db, PREFIX);
  return new Map(rows.map(({ key, value }) => [key.slice(PREFIX.length), value]));
}

/**
 * To be called, inside the same act, by whoever changes a key file on purpose: what is on disk now
 * is how it should be. A file that is gone is forgotten.
 */
export function rememberKeyFiles(tx: Writer, dir: string, names: readonly string[]): void {
  const there = new Set(listKeyFiles(dir));
  for (const name of names) {
    if (there.has(name)) setMeta(tx, PREFIX + name, digestOfKeyFile(dir, name));
    else clearMeta(tx, PREFIX + name);
  }
}
