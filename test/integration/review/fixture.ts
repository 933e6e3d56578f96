/**
 * A real encrypted workspace with one case whose items are written as intake would write them:
 * deciding needs rows, not pixels.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Session } from '#core/access/types.ts';
import { loadLawPacks } from '#core/review/law-packs.ts';
import { insertCase } from '#core/store/tables/cases.ts';
import { insertImport } from '#core/store/tables/imports.ts';
import { insertItem, insertOccurrence, setItemStack } from '#core/store/tables/items.ts';
import { growStack, insertStack } from '#core/store/tables/stacks.ts';
import type { Writer } from '#core/store/types.ts';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Role } from '#shared/domain/words.ts';
import { makeWorkspace, realClock, RESOURCES } from '../../support/workspace.ts';

export const packs = loadLawPacks(RESOURCES);
export const clock = realClock;

export interface Place {
  /** Closes the session that is open and unlocks as somebody. */
  as(member: string): Promise<Session>;
  remove(): void;
}

/** A workspace of Ines (investigator and supervisor) and of `others` with their roles. */
export async function makePlace(others: Record<string, Role[]> = {}): Promise<Place> {
  const workspace = await makeWorkspace({
    members: [
      { name: 'Ines', roles: ['investigator', 'supervisor'] },
      ...Object.entries(others).map(([name, roles]) => ({ name, roles })),
    ],
  });
  return {
    async as(member) {
      workspace.close();
      return workspace.open(member);
    },
    remove() {
      workspace.remove();
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
