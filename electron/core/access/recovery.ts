/**
 * What is compared at every unlocking, and what a crash has left that can be put right. Nothing is
 * ever put right silently: each finding becomes a notice or makes the session read-only.
 */
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Clock, Ports } from '#core/ports.ts';
import { openAnchors, type Anchors } from '#core/record/anchors.ts';
import { openRecord, openRecordReadOnly } from '#core/record/recorder.ts';
import type { Recorder } from '#core/record/types.ts';
import { releaseBallast, restoreBallast } from '#core/store/ballast.ts';
import { getMeta } from '#core/store/meta.ts';
import { endImport, listRunningImports } from '#core/store/tables/imports.ts';
import { listMemberRows, type MemberRow } from '#core/store/tables/members.ts';
import { discardCopies } from '#core/store/rekey.ts';
import type { Reader } from '#core/store/types.ts';
import type { WorkspaceHeader } from '#core/vault/header.ts';
import { RECOVERY_SLOT_ID, slotIdOf } from '#core/vault/slot.ts';
import type { Keyring } from '#core/vault/types.ts';
import { memberDirectory } from './directory.ts';
import { dropKeysNotInUse } from './grant-files.ts';
import { readEpochs, readHeader, removeKeyFiles, removeSlot, writeEpochs } from './key-files.ts';
import { keysInUse, readKeyState, rotationWords, type KeyState } from './key-state.ts';
import { completeGrant } from './members.ts';
import { recoveryMember } from './recovery-state.ts';
import { LAST_SEQ } from './session.ts';
import type { Session } from './types.ts';

export interface OwnRecord {
  record: Recorder;
  /** False for a record that was tampered with. */
  writable: boolean;
  /** Why nothing may be changed, or null. */
  readOnly: string | null;
  notices: string[];
}

/**
 * The record under the member's name, held against the catalogue.
 * Errors: RECORD_UNWRITABLE, WORKSPACE_DAMAGED, IO_FAILED. A record that was tampered with opens
 * for reading only.
 */
export function openOwnRecord(
  ports: Ports,
  of: { dir: string; header: WorkspaceHeader; keys: Keyring; member: { id: string; name: string } },
  catalogue: Reader,
): OwnRecord {
  const { dir, header, keys, member } = of;
  const options = {
    dir,
    workspaceId: header.id,
    recordPublic: keys.recordPublic,
    recordPrivate: keys.recordPrivate,
    earlierPrivates: keys.earlierPrivates.map(({ key }) => key),
    checkpoint: keys.checkpoint,
    checkpointPublic: keys.checkpointPublic,
    earlierCheckpoints: keys.earlierCheckpoints,
    member: { id: member.id, name: member.name, signing: keys.signing },
    members: memberDirectory(header, catalogue),
    clock: ports.clock,
    anchors: openAnchors(ports.machineDir),
    onFull: () => {
      releaseBallast(dir);
    },
  };
  const forgotten = unreadableAnchor(ports.machineDir, header.id);
  if (forgotten !== null) {
    // SECURITY: without this machine's memory a rollback would pass, so nothing is written until a
    // person has held the record against an earlier checkpoint. Nobody is kept from looking.
    const record = openRecordReadOnly({ ...options, anchors: NO_MEMORY });
    return { record, writable: false, readOnly: forgotten, notices: [...record.problems] };
  }
  try {
    const record = openRecord(options);
    return { record, writable: true, ...compare(record, catalogue) };
  } catch (error) {
    if (!isCustosError(error) || error.code !== 'RECORD_TAMPERED') throw error;
    const record = openRecordReadOnly(options);
    return {
      record,
      writable: false,
      readOnly: error.message,
      notices: [...record.problems],
    };
  }
}

const NO_MEMORY: Anchors = { get: () => null, put: () => undefined };

/** Why this machine's note of the record cannot be read, or null where it can or there is none. */
function unreadableAnchor(machineDir: string, workspaceId: string): string | null {
  try {
    openAnchors(machineDir).get(workspaceId);
    return null;
  } catch (error) {
    if (isCustosError(error) && error.code === 'IO_FAILED') return error.message;
    throw error;
  }
}

/**
 * SECURITY: no cipher notices that a whole file was put back to an earlier state. Each change
 * stores the number of its entry in the catalogue, so the two tell on each other (security.md 4).
 */
