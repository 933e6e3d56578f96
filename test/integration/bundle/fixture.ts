/** A real encrypted workspace with one case, its originals in the store, ready to be bundled. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect } from 'vitest';
import type { Session } from '#core/access/types.ts';
import { decryptWith, encryptTo } from '#core/bundle/age.ts';
import { buildBundle, type BuildWatch } from '#core/bundle/build.ts';
import { approveBundle, requestBundle } from '#core/bundle/requests.ts';
import { packTar, readTar } from '#core/bundle/tar.ts';
import { decide } from '#core/review/decide.ts';
import { caseFigures } from '#core/review/figures.ts';
import { loadLawPacks } from '#core/review/law-packs.ts';
import { insertCase } from '#core/store/tables/cases.ts';
import { addToLedger, endImport, insertImport, insertRefusal } from '#core/store/tables/imports.ts';
import { insertItem, insertOccurrence, setItemStack } from '#core/store/tables/items.ts';
import { growStack, insertStack } from '#core/store/tables/stacks.ts';
import type { BundleSummary } from '#shared/contract/bundles.ts';
import type { Role } from '#shared/domain/words.ts';
import {
  makeWorkspace,
  realClock,
  RESOURCES,
  type TestMember,
  type TestWorkspace,
} from '../../support/workspace.ts';

export const clock = realClock;

export interface Key {
  identity: string;
  recipient: string;
  /** Path of a key file as age-keygen writes it. */
  file: string;
}

export interface Place {
  workspace: TestWorkspace;
  key: Key;
  path(name: string): string;
}

/** Ines founds it; `others` join. Without others there is no second person. */
export async function makePlace(others: Record<string, Role[]> = {}): Promise<Place> {
  const founder: TestMember = { name: 'Ines', roles: ['investigator', 'supervisor'] };
  const joined = Object.entries(others).map(([name, roles]) => ({ name, roles }));
  const workspace = await makeWorkspace({ members: [founder, ...joined] });
  const at = (name: string): string => path.join(workspace.folder, name);
  return { workspace, key: await makeKey(at('key.txt')), path: at };
}

export async function makeKey(file: string): Promise<Key> {
  const identity = await generateX25519Identity();
  writeFileSync(file, `# made by a test\n${identity}\n`);
  return { identity, recipient: await identityToRecipient(identity), file };
}

/** Names a suspect's disk may hold: markup, a formula, bytes that are no UTF-8. */
export const NAMES: Buffer[] = [
  Buffer.from('photos/<script>alert(1)</script>.jpg'),
  Buffer.from('=HYPERLINK("http://example.org","x").jpg'),
  Buffer.from([0x70, 0x2f, 0xff, 0xfe, 0x2e, 0x6a, 0x70, 0x67]),
  Buffer.from('a "quoted", name\nof two lines.jpg'),
];

export interface MadeCase {
  caseId: number;
  itemIds: number[];
  contents: Buffer[];
}

/**
 * A case with `readable` items of distinct made-up bytes, one of 150 kB, the first two in one
 * stack and decided with a look, the others alone, and one unreadable file.
 */
