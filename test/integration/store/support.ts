/** A folder with real encrypted databases in it, gone when the test has ended. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createDatabases, openDatabases, type Databases } from '#core/store/databases.ts';
import type { Writer } from '#core/store/types.ts';
import { isCustosError } from '#shared/domain/errors.ts';

export interface Keys {
  db: Buffer;
  content: Buffer;
}

export function folder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'custos-store-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

export function newKeys(): Keys {
  return { db: randomBytes(32), content: randomBytes(32) };
}

export function newDatabases(): { dir: string; keys: Keys } {
  const dir = folder();
  const keys = newKeys();
  createDatabases(dir, keys);
  return { dir, keys };
}

export function opened(
  dir: string,
  keys: { db: Buffer; content: Buffer | null },
  readOnly = false,
): Databases {
  const databases = openDatabases(dir, { ...keys, readOnly });
  onTestFinished(() => {
    databases.close();
  });
  return databases;
}

export const MEMBER = '00000000000000000000000000000001';

/** The member that the other tables' rows name. */
export function addMember(db: Writer): void {
  db.prepare(
    `INSERT INTO members VALUES (?, 'Founder', '["investigator"]', 'active', ?, ?, '{}', ?, ?, ?, 0)`,
  ).run(
    MEMBER,
    Buffer.alloc(32),
    Buffer.alloc(32),
    Buffer.alloc(64),
    MEMBER,
    '2026-01-01T00:00:00.000Z',
  );
}

/** The code of the CustosError that `work` throws; anything else fails the test. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isCustosError(error)) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

export async function codeOfAsync(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isCustosError(error)) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

export async function collect(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
