/**
 * A real encrypted workspace with one case whose items are written as intake would write them:
 * deciding needs rows, not pixels.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addMember } from '#core/access/members.ts';
import { createWorkspace } from '#core/access/create.ts';
import { openWorkspace } from '#core/access/open.ts';
import type { Session } from '#core/access/types.ts';
import type { Clock, Ports } from '#core/ports.ts';
import { loadLawPacks } from '#core/review/law-packs.ts';
import { insertCase } from '#core/store/tables/cases.ts';
import { insertImport } from '#core/store/tables/imports.ts';
import { insertItem, insertOccurrence, setItemStack } from '#core/store/tables/items.ts';
import { growStack, insertStack } from '#core/store/tables/stacks.ts';
import type { Writer } from '#core/store/types.ts';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Role } from '#shared/domain/words.ts';

export const PASSWORD = 'seven quiet lamps on the pier';
const resourcesDir = path.resolve(import.meta.dirname, '../../../resources');
export const packs = loadLawPacks(resourcesDir);

export const clock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };

export interface Place {
  dir: string;
  ports: Ports;
  /** Closes the session that is open and unlocks as somebody. */
  as(member: string): Promise<Session>;
  remove(): void;
}

/** A workspace of Ines (investigator and supervisor); `others` are added with their roles. */
export async function makePlace(others: Record<string, Role[]> = {}): Promise<Place> {
  const base = mkdtempSync(path.join(tmpdir(), 'custos-review-'));
  const dir = path.join(base, 'workspace');
  const ports: Ports = {
    host: 'command-line',
    clock,
    resourcesDir,
    machineDir: path.join(base, 'machine'),
    decoders: 1,
    spawnDecoder: () => {
      throw new Error('no decoder in these tests');
    },
    dialogs: {
      chooseWorkspace: async () => null,
      chooseSources: async () => null,
      chooseTarget: async () => null,
      chooseReceived: async () => null,
    },
    log: () => undefined,
    passwordCost: 'test',
  };
  await createWorkspace(ports, {
    dir,
    member: 'Ines',
    password: PASSWORD,
    roles: ['investigator', 'supervisor'],
  });
  let session = await openWorkspace(ports, dir, 'Ines', PASSWORD);
  for (const [member, roles] of Object.entries(others)) {
    await addMember(session, ports, { member, password: PASSWORD, roles });
  }
  return {
    dir,
    ports,
    async as(member) {
      session.close('command');
      session = await openWorkspace(ports, dir, member, PASSWORD);
      return session;
    },
    remove() {
      session.close('closed');
      rmSync(base, { recursive: true, force: true });
    },
  };
}

export interface NewStack {
  /** Members; 1 where left out. */
  size?: number;
  sources?: string[];
  pdq?: Buffer;
  path?: string;
}

export interface MadeCase {
  caseId: number;
  /** Stacks in order, with the ids of their members; the first represents. */
  stacks: { id: number; items: number[] }[];
  unreadable: number[];
}

let cases = 0;

/** A case with the given stacks and `unreadable` files that are no pictures. */
export function makeCase(session: Session, stacks: NewStack[], unreadable = 0): MadeCase {
  cases += 1;
  const ref = `CASE-${cases}`;
  return session.act({ type: 'case.created', detail: { ref } }, (tx, seq) => {
    const at = new Date().toISOString();
    const by = session.member.id;
    const caseId = insertCase(tx, {
      ref,
      title: 'Harbour lights',
      service: '',
      lawPack: 'uk',
      createdAt: at,
      createdBy: by,
      seq,
    });
    const importId = insertImport(tx, {
      caseId,
      source: 'drive',
      exhibit: 'AB/1',
      acquirer: by,
      startedAt: at,
      seq,
    });
    const add = (readable: boolean, wanted: NewStack): number =>
      makeItem(tx, { caseId, importId, at, seq }, readable, wanted);
    return {
      caseId,
      stacks: stacks.map((wanted) => {
        const first = add(true, wanted);
        const id = insertStack(tx, { caseId, representativeId: first, createdAt: at });
        setItemStack(tx, first, id, null);
        const items = [first];
        for (let more = 1; more < (wanted.size ?? 1); more += 1) {
          const item = add(true, wanted);
          setItemStack(tx, item, id, { toItemId: first, distance: 4, orientation: 'orig' });
          growStack(tx, id);
          items.push(item);
        }
        return { id, items };
      }),
      unreadable: Array.from({ length: unreadable }, () => add(false, {})),
    };
  });
}

function makeItem(
  tx: Writer,
  row: { caseId: number; importId: number; at: string; seq: number },
  readable: boolean,
  wanted: NewStack,
): number {
  const bytes = randomBytes(16);
  const hash = (name: string): Buffer => createHash(name).update(bytes).digest();
  const { caseId, importId, at, seq } = row;
  const itemId = insertItem(tx, {
    caseId,
    importId,
    sha256: hash('sha256'),
    sha1: hash('sha1'),
    md5: hash('md5'),
    bytes: bytes.length,
    mime: readable ? 'image/jpeg' : 'application/octet-stream',
    ext: readable ? 'jpg' : 'bin',
    width: readable ? 640 : null,
    height: readable ? 480 : null,
    frames: readable ? 1 : null,
    pdq: readable ? (wanted.pdq ?? randomBytes(32)) : null,
    pdqQuality: readable ? 100 : null,
    state: readable ? 'undecided' : 'unreadable',
    unreadableCode: readable ? null : 'NOT_A_PICTURE',
    unreadableReason: readable ? null : 'This is not a picture of a kind Custos reads.',
    createdAt: at,
    seq,
  });
  for (const source of wanted.sources ?? ['drive']) {
    const display = wanted.path ?? `photos/item-${itemId}.jpg`;
    insertOccurrence(tx, {
      itemId,
      importId,
      pathRaw: Buffer.from(display),
      pathDisplay: display,
      source,
      exhibit: 'AB/1',
      modifiedAt: null,
      seenAt: at,
    });
  }
  return itemId;
}

/** The code and sentence of the failure that `act` must end in. */
export function failure(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (error) {
    if (isCustosError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new CustosError('INTERNAL', 'nothing was refused');
}

export const fact = (key: string, value: string | null) =>
  ({ key, value, certainty: 'certain' }) as never;

/** Facts that lead to uk.intimate.66B. */
export const SHARED_66B = [
  fact('ageBand', 'adult'),
  fact('intimateState', 'exposed'),
  fact('act', 'none'),
  fact('origin', 'photograph'),
  fact('consent', 'refused'),
];

/** The newest entries of the record, newest first; the session must be a supervisor's. */
export function entries(session: Session, type: string, limit = 10) {
  return session.record.read({
    types: [type as never],
    by: null,
    caseId: null,
    itemId: null,
    before: null,
    limit,
  }).entries;
}
