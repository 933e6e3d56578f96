/**
 * A day's work in small: pictures of a few kilobytes are imported, each stack is decided. The
 * storage is all real; only the decoder is made up, and says what a file says of itself.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ORIENTATIONS } from '#shared/domain/words.ts';
import type { Session } from '#core/access/types.ts';
import { beginImport } from '#core/intake/import.ts';
import type { Media, PictureFacts, Unreadable } from '#core/media/types.ts';
import type { Ports } from '#core/ports.ts';
import { decide } from '#core/review/decide.ts';
import { loadLawPacks, type LawPacks } from '#core/review/law-packs.ts';
import { insertCase } from '#core/store/tables/cases.ts';
import { listQueue } from '#core/store/tables/queue.ts';
import { RESOURCES } from '../../support/workspace.ts';

export const MEMBER = 'Ines Ortega';
export const PASSWORD = 'seven otters juggle plums at noon';
export const ROLES = ['investigator', 'legal', 'supervisor'] as const;

/** Begins every made-up picture, so that a search for it finds plaintext wherever it lies. */
export const MARK = 'made-up picture ';

/** Writes `count` files, named so that each differs from all others; every ninth is no picture. */
export function writeSources(
  folder: string,
  names: { prefix: string; count: number },
  random: () => number,
): string {
  mkdirSync(folder, { recursive: true });
  for (let nth = 0; nth < names.count; nth += 1) {
    const name = `${names.prefix}-${String(nth).padStart(4, '0')}`;
    const picture = nth % 9 !== 8;
    const length = random() < 0.04 ? 300_000 : 200 + Math.floor(random() * 6_000);
    const text = `${picture ? MARK : 'a letter '}${name} `;
    writeFileSync(path.join(folder, name), text.repeat(Math.ceil(length / text.length)));
  }
  return folder;
}

export const madeUpDecoder: Media = {
  analyse: (bytes) => Promise.resolve(describe(Buffer.from(bytes))),
  render: () => Promise.reject(new Error('nothing is shown here')),
  close: () => Promise.resolve(),
};

function describe(bytes: Buffer): PictureFacts | Unreadable {
  if (!bytes.subarray(0, MARK.length).equals(Buffer.from(MARK)))
    return {
      readable: false,
      code: 'NOT_A_PICTURE',
      reason: 'These bytes are no picture.',
      mime: 'text/plain',
      ext: 'txt',
    };
  const hash = (turn: string): Buffer => createHash('sha256').update(turn).update(bytes).digest();
  return {
    readable: true,
    mime: 'image/jpeg',
    ext: 'jpg',
    width: 64,
    height: 48,
    frames: 1,
    pdq: Buffer.concat(ORIENTATIONS.map(hash)),
    pdqQuality: 100,
    thumbnail: Buffer.from('a thumbnail'),
    thumbnailSize: { width: 10, height: 10 },
  };
}

let packs: LawPacks | null = null;

export function makeCase(session: Session, ports: Ports): number {
  const detail = { ref: 'RIG', title: 'Attacked', service: '', lawPack: 'uk' };
  const createdAt = ports.clock.now().toISOString();
  return session.act({ type: 'case.created', detail }, (tx, seq) =>
    insertCase(tx, { ...detail, createdAt, createdBy: session.member.id, seq }),
  );
}

export async function importFolder(
  session: Session,
  ports: Ports,
  request: { caseId: number; folder: string; slots?: number },
): Promise<void> {
  const { caseId, folder, slots = 4 } = request;
  const deps = { session, media: madeUpDecoder, clock: ports.clock, slots };
  const begun = await beginImport(deps, { caseId, paths: [folder], source: 'rig', exhibit: 'R/1' });
  await begun.run({
    signal: new AbortController().signal,
    setTotal: () => undefined,
    advance: () => undefined,
  });
}

/** Decides every stack that waits. */
export function decideAll(session: Session, caseId: number): void {
  packs ??= loadLawPacks(RESOURCES);
  for (const { stackId } of listQueue(session.catalogue, caseId)) {
    decide(session, packs, {
      target: { stackId },
      facts: [{ key: 'relevant', value: 'no', certainty: 'certain' }],
      category: null,
      reason: '',
    });
  }
}