function compare(
  record: Recorder & { readonly notices: readonly string[] },
  catalogue: Reader,
): { readOnly: string | null; notices: string[] } {
  const notices = [...record.notices];
  const lastSeq = Number(getMeta(catalogue, LAST_SEQ) ?? -1);
  if (lastSeq < record.lastDone) {
    return {
      readOnly: `The catalogue was put back to an earlier state: it ends at entry ${String(lastSeq)}, but the record shows changes up to entry ${String(record.lastDone)}. Nothing is changed here any more; compare with a backup.`,
      notices,
    };
  }
  if (lastSeq >= record.size) {
    return {
      readOnly: `The record was put back to an earlier state: the catalogue holds changes up to entry ${String(lastSeq)}, but the record ends after ${String(record.size)} entries. Nothing is changed here any more; compare with a backup.`,
      notices,
    };
  }
  if (lastSeq > record.lastDone) {
    // The crash came between the change and the entry that closes it. The change is whole.
    record.done(lastSeq);
    notices.push('The last change before an interruption was found complete and is kept.');
  }
  return { readOnly: null, notices };
}

/**
 * A supervisor, who can read the record, holds its first act against the header: the founder's key
 * that ends every chain of role statements must be the one the workspace was created with.
 */
export function requireSameOrigin(header: WorkspaceHeader, record: Recorder, keys: Keyring): void {
  if (keys.recordPrivate === null) return;
  // Only the session's own opening, and a note about the clock, can come before it.
  const types = ['workspace.created' as const];
  const query = { types, by: null, caseId: null, itemId: null, before: 4, limit: 4 };
  const first = record.read(query).entries.at(-1);
  if (first?.detail['founderPublic'] !== header.founderPublic.toString('hex')) {
    throw new CustosError(
      'WORKSPACE_DAMAGED',
      'The record does not begin with the creation of this workspace. Nothing was opened. Keep a copy of the workspace folder as it is, then restore from a backup.',
    );
  }
}

/**
 * Puts the ballast back, ends imports that a crash cut short and completes waiting grants. Returns
 * notices in words. What cannot be put right now (a full disk, a damaged file of another member)
 * is said, and does not keep anybody out.
 */
export function putRight(session: Session, clock: Clock): string[] {
  const notices: string[] = [];
  const attempt = (work: () => string | null): void => {
    try {
      const notice = work();
      if (notice !== null) notices.push(notice);
    } catch (error) {
      if (!isCustosError(error)) throw error;
      notices.push(error.message);
    }
  };
  attempt(() => {
    restoreBallast(session.workspace.dir);
    return null;
  });
  for (const { id, caseId } of listRunningImports(session.catalogue)) {
    attempt(() => endInterrupted(session, clock, id, caseId));
  }
  const state = readKeyState(session.catalogue);
  const rows = listMemberRows(session.catalogue);
  attempt(() => putKeyFilesRight(session, rows, state));
  for (const row of rows) {
    if (row.state === 'revoked' || row.id === session.member.id) continue;
    attempt(() => (completeGrant(session, row) ? `Keys were granted to ${row.name}.` : null));
  }
  const rotation = rotationWords(state);
  if (rotation !== null) notices.push(rotation);
  return notices;
}

/**
 * What a crash while a member was revoked or keys were rotated has left beside what is in force:
 * unfinished copies, files of somebody revoked, keys of epochs that ended or never began, a list of
 * epochs that the catalogue is ahead of.
 */
function putKeyFilesRight(
  session: Session,
  rows: readonly MemberRow[],
  state: KeyState,
): string | null {
  const { dir, id } = session.workspace;
  discardCopies(dir);
  const header = readHeader(dir);
  for (const row of rows) {
    if (row.state === 'revoked') removeKeyFiles(dir, slotIdOf(header, row.name), row.id);
  }
  if (recoveryMember(session.catalogue, rows) === null) removeSlot(dir, RECOVERY_SLOT_ID);
  dropKeysNotInUse(session, rows, keysInUse(state));
  const published = countPublished(dir, id);
  if (!writeEpochs(dir, id, state.epochs)) return null;
  const isBehind = published !== null && published < state.epochs.length;
  return isBehind
    ? null
    : 'The public list of key epochs (keys/epochs.json) was not what the catalogue says and was written anew. If nobody restored it from a backup, somebody changed it.';
}

/** How many epochs the public list names; null where it cannot be read. */
function countPublished(dir: string, workspace: string): number | null {
  try {
    return readEpochs(dir, workspace).length;
  } catch (error) {
    if (isCustosError(error)) return null;
    throw error;
  }
}

function endInterrupted(session: Session, clock: Clock, id: number, caseId: number): string {
  const detail = { importId: id, caseId, state: 'interrupted' };
  session.act({ type: 'import.ended', detail }, (tx) => {
    endImport(tx, id, {
      state: 'interrupted',
      endedAt: clock.now().toISOString(),
      message: 'Custos ended before the import did.',
    });
  });
  return `Import ${String(id)} had been interrupted. What it had acknowledged is kept; run it again over the same sources to complete it.`;
}
