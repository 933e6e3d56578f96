/**
 * One act of bringing files in. Files are prepared several at a time and committed in the order
 * they were met, so that the same folder gives the same catalogue every time. What is committed
 * stays, whatever ends the import; the ledger always balances.
 */
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Ledger } from '#shared/contract/values.ts';
import type { Session } from '#core/access/types.ts';
import type { Media } from '#core/media/types.ts';
import type { Clock } from '#core/ports.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { endImport, getImport, insertImport } from '#core/store/tables/imports.ts';
import { findItemByHash } from '#core/store/tables/items.ts';
import { commitBatch, type Batch } from './commit.ts';
import { prepare, type Content, type Prepared } from './prepare.ts';
import { checkSources, walk } from './sources.ts';
import { createStacker } from './stacker.ts';

/** Files per entry and transaction: few flushes, and at most this much to do again after a kill. */
const BATCH = 32;

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
export interface ImportOutcome extends Ledger {
  importId: number;
  bytes: number;
  stacks: number;
  seconds: number;
}

/**
 * Writes the intent down and returns the import's id; `run` does the work.
 * Throws SOURCE_UNREADABLE, SOURCE_REFUSED, NOT_FOUND, KEY_UNAVAILABLE before anything is written.
 */
export async function beginImport(
  deps: ImportDeps,
  request: ImportRequest,
): Promise<{ importId: number; run: (watch: Watch) => Promise<ImportOutcome> }> {
  const { session } = deps;
  getCase(session.catalogue, request.caseId);
  if (!session.blobs || !session.derived)
    throw new CustosError(
      'KEY_UNAVAILABLE',
      'Your key to pictures has not been granted yet. Any investigator grants it by unlocking this workspace once.',
    );
  await checkSources(request.paths, session.workspace.dir);
  const startedAt = deps.clock.now().toISOString();
  const { caseId, source, exhibit } = request;
  const entry = {
    type: 'import.begun' as const,
    detail: { caseId, source, exhibit, chosen: request.paths.length },
  };
  const importId = session.act(entry, (tx, seq) =>
    insertImport(tx, { caseId, source, exhibit, acquirer: session.member.id, startedAt, seq }),
  );
  return { importId, run: (watch) => runImport(deps, request, importId, watch) };
}

async function runImport(
  deps: ImportDeps,
  request: ImportRequest,
  importId: number,
  watch: Watch,
): Promise<ImportOutcome> {
  const began = deps.clock.monotonicMs();
  let failure: unknown = null;
  try {
    await work(deps, request, importId, watch);
  } catch (error) {
    failure = error;
  }
  const cancelled = watch.signal.aborted;
  const state = cancelled ? 'cancelled' : failure ? 'failed' : 'done';
  const message = failure && !cancelled ? sentence(failure) : null;
  const { ledger, bytes, stacks } = end(deps, request.caseId, importId, state, message);
  if (failure && !cancelled) throw failure;
  if (cancelled)
    throw new CustosError(
      'CANCELLED',
      `The import was cancelled. ${ledger.offered} files that were finished are kept.`,
    );
  const seconds = (deps.clock.monotonicMs() - began) / 1000;
  return { importId, ...ledger, bytes, stacks, seconds };
}

function sentence(failure: unknown): string {
  return isCustosError(failure) ? failure.message : 'The import stopped for an unforeseen reason.';
}

/** Closes the import's row and entry. The ledger is read back, not remembered. */
function end(
  deps: ImportDeps,
  caseId: number,
  importId: number,
  state: 'done' | 'cancelled' | 'failed',
  message: string | null,
): { ledger: Ledger; bytes: number; stacks: number } {
  const row = getImport(deps.session.catalogue, importId);
  const ledger: Ledger = {
    offered: row.offered,
    new: row.added,
    duplicate: row.duplicate,
    unreadable: row.unreadable,
    refused: row.refused,
  };
  deps.session.act(
    { type: 'import.ended', detail: { caseId, importId, state, ...ledger, bytes: row.bytes } },
    (tx) => endImport(tx, importId, { state, endedAt: deps.clock.now().toISOString(), message }),
  );
  return { ledger, bytes: row.bytes, stacks: row.stacks };
}

async function work(
  deps: ImportDeps,
  request: ImportRequest,
  importId: number,
  watch: Watch,
): Promise<void> {
  const { session } = deps;
  const dir = session.workspace.dir;
  watch.setTotal(await countFiles(request.paths, dir, watch.signal));

  const inFlight = new Map<string, Promise<Content>>();
  const prepareDeps = {
    blobs: session.blobs!,
    media: deps.media,
    isKnown: (sha256: Buffer) => findItemByHash(session.catalogue, request.caseId, sha256) !== null,
    inFlight,
  };
  const stacker = createStacker(session.catalogue, request.caseId);
  const commit = async (files: Prepared[]): Promise<void> => {
    const at = deps.clock.now().toISOString();
    const { caseId, source, exhibit } = request;
    const batch: Batch = { session, stacker, importId, caseId, source, exhibit, at };
    const step = await commitBatch(batch, files);
    for (const file of files)
      if (file.kind === 'file') inFlight.delete(file.sha256.toString('hex'));
    watch.advance({
      done: files.length,
      failed: step.unreadable + step.refused,
      bytes: step.bytes,
    });
  };

  const waiting: Promise<Prepared>[] = [];
  let batch: Prepared[] = [];
  try {
    for await (const found of walk(request.paths, dir, watch.signal)) {
      if (watch.signal.aborted) break;
      const preparing = prepare(prepareDeps, found);
      // A later slot may fail while an earlier one is still awaited; the failure is met in turn.
      preparing.catch(() => undefined);
      waiting.push(preparing);
      if (waiting.length >= deps.slots) batch.push(await waiting.shift()!);
      if (batch.length >= BATCH) {
        await commit(batch);
        batch = [];
      }
    }
    while (waiting.length > 0) batch.push(await waiting.shift()!);
    if (batch.length > 0) await commit(batch);
  } catch (error) {
    await letGo(deps, [...batch, ...waiting]);
    throw error;
  }
}

/** Sealed files that will not be committed are removed now rather than at the next open. */
async function letGo(
  deps: ImportDeps,
  waiting: readonly (Prepared | Promise<Prepared>)[],
): Promise<void> {
  for (const outcome of await Promise.allSettled(waiting)) {
    if (outcome.status !== 'fulfilled' || outcome.value.kind !== 'file') continue;
    const temp = outcome.value.content?.temp;
    if (temp) await deps.session.blobs!.discard(temp);
  }
}

async function countFiles(
  paths: readonly string[],
  workspaceDir: string,
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for await (const _found of walk(paths, workspaceDir, signal)) count += 1;
  return count;
}
