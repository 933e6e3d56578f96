/** A case in a real workspace, a decoder that tells what a made-up file says, and the books' check. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { ORIENTATIONS } from '#shared/domain/words.ts';
import type { Session } from '#core/access/types.ts';
import { beginImport, type ImportOutcome } from '#core/intake/import.ts';
import type { Media, PictureFacts, Unreadable } from '#core/media/types.ts';
import { insertCase } from '#core/store/tables/cases.ts';
import { listImports, type ImportRow } from '#core/store/tables/imports.ts';
import { makeWorkspace, type TestWorkspace } from '../../support/workspace.ts';

export interface Bench extends TestWorkspace {
  session: Session;
  caseId: number;
  /** A new folder beside the workspace. */
  source(name?: string): string;
}

export async function bench(): Promise<Bench> {
  const workspace = await makeWorkspace();
  onTestFinished(() => workspace.remove());
  const session = await workspace.open();
  const caseId = newCase(session, 'CASE-1');
  return {
    ...workspace,
    session,
    caseId,
    source(name = `source-${randomBytes(4).toString('hex')}`) {
      const dir = path.join(workspace.folder, name);
      mkdirSync(dir, { recursive: true });
      return dir;
    },
  };
}

export function newCase(session: Session, ref: string): number {
  const detail = { ref, title: ref, service: '', lawPack: 'uk' };
  const createdAt = '2026-11-22T10:00:00.000Z';
  return session.act({ type: 'case.created', detail }, (tx, seq) =>
    insertCase(tx, { ...detail, createdAt, createdBy: session.member.id, seq }),
  );
}

/** A made-up picture: what the decoder below will say of it. */
export interface Picture {
  name?: string;
  width?: number;
  height?: number;
  quality?: number;
  /** Eight hashes, or one of which the others are made. */
  pdq?: Buffer;
}

const PICTURE = 'made-up picture ';

export function picture(what: Picture = {}): Buffer {
  const pdq = (what.pdq ?? randomBytes(32)).toString('hex');
  return Buffer.from(
    PICTURE + JSON.stringify({ width: 100, height: 100, quality: 100, ...what, pdq }),
  );
}

/** Eight hashes far apart whose first is `hash`. */
export function eightOf(hash: Buffer): Buffer {
  return Buffer.concat(
    ORIENTATIONS.map((turn) =>
      turn === 'orig' ? hash : createHash('sha256').update(turn).update(hash).digest(),
    ),
  );
}

/** `hash` with bits `from` to `to` turned over. */
export function flipped(hash: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.from(hash);
  for (let bit = from; bit < to; bit++) copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

export interface FakeMedia extends Media {
  analysed: number;
  /** Most at once. */
  peak: number;
}

/** `delay`: milliseconds each analysis takes. `answer`: in place of what the bytes say. */
export function fakeMedia(
  options: {
    delay?: () => number;
    answer?: (nth: number, bytes: Uint8Array) => Unreadable | null;
  } = {},
): FakeMedia {
  let running = 0;
  const media: FakeMedia = {
    analysed: 0,
    peak: 0,
    async analyse(bytes) {
      const nth = media.analysed++;
      media.peak = Math.max(media.peak, ++running);
      try {
        const delay = options.delay?.() ?? 0;
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
        return options.answer?.(nth, bytes) ?? describe(bytes);
      } finally {
        running--;
      }
    },
    render: () => Promise.reject(new Error('nothing is shown here')),
    close: () => Promise.resolve(),
  };
  return media;
}

function describe(bytes: Uint8Array): PictureFacts | Unreadable {
  const text = Buffer.from(bytes.subarray(0, 4096)).toString('utf8');
  if (!text.startsWith(PICTURE))
    return {
      readable: false,
      code: 'NOT_A_PICTURE',
      reason: 'These bytes are no picture.',
      mime: 'text/plain',
      ext: 'txt',
    };
  const said = JSON.parse(text.slice(PICTURE.length)) as Required<Picture> & { pdq: string };
  const pdq = Buffer.from(said.pdq as unknown as string, 'hex');
  return {
    readable: true,
    mime: 'image/jpeg',
    ext: 'jpg',
    width: said.width,
    height: said.height,
    frames: 1,
    pdq: pdq.length === 32 ? eightOf(pdq) : pdq,
    pdqQuality: said.quality,
    thumbnail: Buffer.from(`thumbnail of ${said.pdq as unknown as string}`),
    thumbnailSize: { width: 10, height: 10 },
  };
}

export interface Run {
  session?: Session;
  media?: Media;
  caseId?: number;
  source?: string;
  slots?: number;
  signal?: AbortSignal;
  onAdvance?: (done: number) => void;
  onTotal?: (total: number) => void;
}

export async function bringIn(
  on: Bench,
  paths: string | string[],
  run: Run = {},
): Promise<ImportOutcome> {
  const deps = {
    session: run.session ?? on.session,
    media: run.media ?? fakeMedia(),
    clock: on.ports.clock,
    slots: run.slots ?? 4,
  };
  const request = {
    caseId: run.caseId ?? on.caseId,
    paths: [paths].flat(),
    source: run.source ?? 'service A',
    exhibit: 'EX/1',
  };
  const begun = await beginImport(deps, request);
  let done = 0;
  return begun.run({
    signal: run.signal ?? new AbortController().signal,
    setTotal: (total) => run.onTotal?.(total),
    advance(by) {
      done += by.done ?? 0;
      run.onAdvance?.(done);
    },
  });
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing was thrown';
}

/** `files`: name → content, below a folder. */
export function write(dir: string, files: Record<string, Buffer | string>): string {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), bytes);
  }
  return dir;
}

