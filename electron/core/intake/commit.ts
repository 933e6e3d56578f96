/**
 * A batch becomes evidence. Order (docs/security.md): the import's intent is on the record already;
 * sealed files take their place on disk; then one entry, one transaction, one `done`. A crash in
 * between leaves at most sealed bytes that no row names.
 */
import { isCustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import { distrustDerived } from '#core/store/derived-aside.ts';
import { typed } from '#core/store/errors.ts';
import { clearDamage, countDamagedWith } from '#core/store/tables/damage.ts';
import { putRendition } from '#core/store/tables/derived.ts';
import { addToLedger, insertRefusal, type LedgerStep } from '#core/store/tables/imports.ts';
import { findItemByHash, insertItem, insertOccurrence } from '#core/store/tables/items.ts';
import type { Writer } from '#core/store/types.ts';
import { displayName } from './names.ts';
import type { Content, Prepared, PreparedFile } from './prepare.ts';
import type { Stacker } from './stacker.ts';

export interface Batch {
  session: Session;
  stacker: Stacker;
  importId: number;
  caseId: number;
  source: string;
  exhibit: string;
  /** ISO 8601 UTC, for every row of the batch. */
  at: string;
}

/** What became of each file, for the record: bytes are named by their SHA-256 alone. */
type Outcome = 'new' | 'duplicate' | 'unreadable' | 'refused';

/**
 * Throws DISK_FULL, IO_FAILED, READ_ONLY, RECORD_UNWRITABLE: nothing of the batch is then in the
 * catalogue, nothing of it is still being worked on, and what took no place has its `temp` still.
 */
export async function commitBatch(batch: Batch, files: readonly Prepared[]): Promise<LedgerStep> {
  const { session } = batch;
  const fresh = uniqueContents(files);
  await placeAll(session, fresh);
  storeThumbnails(session, fresh);

  const outcomes = foresee(batch, files);
  const mended = fresh
    .map(({ hashes }) => hashes.sha256)
    .filter((sha256) => countDamagedWith(session.catalogue, sha256) > 0);
  const entry = {
    type: 'import.batch' as const,
    detail: {
      caseId: batch.caseId,
      importId: batch.importId,
      files: files.map((file, index) =>
        file.kind === 'file'
          ? [outcomes[index], file.sha256.toString('hex'), file.bytes]
          : [outcomes[index], file.code],
      ),
      ...(mended.length === 0 ? {} : { mended: mended.map((sha256) => sha256.toString('hex')) }),
    },
  };
  return session.act(entry, (tx, seq) => {
    batch.stacker.catchUp(tx);
    const step: LedgerStep = { added: 0, duplicate: 0, unreadable: 0, refused: 0, bytes: 0 };
    files.forEach((file) => {
      if (file.kind === 'refused') {
        step.refused += 1;
        insertRefusal(tx, {
          importId: batch.importId,
          pathRaw: file.path,
          pathDisplay: displayName(file.path),
          code: file.code,
          reason: file.reason,
        });
      } else {
        step[writeFile(batch, tx, seq, file)] += 1;
        step.bytes += file.bytes;
      }
    });
    for (const sha256 of mended) clearDamage(tx, sha256);
    addToLedger(tx, batch.importId, step);
    return step;
  });
}

function uniqueContents(files: readonly Prepared[]): Content[] {
  const contents = new Set<Content>();
  for (const file of files) if (file.kind === 'file' && file.content) contents.add(file.content);
  return [...contents];
}

/** Waits for all of them, also after a failure: nobody may discard a file that is being renamed. */
async function placeAll(session: Session, contents: readonly Content[]): Promise<void> {
  const outcomes = await Promise.allSettled(contents.map((content) => place(session, content)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function place(session: Session, content: Content): Promise<void> {
  if (!content.temp) return;
  await session.blobs!.commit(content.temp, content.hashes.sha256);
  content.temp = null;
}

function storeThumbnails(session: Session, contents: readonly Content[]): void {
  const derived = session.derived!;
  const putAll = derived.transaction(() => {
    for (const { facts, hashes } of contents) {
      if (!facts.readable) continue;
      putRendition(derived, {
        itemSha256: hashes.sha256,
        kind: 'thumbnail',
        mime: 'image/jpeg',
        ...facts.thumbnailSize,
        bytes: Buffer.from(facts.thumbnail),
      });
    }
  });
  try {
    typed('keeping thumbnails', () => putAll());
  } catch (error) {
    if (!isCustosError(error) || error.code !== 'WORKSPACE_DAMAGED') throw error;
    // Evidence is not turned away because pictures that can be made again cannot be kept; their
    // store is begun anew at the next opening.
    distrustDerived(session.workspace.dir);
  }
}

/** The outcomes as the transaction will find them: what a batch's entry says must be what it did. */
function foresee(batch: Batch, files: readonly Prepared[]): Outcome[] {
  const inBatch = new Set<string>();
  return files.map((file) => {
    if (file.kind === 'refused') return 'refused';
    const key = file.sha256.toString('hex');
    const known =
      inBatch.has(key) ||
      findItemByHash(batch.session.catalogue, batch.caseId, file.sha256) !== null;
    inBatch.add(key);
    if (known || !file.content) return 'duplicate';
    return file.content.facts.readable ? 'new' : 'unreadable';
  });
}

function writeFile(
  batch: Batch,
  tx: Writer,
  seq: number,
  file: PreparedFile,
): 'added' | 'duplicate' | 'unreadable' {
  const known = findItemByHash(tx, batch.caseId, file.sha256);
  const itemId = known ?? addItem(batch, tx, seq, file.content!);
  insertOccurrence(tx, {
    itemId,
    importId: batch.importId,
    pathRaw: file.path,
    pathDisplay: displayName(file.path),
    source: batch.source,
    exhibit: batch.exhibit,
    modifiedAt: file.modifiedAt,
    seenAt: batch.at,
  });
  if (known !== null) return 'duplicate';
  return file.content!.facts.readable ? 'added' : 'unreadable';
}

function addItem(batch: Batch, tx: Writer, seq: number, content: Content): number {
  const { facts, hashes } = content;
  const readable = facts.readable ? facts : null;
  const id = insertItem(tx, {
    caseId: batch.caseId,
    importId: batch.importId,
    ...hashes,
    bytes: content.bytes,
    mime: facts.mime,
    ext: facts.ext,
    width: readable?.width ?? null,
    height: readable?.height ?? null,
    frames: readable?.frames ?? null,
    pdq: readable?.pdq ? Buffer.from(readable.pdq.subarray(0, 32)) : null,
    pdqQuality: readable?.pdqQuality ?? null,
    state: facts.readable ? 'undecided' : 'unreadable',
    unreadableCode: facts.readable ? null : facts.code,
    unreadableReason: facts.readable ? null : facts.reason,
    createdAt: batch.at,
    seq,
  });
  if (facts.readable) batch.stacker.place(tx, { id, picture: facts, createdAt: batch.at });
  return id;
}
