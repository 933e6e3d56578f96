/**
 * One act of bringing files in, from the intent on the record to the closed ledger. What is
 * committed stays, whatever ends the import; the ledger always balances.
 */
import { CustosError } from '#shared/domain/errors.ts';
import type { Ledger } from '#shared/contract/values.ts';
import { releaseBallast, restoreBallast } from '#core/store/ballast.ts';
import { asCustosError } from '#core/store/errors.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { endImport, getImport, insertImport } from '#core/store/tables/imports.ts';
import { bringIn, type ImportDeps, type ImportRequest, type Watch } from './pipeline.ts';
import { checkSources } from './sources.ts';

export interface ImportOutcome extends Ledger {
  importId: number;
  bytes: number;
  stacks: number;
  seconds: number;
}

/**
 * Writes the intent down and returns the import's id; `run` does the work.
 * Throws SOURCE_UNREADABLE, SOURCE_REFUSED, NOT_FOUND, KEY_UNAVAILABLE, DISK_FULL before anything is written.
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
  if (session.readOnly === null) requireRoom(session.workspace.dir);
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

/**
 * Once a full disk has cost the ballast, originals may not fill its room as well: what is there
 * could then be neither decided nor even opened, since that, too, goes on the record first.
 */
function requireRoom(dir: string): void {
  if (restoreBallast(dir)) return;
  throw new CustosError(
    'DISK_FULL',
    'The disk is nearly full, and the room that is left is kept for the record. Free at least 32 MB, then import again.',
  );
}

/**
 * Throws CANCELLED where it was stopped before everything was in, else what went wrong; a failure is
 * told even where somebody cancelled as well.
 */
async function runImport(
  deps: ImportDeps,
  request: ImportRequest,
  importId: number,
  watch: Watch,
): Promise<ImportOutcome> {
  const began = deps.clock.monotonicMs();
  let complete = false;
  let failure: CustosError | null = null;
  try {
    complete = await bringIn(deps, request, importId, watch);
  } catch (error) {
    failure = asCustosError(error, 'importing');
  }
  if (failure?.code === 'CANCELLED' && watch.signal.aborted) failure = null;
  if (failure) {
    endAfter(failure, deps, request.caseId, importId);
    throw failure;
  }
  const state = complete ? 'done' : 'cancelled';
  const { ledger, bytes, stacks } = end(deps, request.caseId, importId, state, null);
  if (!complete)
    throw new CustosError(
      'CANCELLED',
      `The import was cancelled. ${ledger.offered} files that were finished are kept.`,
    );
  const seconds = (deps.clock.monotonicMs() - began) / 1000;
  return { importId, ...ledger, bytes, stacks, seconds };
}

function endAfter(failure: CustosError, deps: ImportDeps, caseId: number, importId: number): void {
  try {
    // Originals filled the disk; the room kept for this moment lets the ending be written.
    if (failure.code === 'DISK_FULL') releaseBallast(deps.session.workspace.dir);
    end(deps, caseId, importId, 'failed', failure.message);
  } catch {
    // What stopped the import keeps its ending from being written, too, and is what the person is
    // told. The next opening of the workspace closes the import as interrupted.
  }
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
