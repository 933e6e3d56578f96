/** Workspaces with originals in them, and a rotation watched, stopped, or cut short at any moment. */
import { createHash, randomBytes } from 'node:crypto';
import fs, { cpSync, existsSync, readdirSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { expect } from 'vitest';
import { memberDirectory } from '#core/access/directory.ts';
import { readHeader } from '#core/access/key-files.ts';
import { rotate, type RotationWatch } from '#core/access/rotation.ts';
import type { Session } from '#core/access/types.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { verifyRecord } from '#core/record/verify.ts';
import { insertCase } from '#core/store/tables/cases.ts';
import { endImport, insertImport } from '#core/store/tables/imports.ts';
import { insertItem } from '#core/store/tables/items.ts';
import { putRendition } from '#core/store/tables/derived.ts';
import type { EntryType } from '#shared/contract/entry-types.ts';
import type { Ports } from '#core/ports.ts';

export const NOW = '2026-11-22T10:00:00.000Z';

/** Opens a case with one import in it. */
export function openCase(session: Session): number {
  return session.act({ type: 'case.created', detail: {} }, (tx, seq) => {
    const by = session.member.id;
    const caseId = insertCase(tx, {
      ref: `OP-${String(seq)}`,
      title: 'Pictures',
      service: '',
      lawPack: 'uk',
      createdAt: NOW,
      createdBy: by,
      seq,
    });
    const started = { source: '', exhibit: '', acquirer: by, startedAt: NOW };
    const importId = insertImport(tx, { caseId, ...started, seq });
    endImport(tx, importId, { state: 'done', endedAt: NOW, message: null });
    return importId;
  });
}

/** An original as an import leaves it: sealed, then its row. */
export async function bringIn(session: Session, importId: number, bytes: Buffer): Promise<Buffer> {
  const sha256 = createHash('sha256').update(bytes).digest();
  const { blobs } = session;
  if (blobs === null) throw new Error('a member with pictures');
  await blobs.commit(await blobs.seal(bytes), sha256);
  session.act({ type: 'import.batch', detail: {} }, (tx, seq) => {
    const { case_id: caseId } = tx
      .prepare<[number], { case_id: number }>('SELECT case_id FROM imports WHERE id = ?')
      .get(importId) as { case_id: number };
    insertItem(tx, {
      caseId,
      importId,
      sha256,
      sha1: sha256.subarray(0, 20),
      md5: sha256.subarray(0, 16),
      bytes: bytes.length,
      mime: 'image/png',
      ext: 'png',
      width: 1,
      height: 1,
      frames: 1,
      pdq: null,
      pdqQuality: null,
      state: 'undecided',
      unreadableCode: null,
      unreadableReason: null,
      createdAt: NOW,
      seq,
    });
  });
  const { derived } = session;
  if (derived) {
    const rendition = { kind: 'thumbnail', mime: 'image/png', width: 1, height: 1 };
    putRendition(derived, { ...rendition, itemSha256: sha256, bytes: Buffer.from('small') });
  }
  return sha256;
}

export async function bringInMany(session: Session, count: number): Promise<Map<string, Buffer>> {
  const importId = openCase(session);
  const originals = new Map<string, Buffer>();
  for (let at = 0; at < count; at++) {
    const bytes = randomBytes(1000 + at);
    originals.set((await bringIn(session, importId, bytes)).toString('hex'), bytes);
  }
  return originals;
}

/** Every original opens and is what was brought in. */
export async function expectAll(session: Session, originals: Map<string, Buffer>): Promise<void> {
  for (const [sha256, bytes] of originals) {
    const read = await session.blobs?.read(Buffer.from(sha256, 'hex'));
    expect(read?.equals(bytes)).toBe(true);
  }
}

export interface Watched extends RotationWatch {
  total: number;
  done: number;
  failed: number;
  stop(): void;
}

/** `each`: called whenever an original is done. */
export function watched(each: (watch: Watched) => void = () => undefined): Watched {
  const controller = new AbortController();
  const watch: Watched = {
    signal: controller.signal,
    total: 0,
    done: 0,
    failed: 0,
    setTotal(total) {
      watch.total = total;
    },
    advance(by) {
      watch.done += by.done ?? 0;
      watch.failed += by.failed ?? 0;
      each(watch);
    },
    stop: () => controller.abort(),
  };
  return watch;
}

export async function rotateNow(
  session: Session,
  ports: Ports,
  watch: Watched = watched(),
): Promise<Watched> {
  await rotate({ session, ports, quiet: () => Promise.resolve() }, watch);
  return watch;
}

export function details(session: Session, type: EntryType): Record<string, unknown>[] {
  const query = { types: [type], by: null, caseId: null, itemId: null, before: null, limit: 50 };
  return session.record.read(query).entries.map((entry) => entry.detail);
}

/** What `record verify` finds wrong. */
export async function recordFindings(session: Session, ports: Ports): Promise<string[]> {
  const { dir, id } = session.workspace;
  const { keys } = session;
  const verdict = await verifyRecord(dir, {
    workspaceId: id,
    checkpointPublic: keys.checkpointPublic,
    earlierCheckpoints: keys.earlierCheckpoints,
    recordPrivate: keys.recordPrivate,
    earlierPrivates: keys.earlierPrivates.map(({ key }) => key),
    members: memberDirectory(readHeader(dir), session.catalogue),
    anchors: openAnchors(ports.machineDir),
  });
  return verdict.findings;
}

/** Every file of the originals. */
export function blobFiles(dir: string): string[] {
  return readdirSync(path.join(dir, 'blobs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.evb'))
    .map((file) => path.join(dir, 'blobs', file));
}

const WATCHED_CALLS = ['openSync', 'writeSync', 'fsyncSync', 'renameSync', 'rmSync'] as const;
const WATCHED_PROMISES = ['rename', 'rm'] as const;

/**
 * Runs `work` and keeps a copy of `folder` as a kill at that moment would leave it: before and after
 * every system call of Custos' own that changes something, where anything has changed since. Every
 * `stride`-th of them is kept; answers with the copies' folders.
 */
export async function snapshots(
  folder: string,
  into: string,
  stride: number,
  work: () => Promise<void>,
): Promise<string[]> {
  const kept: string[] = [];
  let before = '';
  let moments = 0;
  const look = (): void => {
    const state = stateOf(folder);
    if (state === before) return;
    before = state;
    moments += 1;
    if (moments % stride !== 0) return;
    const copy = path.join(into, String(moments));
    originalsOf.forEach(([name, call]) => Object.assign(fs, { [name]: call }));
    cpSync(folder, copy, { recursive: true, filter: (file) => !file.endsWith('ballast.bin') });
    hook();
    kept.push(copy);
  };
  const originalsOf = WATCHED_CALLS.map((name) => [name, fs[name]] as const);
  const originalPromises = WATCHED_PROMISES.map((name) => [name, fs.promises[name]] as const);
  const hook = (): void => {
    for (const [name, call] of originalsOf) {
      const watchedCall = (...args: unknown[]): unknown => {
        look();
        const answer = (call as (...given: unknown[]) => unknown)(...args);
        look();
        return answer;
      };
      Object.assign(fs, { [name]: watchedCall });
    }
    syncBuiltinESMExports();
  };
  for (const [name, call] of originalPromises) {
    const watchedCall = async (...args: unknown[]): Promise<unknown> => {
      look();
      const answer = await (call as (...given: unknown[]) => Promise<unknown>)(...args);
      look();
      return answer;
    };
    Object.assign(fs.promises, { [name]: watchedCall });
  }
  hook();
  try {
    await work();
  } finally {
    for (const [name, call] of originalsOf) Object.assign(fs, { [name]: call });
    for (const [name, call] of originalPromises) Object.assign(fs.promises, { [name]: call });
    syncBuiltinESMExports();
  }
  return kept;
}

/** Names, sizes and times of everything but the ballast. */
function stateOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('ballast.bin'))
    .map((name) => {
      const file = path.join(folder, name);
      if (!existsSync(file)) return '';
      const { size, mtimeNs, ino } = statSync(file, { bigint: true });
      return `${name} ${String(size)} ${String(mtimeNs)} ${String(ino)}`;
    })
    .join('\n');
}
