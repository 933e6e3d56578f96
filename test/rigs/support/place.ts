/** A workspace under attack, and what is asked of it afterwards. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { RecordVerdict } from '#shared/contract/record.ts';
import { isCustosError } from '#shared/domain/errors.ts';
import { createWorkspace } from '#core/access/create.ts';
import { memberDirectory } from '#core/access/directory.ts';
import { readHeader } from '#core/access/key-files.ts';
import { openWorkspace } from '#core/access/open.ts';
import type { Session } from '#core/access/types.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { verifyRecord } from '#core/record/verify.ts';
import { testPorts, type TestPorts } from '../../support/workspace.ts';
import type { Tally } from '../rig.ts';
import type { Acknowledged } from './acknowledge.ts';
import { makeCase, MEMBER, PASSWORD, ROLES } from './work.ts';

/** A quarter of a second each: longer than the wait after three failures. */
const MOST_WAITS = 20;

export interface Place {
  /** Holds the workspace, the machine's own folder, and room for sources and bundles. */
  readonly folder: string;
  readonly dir: string;
  readonly machineDir: string;
  readonly ports: TestPorts;
  remove(): void;
}

/** `within`: a folder to put it in; a new temporary one where left out. */
export function newPlace(within?: string): Place {
  const folder = within ?? mkdtempSync(path.join(tmpdir(), 'custos-rig-'));
  const machineDir = path.join(folder, 'machine');
  return {
    folder,
    dir: path.join(folder, 'workspace'),
    machineDir,
    ports: testPorts({ machineDir }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function create({ ports, dir }: Pick<Place, 'ports' | 'dir'>): Promise<void> {
  await createWorkspace(ports, { dir, member: MEMBER, password: PASSWORD, roles: [...ROLES] });
}

/**
 * Waits where it is told to: an attempt that was killed counts as a failed one, or killing would
 * win free guesses.
 */
export async function unlock({ ports, dir }: Pick<Place, 'ports' | 'dir'>): Promise<Session> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await openWorkspace(ports, dir, MEMBER, PASSWORD);
    } catch (error) {
      const slowed = isCustosError(error) && error.code === 'SLOWED_DOWN';
      if (!slowed || waits === MOST_WAITS) throw error;
      await setTimeout(250);
    }
  }
}

/** A place with one empty case. */
export async function placeWithCase(): Promise<Place & { caseId: number }> {
  const place = newPlace();
  await create(place);
  const session = await unlock(place);
  const caseId = makeCase(session, place.ports);
  session.close('command');
  return { ...place, caseId };
}

/** An error as the product means it: a code of its own that is not INTERNAL, and no stack in words. */
export function untyped(error: unknown): string | null {
  if (!isCustosError(error)) return `not the product's own: ${String(error)}`;
  if (error.code === 'INTERNAL') return `INTERNAL: ${error.message}`;
  return /\n\s+at /.test(error.message) ? `a stack in the sentence: ${error.message}` : null;
}

/** Opens the place again and holds it against what was acknowledged. */
export async function examine(
  place: Place,
  acknowledged: readonly Acknowledged[],
  found: Tally,
  when: string,
  options: { writable?: boolean; everyBlob?: boolean } = {},
): Promise<void> {
  let session: Session;
  try {
    session = await unlock(place);
  } catch (error) {
    const losses = acknowledged.reduce((sum, each) => sum + weight(each), 0);
    found.acknowledged += losses;
    // Everything that was promised is out of reach; even where nothing was, a refusal is a failure.
    for (let nth = 0; nth < Math.max(1, losses); nth += 1)
      found.lose(`${when}: it does not open: ${untyped(error) ?? String(error)}`);
    return;
  }
  try {
    if (session.readOnly !== null && options.writable !== false)
      found.miss(`${when}: it opens for reading only: ${session.readOnly}`);
    for (const each of acknowledged) await holdTo(session, each, found, when, options.everyBlob);
    checkBooks(session, found, when);
    checkFolders(place, found, when);
    await checkRecord(place, session, found, when);
  } finally {
    session.close('command');
  }
}

function weight({ items, decided, bundle }: Acknowledged): number {
  return (items?.length ?? 0) + (decided?.ids.length ?? 0) + (bundle ? 1 : 0);
}

