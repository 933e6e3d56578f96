/** Originals in a real workspace, sealed and catalogued as intake does it, without any decoder. */
import { createHash } from 'node:crypto';
import type { Session } from '#core/access/types.ts';
import { findCaseByRef, insertCase } from '#core/store/tables/cases.ts';
import { putRendition } from '#core/store/tables/derived.ts';
import { addToLedger, endImport, insertImport } from '#core/store/tables/imports.ts';
import { insertItem, insertOccurrence } from '#core/store/tables/items.ts';

export interface Original {
  itemId: number;
  sha256: Buffer;
  bytes: Buffer;
}

export const hashOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/** Takes each of `contents` in as one item of the case `ref`, with a small picture. */
export async function addOriginals(
  session: Session,
  contents: readonly Buffer[],
  ref = 'CASE-1',
): Promise<Original[]> {
  const at = new Date().toISOString();
  const by = session.member.id;
  for (const bytes of contents) {
    await session.blobs!.commit(await session.blobs!.seal(bytes), hashOf(bytes));
    putRendition(session.derived!, {
      itemSha256: hashOf(bytes),
      kind: 'thumbnail',
      mime: 'image/jpeg',
      width: 8,
      height: 8,
      bytes: Buffer.alloc(600, hashOf(bytes)),
    });
  }
  return session.act({ type: 'import.batch', detail: { files: contents.length } }, (tx, seq) => {
    const caseId =
      findCaseByRef(tx, ref)?.id ??
      insertCase(tx, {
        ref,
        title: 'Harbour lights',
        service: '',
        lawPack: 'uk',
        createdAt: at,
        createdBy: by,
        seq,
      });
    const opened = { caseId, source: 'drive', exhibit: 'AB/1', acquirer: by, startedAt: at, seq };
    const importId = insertImport(tx, opened);
    const made = contents.map((bytes, index) => {
      const sha256 = hashOf(bytes);
      const itemId = insertItem(tx, {
        caseId,
        importId,
        sha256,
        sha1: createHash('sha1').update(bytes).digest(),
        md5: createHash('md5').update(bytes).digest(),
        bytes: bytes.length,
        mime: 'image/jpeg',
        ext: 'jpg',
        width: 8,
        height: 8,
        frames: 1,
        pdq: null,
        pdqQuality: null,
        state: 'undecided',
        unreadableCode: null,
        unreadableReason: null,
        createdAt: at,
        seq,
      });
      const display = `photos/${String(index)}.jpg`;
      insertOccurrence(tx, {
        itemId,
        importId,
        pathRaw: Buffer.from(display),
        pathDisplay: display,
        source: 'drive',
        exhibit: 'AB/1',
        modifiedAt: null,
        seenAt: at,
      });
      return { itemId, sha256, bytes };
    });
    addToLedger(tx, importId, {
      added: contents.length,
      duplicate: 0,
      unreadable: 0,
      refused: 0,
      bytes: contents.reduce((sum, bytes) => sum + bytes.length, 0),
    });
    endImport(tx, importId, { state: 'done', endedAt: at, message: null });
    return made;
  });
}