export async function makeCase(session: Session, readable = 4, ref = 'OP-7'): Promise<MadeCase> {
  const contents = Array.from({ length: readable + 1 }, (_, index) =>
    Buffer.alloc(index === 1 ? 150_000 : 1000 + index, `${ref} picture ${String(index)} `),
  );
  const hash = (name: string, bytes: Buffer): Buffer => createHash(name).update(bytes).digest();
  for (const bytes of contents) {
    await session.blobs!.commit(await session.blobs!.seal(bytes), hash('sha256', bytes));
  }
  const at = clock.now().toISOString();
  const by = session.member.id;
  const made = session.act({ type: 'case.created', detail: { ref } }, (tx, seq) => {
    const caseId = insertCase(tx, {
      ref,
      title: 'Harbour <lights> & co',
      service: 'example service',
      lawPack: 'uk',
      createdAt: at,
      createdBy: by,
      seq,
    });
    const opened = { caseId, source: 'drive', exhibit: 'AB/1', acquirer: by, startedAt: at, seq };
    const importId = insertImport(tx, opened);
    const itemIds = contents.map((bytes, index) => {
      const isPicture = index < readable;
      const itemId = insertItem(tx, {
        caseId,
        importId,
        sha256: hash('sha256', bytes),
        sha1: hash('sha1', bytes),
        md5: hash('md5', bytes),
        bytes: bytes.length,
        mime: isPicture ? 'image/jpeg' : 'application/octet-stream',
        ext: isPicture ? 'jpg' : 'bin',
        width: isPicture ? 640 : null,
        height: isPicture ? 480 : null,
        frames: isPicture ? 1 : null,
        pdq: isPicture ? hash('sha256', Buffer.from(String(index))) : null,
        pdqQuality: isPicture ? 90 : null,
        state: isPicture ? 'undecided' : 'unreadable',
        unreadableCode: isPicture ? null : 'NOT_A_PICTURE',
        unreadableReason: isPicture ? null : 'This is not a picture of a kind Custos reads.',
        createdAt: at,
        seq,
      });
      for (const pathRaw of [NAMES[index % NAMES.length]!, Buffer.from(`copy-${String(index)}`)]) {
        const pathDisplay = pathRaw.toString('utf8').replaceAll('\n', '\u240a');
        const place = { itemId, importId, pathRaw, pathDisplay, source: 'drive', exhibit: 'AB/1' };
        insertOccurrence(tx, { ...place, modifiedAt: null, seenAt: at });
      }
      return itemId;
    });
    const refused = { importId, pathRaw: Buffer.from('/dev/null'), pathDisplay: '/dev/null' };
    insertRefusal(tx, { ...refused, code: 'SOURCE_REFUSED', reason: 'This is a device.' });
    const ledger = { added: readable, duplicate: readable + 1, unreadable: 1, refused: 1 };
    addToLedger(tx, importId, { ...ledger, bytes: 1 });
    endImport(tx, importId, { state: 'done', endedAt: at, message: null });
    const stacks = itemIds.slice(0, readable).map((itemId, index) => {
      if (index === 1) return null;
      const stackId = insertStack(tx, { caseId, representativeId: itemId, createdAt: at });
      setItemStack(tx, itemId, stackId, null);
      if (index === 0 && readable > 1) {
        const link = { toItemId: itemId, distance: 4, orientation: 'rot90' as const };
        setItemStack(tx, itemIds[1]!, stackId, link);
        growStack(tx, stackId);
      }
      return stackId;
    });
    tx.prepare(
      `INSERT INTO looks (case_id, item_id, stack_id, by, at, rung, purpose, reason, relook, seconds, seq)
       VALUES (?, ?, ?, ?, ?, 4, 'decide', '', 0, 2.5, ?)`,
    ).run(caseId, itemIds[0], stacks[0], by, at, seq);
    tx.prepare('UPDATE items SET looks = 1 WHERE id = ?').run(itemIds[0]);
    return { caseId, itemIds, stackId: stacks[0]! };
  });
  const fact = (key: 'relevant', value: string) => ({ key, value, certainty: 'certain' as const });
  decide(session, loadLawPacks(RESOURCES), {
    target: { stackId: made.stackId },
    facts: [fact('relevant', 'no')],
    category: null,
    reason: 'A harbour, "nothing" else.',
  });
  return { caseId: made.caseId, itemIds: made.itemIds, contents };
}

export function build(
  session: Session,
  bundleId: number,
  file: string,
  job?: BuildWatch,
): Promise<BundleSummary> {
  const deps = { session, clock, figures: caseFigures, ...(job ? { job } : {}) };
  return buildBundle(deps, bundleId, file);
}

/** Asks for and builds a bundle of a case where nobody else has to agree. */
export async function bundleOf(
  place: Place,
  session: Session,
  caseId: number,
  name = 'out.tar.age',
): Promise<{ file: string; bundle: BundleSummary }> {
  const { recipient } = place.key;
  const asked = await requestBundle(
    { session, clock },
    { caseId, edition: 'sealed', recipients: [recipient] },
  );
  const file = place.path(name);
  return { file, bundle: await build(session, asked.id, file) };
}

export { approveBundle, requestBundle };

/** Files of a bundle in order, decrypted. */
export async function unpack(file: string, key: Key): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const bytes = pieces(readFileSync(file));
  for await (const entry of readTar(decryptWith([key.identity], bytes))) {
    files.set(entry.path, await collect(entry.content));
  }
  return files;
}

export async function tarOf(files: Iterable<[string, Uint8Array]>): Promise<Buffer> {
  async function* inputs() {
    for (const [name, bytes] of files) yield { path: name, bytes: bytes.length, content: [bytes] };
  }
  return collect(packTar(inputs(), new Date(0)));
}

export async function encrypted(bytes: Buffer, key: Key): Promise<Buffer> {
  return collect((await encryptTo([key.recipient], pieces(bytes))).cipher);
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of stream) all.push(chunk);
  return Buffer.concat(all);
}

/** What lies in the folder beside the workspace and the key: nothing half-written may. */
export function leftBehind(place: Place): string[] {
  const own = ['workspace', 'machine', 'key.txt'];
  return readdirSync(place.workspace.folder).filter((name) => !own.includes(name));
}

export function entriesOf(session: Session, type: string): Record<string, unknown>[] {
  const query = { by: null, caseId: null, itemId: null, before: null, limit: 50 };
  const { entries } = session.record.read({ ...query, types: [type as never] });
  return entries.map((entry) => entry.detail);
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return (error as { code?: string }).code ?? String(error);
}