async function holdTo(
  session: Session,
  { items = [], decided, bundle }: Acknowledged,
  found: Tally,
  when: string,
  everyBlob = true,
): Promise<void> {
  const db = session.catalogue;
  const bySha = db.prepare<[Buffer], { id: number }>('SELECT id FROM items WHERE sha256 = ?');
  for (const hex of items) {
    found.acknowledged += 1;
    const sha256 = Buffer.from(hex, 'hex');
    if (!bySha.get(sha256)) found.lose(`${when}: an acknowledged item is gone`);
    else if (everyBlob) await readOriginal(session, sha256, found, when);
  }
  const state = db.prepare<[number], { state: string; category: string | null }>(
    `SELECT i.state, d.category FROM items i LEFT JOIN decisions d ON d.id = i.decision_id
     WHERE i.id = ?`,
  );
  for (const id of decided?.ids ?? []) {
    found.acknowledged += 1;
    const row = state.get(id);
    if (row?.state !== 'decided' || row.category !== decided?.category)
      found.lose(`${when}: an acknowledged decision is gone`);
  }
  if (bundle) {
    found.acknowledged += 1;
    const row = db
      .prepare<[number], { state: string; sha256: Buffer | null }>(
        'SELECT state, sha256 FROM bundles WHERE id = ?',
      )
      .get(bundle.id);
    if (row?.state !== 'built' || row.sha256?.toString('hex') !== bundle.sha256)
      found.lose(`${when}: an acknowledged bundle is gone`);
  }
}

async function readOriginal(
  session: Session,
  sha256: Buffer,
  found: Tally,
  when: string,
): Promise<void> {
  try {
    const bytes = await session.blobs!.read(sha256);
    if (!createHash('sha256').update(bytes).digest().equals(sha256))
      found.miss(`${when}: an original reads as other bytes`);
  } catch (error) {
    found.lose(`${when}: an original does not read: ${String(error)}`);
  }
}

/** Every original of the catalogue, acknowledged or not: no row without its bytes. */
export async function readEverything(place: Place, found: Tally, when: string): Promise<void> {
  const session = await unlock(place);
  try {
    const all = session.catalogue.prepare<[], { sha256: Buffer }>('SELECT sha256 FROM items').all();
    for (const { sha256 } of all) await readOriginal(session, sha256, found, when);
  } finally {
    session.close('command');
  }
}

/** What must hold of the catalogue whatever happened: each is a query that finds nothing. */
const WRONG: Readonly<Record<string, string>> = {
  'a ledger does not balance': `SELECT id FROM imports
    WHERE offered <> added + duplicate + unreadable + refused`,
  'a ledger counts other than its places': `SELECT m.id FROM imports m
    WHERE m.added + m.duplicate + m.unreadable <>
      (SELECT count(*) FROM occurrences WHERE import_id = m.id)`,
  'an import is still running': `SELECT id FROM imports WHERE state = 'running'`,
  'an item counts other than its places': `SELECT id FROM items i
    WHERE occurrences <> (SELECT count(*) FROM occurrences WHERE item_id = i.id)`,
  'an item is decided without a decision, or undecided with one': `SELECT i.id FROM items i
    LEFT JOIN decisions d ON d.id = i.decision_id
    WHERE (i.state = 'decided') <> (d.id IS NOT NULL AND d.item_id = i.id)`,
  'a stack counts other than its members': `SELECT id FROM stacks s
    WHERE items <> (SELECT count(*) FROM items WHERE stack_id = s.id) OR undecided <>
      (SELECT count(*) FROM items WHERE stack_id = s.id AND state = 'undecided')`,
};

function checkBooks({ catalogue }: Session, found: Tally, when: string): void {
  for (const [what, sql] of Object.entries(WRONG))
    if (catalogue.prepare(`${sql} LIMIT 1`).get()) found.miss(`${when}: ${what}`);
  if ((catalogue.pragma('foreign_key_check') as unknown[]).length > 0)
    found.miss(`${when}: a row names one that is not there`);
  if (catalogue.pragma('quick_check', { simple: true }) !== 'ok')
    found.miss(`${when}: the catalogue is not sound`);
}

function checkFolders({ dir }: Place, found: Tally, when: string): void {
  if (readdirSync(path.join(dir, 'tmp')).length > 0) found.miss(`${when}: tmp is not empty`);
}

async function checkRecord(
  place: Place,
  session: Session,
  found: Tally,
  when: string,
): Promise<void> {
  const verdict = await verify(place, session, { decrypt: true });
  if (!verdict.good) found.miss(`${when}: the record: ${verdict.findings.join(' ')}`);
}

/** The whole record, by the product; without `decrypt` as by somebody who may not read it. */
export function verify(
  { dir, machineDir }: Pick<Place, 'dir' | 'machineDir'>,
  session: Session,
  { decrypt }: { decrypt: boolean },
): Promise<RecordVerdict> {
  return verifyRecord(dir, {
    workspaceId: session.workspace.id,
    checkpointPublic: session.keys.checkpointPublic,
    recordPrivate: decrypt ? session.keys.recordPrivate : null,
    members: memberDirectory(readHeader(dir), session.catalogue),
    anchors: openAnchors(machineDir),
  });
}

/** Files below `folder` that hold `mark` in the clear. */
export function filesWith(mark: string, folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = path.join(folder, name);
    return statSync(file).isFile() && readFileSync(file).includes(mark);
  });
}
