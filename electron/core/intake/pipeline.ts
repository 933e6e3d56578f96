/**
 * The work of an import: files are prepared several at a time and committed in the order they were
 * met, so that the same folder gives the same catalogue every time, however many are prepared at
 * once. While one batch is committed the next is being prepared.
 */
import { isCustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import type { Media } from '#core/media/types.ts';
import type { Clock } from '#core/ports.ts';
import { countDamagedWith } from '#core/store/tables/damage.ts';
import { findItemByHash } from '#core/store/tables/items.ts';
import { createAllowance } from './allowance.ts';
import { commitBatch } from './commit.ts';
import { prepare, type Content, type Prepared, type PrepareDeps } from './prepare.ts';
import { walk } from './sources.ts';
import { createStacker } from './stacker.ts';

/** Files per entry and transaction: few flushes, and at most this much to do again after a kill. */
const BATCH_FILES = 32;
/** Bytes after which a batch is closed earlier: large files show progress and are safe sooner. */
const BATCH_BYTES = 256 * 1024 * 1024;
/** Bytes of originals in memory at once, all slots together. */
const HELD_BYTES = 128 * 1024 * 1024;

export interface ImportDeps {
  session: Session;
  media: Media;
  clock: Clock;
  /** Files prepared at once: enough to keep every decoder busy while others read and seal. */
  slots: number;
}
export interface ImportRequest {
  caseId: number;
  paths: readonly string[];
  source: string;
  exhibit: string;
}
/** How the import tells whoever watches; a job, in the program. */
export interface Watch {
  signal: AbortSignal;
  setTotal(total: number): void;
  advance(by: { done?: number; failed?: number; bytes?: number }): void;
}

/**
 * Brings everything in, or stops where it is safe once the signal is aborted: what was read by then
 * is finished and kept. Answers whether everything that was offered was brought in.
 * Throws whatever ends an import; nothing sealed is then left behind and no work goes on.
 */
export async function bringIn(
  deps: ImportDeps,
  request: ImportRequest,
  importId: number,
  watch: Watch,
): Promise<boolean> {
  const { signal } = watch;
  const dir = deps.session.workspace.dir;
  watch.setTotal(await countFiles(request.paths, dir, signal));
  const line = createLine(deps, request, importId, watch);
  try {
    for await (const found of walk(request.paths, dir, signal)) await line.take(found);
    const complete = !signal.aborted;
    return (await line.finish()) && complete;
  } catch (error) {
    await line.letGo();
    throw error;
  }
}

async function countFiles(
  paths: readonly string[],
  workspaceDir: string,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  const found = walk(paths, workspaceDir, signal);
  while (!(await found.next()).done) count += 1;
  return count;
}

/** Bytes whose original was lost or damaged are taken in again: they mend it. */
function isSafe({ blobs, catalogue }: Session, sha256: Buffer): boolean {
  return blobs!.has(sha256) && countDamagedWith(catalogue, sha256) === 0;
}

interface Line {
  /** Begins with one more; waits while as many as there are slots are being prepared. */
  take(found: Parameters<typeof prepare>[1]): Promise<void>;
  /** Waits for the rest. Answers whether nothing was given up. */
  finish(): Promise<boolean>;
  /** Waits until nothing moves any more and removes sealed files that will not be committed. */
  letGo(): Promise<void>;
}

function createLine(
  deps: ImportDeps,
  request: ImportRequest,
  importId: number,
  watch: Watch,
): Line {
  const { session, clock } = deps;
  const { caseId, source, exhibit } = request;
  const inFlight = new Map<string, Promise<Content>>();
  const prepareDeps: PrepareDeps = {
    blobs: session.blobs!,
    media: deps.media,
    signal: watch.signal,
    memory: createAllowance(HELD_BYTES),
    isKnown: (sha256) =>
      findItemByHash(session.catalogue, caseId, sha256) !== null && isSafe(session, sha256),
    inFlight,
  };
  const stacker = createStacker(caseId);
  /** In the order they were met: being prepared, prepared, being committed. */
  const preparing: Promise<Prepared>[] = [];
  let prepared: Prepared[] = [];
  let committing: { files: Prepared[]; ended: Promise<void> } = {
    files: [],
    ended: Promise.resolve(),
  };
  let complete = true;

  const commit = async (files: Prepared[]): Promise<void> => {
    const at = clock.now().toISOString();
    const batch = { session, stacker, importId, caseId, source, exhibit, at };
    const { unreadable, refused, bytes } = await commitBatch(batch, files);
    for (const file of files)
      if (file.kind === 'file') inFlight.delete(file.sha256.toString('hex'));
    watch.advance({ done: files.length, failed: unreadable + refused, bytes });
  };

  const flush = async (): Promise<void> => {
    await committing.ended;
    if (prepared.length === 0) return;
    const ended = commit(prepared);
    // Met at the next flush; until then a failure must not count as unheard.
    void ended.catch(() => undefined);
    committing = { files: prepared, ended };
    prepared = [];
  };

  const receive = async (): Promise<void> => {
    try {
      prepared.push(await preparing[0]!);
    } catch (error) {
      // What was still being read when the import was cancelled is not offered at all.
      if (!watch.signal.aborted || !isCustosError(error) || error.code !== 'CANCELLED') throw error;
      complete = false;
    }
    void preparing.shift();
    const bytes = prepared.reduce((sum, file) => sum + (file.kind === 'file' ? file.bytes : 0), 0);
    if (prepared.length >= BATCH_FILES || bytes >= BATCH_BYTES) await flush();
  };

  return {
    async take(found) {
      const begun = prepare(prepareDeps, found);
      // A later slot may fail while an earlier one is still awaited; the failure is met in turn.
      void begun.catch(() => undefined);
      preparing.push(begun);
      if (preparing.length >= deps.slots) await receive();
    },
    async finish() {
      while (preparing.length > 0) await receive();
      await flush();
      await committing.ended;
      return complete;
    },
    async letGo() {
      await committing.ended.catch(() => undefined);
      const done = (await Promise.allSettled(preparing)).flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      );
      for (const file of [...committing.files, ...prepared, ...done]) {
        const temp = file.kind === 'file' ? file.content?.temp : null;
        // The failure that brought us here is the one to tell; a file that cannot be removed now is
        // removed when the workspace is opened next.
        if (temp) await session.blobs!.discard(temp).catch(() => undefined);
      }
    },
  };
}