export function makePipe(file: string): void {
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', file]);
}

export const leftovers = (on: Bench): string[] => readdirSync(path.join(on.dir, 'tmp'));

export function rows<T>(on: Bench, sql: string, ...params: unknown[]): T[] {
  return on.session.catalogue.prepare<unknown[], T>(sql).all(...params);
}

export function lastImport(on: Bench): ImportRow {
  return listImports(on.session.catalogue, on.caseId)[0]!;
}

/** Everything the books say about each other, and about what lies on the disk. */
export async function checkBooks(on: Bench): Promise<void> {
  const one = (sql: string, ...params: unknown[]): number =>
    rows<{ n: number }>(on, `SELECT (${sql}) AS n`, ...params)[0]!.n;
  for (const row of rows<ImportRow>(on, 'SELECT * FROM imports')) {
    expect(row.offered).toBe(row.added + row.duplicate + row.unreadable + row.refused);
    const seen = one('SELECT count(*) FROM occurrences WHERE import_id = ?', row.id);
    expect(seen).toBe(row.added + row.duplicate + row.unreadable);
    expect(one('SELECT count(*) FROM refusals WHERE import_id = ?', row.id)).toBe(row.refused);
    const made = 'SELECT count(*) FROM items WHERE import_id = ? AND state';
    expect(one(`${made} <> 'unreadable'`, row.id)).toBe(row.added);
    expect(one(`${made} = 'unreadable'`, row.id)).toBe(row.unreadable);
  }
  const wrong = {
    occurrences: `SELECT id FROM items i WHERE occurrences <>
      (SELECT count(*) FROM occurrences WHERE item_id = i.id)`,
    sources: `SELECT id FROM items i WHERE sources <>
      (SELECT count(DISTINCT source) FROM occurrences WHERE item_id = i.id)`,
    stackless: `SELECT id FROM items WHERE (stack_id IS NULL) <> (state = 'unreadable')`,
    counts: `SELECT id FROM stacks s WHERE items <>
      (SELECT count(*) FROM items WHERE stack_id = s.id) OR undecided <>
      (SELECT count(*) FROM items WHERE stack_id = s.id AND state = 'undecided')`,
    strangers: `SELECT s.id FROM stacks s JOIN items i ON i.id = s.representative_id
      WHERE i.stack_id IS NOT s.id`,
  };
  for (const [what, sql] of Object.entries(wrong)) expect(rows(on, sql), what).toEqual([]);
  for (const { sha256 } of rows<{ sha256: Buffer }>(on, 'SELECT sha256 FROM items')) {
    const bytes = await on.session.blobs!.read(sha256);
    expect(createHash('sha256').update(bytes).digest().equals(sha256)).toBe(true);
  }
  expect(leftovers(on)).toEqual([]);
  checkRecord(on);
}

/** What the entries of an import's batches say is what its transactions did, file by file. */
function checkRecord(on: Bench): void {
  const query = { by: null, caseId: null, itemId: null, before: null, limit: 500 };
  const { entries } = on.session.record.read({ ...query, types: ['import.batch'] });
  const said = new Map<number, string[]>();
  for (const { detail } of entries) {
    const { importId, files } = detail as { importId: number; files: [string, string][] };
    const committed = rows(on, 'SELECT 1 FROM imports WHERE id = ? AND offered > 0', importId);
    if (committed.length === 0) continue;
    const lines = files.map(([outcome, what]) => `${outcome} ${what}`);
    said.set(importId, [...(said.get(importId) ?? []), ...lines]);
  }
  for (const [importId, lines] of said) {
    const did = [
      ...rows<{ first: number; state: string; sha256: Buffer }>(
        on,
        `SELECT i.sha256, i.state, o.id = (SELECT min(id) FROM occurrences WHERE item_id = i.id) AS first
         FROM occurrences o JOIN items i ON i.id = o.item_id WHERE o.import_id = ?`,
        importId,
      ).map(({ first, state, sha256 }) => {
        const fresh = state === 'unreadable' ? 'unreadable' : 'new';
        return `${first ? fresh : 'duplicate'} ${sha256.toString('hex')}`;
      }),
      ...rows<{ code: string }>(on, 'SELECT code FROM refusals WHERE import_id = ?', importId).map(
        ({ code }) => `refused ${code}`,
      ),
    ];
    expect(lines.sort()).toEqual(did.sort());
  }
}
