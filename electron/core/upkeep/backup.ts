/**
 * A backup: one encrypted folder, taken while the workspace is open, that holds a whole state of it
 * and proves itself. Taken again into the same folder it adds only what is new; the state before is
 * kept until the new one is whole and durable, and one longer.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { BackupSummary } from '#shared/contract/upkeep.ts';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import type { Clock } from '#core/ports.ts';
import { BLOBS_FOLDER, listBlobs, listShards } from '#core/store/blob-files.ts';
import { asCustosError, systemCode, typed } from '#core/store/errors.ts';
import { fsyncFolder, makeFolder, writeFileDurably } from '#core/store/files.ts';
import { setMeta } from '#core/store/meta.ts';
import { allOriginals, originalsAfter } from '#core/store/tables/scrubs.ts';
import { keepOriginals } from './backup-originals.ts';
import { takeState } from './backup-state.ts';
import {
  digestOf,
  encodeFiles,
  encodeMark,
  encodeState,
  FILES_FILE,
  listStates,
  MARK_FILE,
  momentOf,
  readFiles,
  readMark,
  readState,
  sharedPath,
  STATE_FILE,
  stateFolder,
  stateName,
  STATES_FOLDER,
  type ListedFile,
  type StateHead,
} from './manifest.ts';
import { lengthFault } from './scrub-originals.ts';
import type { Watch } from './watch.ts';

/** The newest, and the one before it in case the newest was made of something already spoilt. */
const STATES_KEPT = 2;
const PARTIAL = /^\.partial-[0-9a-f]{16}$/;
const PAGE = 500;
/** In `meta` of the catalogue: the newest `BackupSummary` as JSON. */
export const LAST_BACKUP = 'last_backup';

/**
 * Writes a state into `target`: a folder that is empty or missing, or an earlier backup of this
 * workspace. Errors: READ_ONLY, WORKSPACE_EXISTS (something else is there), USAGE (a place inside
 * the workspace), CANCELLED, DISK_FULL, IO_FAILED, RECORD_UNWRITABLE; no state is then added, and
 * originals that were copied are not copied again.
 */
export async function backUp(
  deps: { session: Session; clock: Clock },
  target: string,
  watch: Watch,
): Promise<BackupSummary> {
  const { session } = deps;
  // A workspace that was put back or tampered with must not take the place of a good state.
  if (session.readOnly !== null) throw new CustosError('READ_ONLY', session.readOnly);
  const backup = prepare(session, path.resolve(target));
  session.note({ type: 'backup.begun', detail: {} });
  const partial = path.join(backup, STATES_FOLDER, `.partial-${randomBytes(8).toString('hex')}`);
  try {
    const summary = await write(deps, backup, partial, watch);
    session.act({ type: 'backup.ended', detail: { outcome: 'done', ...summary } }, (tx) => {
      setMeta(tx, LAST_BACKUP, JSON.stringify(summary));
    });
    return summary;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    const { code } = asCustosError(error, 'making a backup');
    const outcome = code === 'CANCELLED' ? 'cancelled' : 'failed';
    if (session.readOnly === null && code !== 'RECORD_UNWRITABLE' && code !== 'NOT_UNLOCKED') {
      session.note({ type: 'backup.ended', detail: { outcome, code } });
    }
    throw error;
  }
}

/** Makes the folder ready. Answers with its real path. */
function prepare({ workspace }: Session, target: string): string {
  requireOutside(workspace.dir, target);
  const mark = readMark(target);
  if (mark === null && entriesOf(target).length > 0) {
    throw new CustosError(
      'WORKSPACE_EXISTS',
      'There is something else in this folder. Choose an empty folder, or one that holds an earlier backup of this workspace.',
    );
  }
  if (mark !== null && mark !== workspace.id) {
    throw new CustosError(
      'WORKSPACE_EXISTS',
      'This folder holds the backup of another workspace. Choose another folder.',
    );
  }
  makeFolder(path.join(target, STATES_FOLDER));
  makeFolder(path.join(target, BLOBS_FOLDER));
  if (mark === null) writeFileDurably(path.join(target, MARK_FILE), encodeMark(workspace.id));
  for (const name of entriesOf(path.join(target, STATES_FOLDER))) {
    // What an interrupted backup has left was never a state.
    if (PARTIAL.test(name)) rmSync(path.join(target, STATES_FOLDER, name), { recursive: true });
  }
  return realpathSync(target);
}

function requireOutside(workspace: string, target: string): void {
  const real = (place: string): string => {
    try {
      return realpathSync(place);
    } catch (error) {
      const parent = path.dirname(place);
      if (systemCode(error) !== 'ENOENT' || parent === place) throw error;
      return path.join(real(parent), path.basename(place));
    }
  };
  typed('looking at the folder for the backup', () => {
    const [inner, outer] = [real(target), real(workspace)];
    const within = (a: string, b: string): boolean => a === b || a.startsWith(b + path.sep);
    if (within(inner, outer) || within(outer, inner)) {
      throw new CustosError(
        'USAGE',
        'A backup cannot lie inside the workspace it is made of, nor around it. Choose a folder elsewhere, best on another disk.',
      );
    }
  });
}

async function write(
  { session, clock }: { session: Session; clock: Clock },
  backup: string,
  partial: string,
  watch: Watch,
): Promise<BackupSummary> {
  const { dir, id: workspace } = session.workspace;
  watch.setTotal(listShards(dir).reduce((sum, shard) => sum + listBlobs(dir, shard).length, 0));
  const now = clock.now();
  makeFolder(partial);
  const state = await takeState(session, partial, watch.signal);
  const originals = await keepOriginals({
    workspace: dir,
    backup,
    contentKey: session.keys.content,
    known: hashesBefore(backup),
    isNeeded: neededBy(session),
    watch,
  });

  const files = [...state.files, ...originals.files];
  const list = encodeFiles(files);
  const bytes = state.bytes + originals.bytes;
  const head: StateHead = {
    workspace,
    state: freeName(backup, now),
    madeAt: now.toISOString(),
    member: session.member.id,
    signing: session.keys.signingPublic.toString('hex'),
    entries: state.entries,
    root: state.root,
    files: files.length,
    bytes,
    sha256: digestOf(list),
  };
  writeFileDurably(path.join(partial, FILES_FILE), list);
  writeFileDurably(path.join(partial, STATE_FILE), encodeState(head, session.keys.signing));
  typed('putting the backup into its place', () => {
    fsyncFolder(path.join(backup, BLOBS_FOLDER));
    renameSync(partial, stateFolder(backup, head.state));
    fsyncFolder(path.join(backup, STATES_FOLDER));
  });
  for (const old of listStates(backup).slice(0, -STATES_KEPT)) {
    rmSync(stateFolder(backup, old), { recursive: true });
  }
  return {
    state: head.state,
    at: head.madeAt,
    by: session.member.name,
    entries: head.entries,
    files: head.files,
    bytes,
    added: originals.added,
    missing: countMissing(session),
    sameDisk: originals.linked > 0,
    sha256: head.sha256,
  };
}

/** Without the key to names nobody can tell, so everything counts as needed. */
function neededBy({ blobs, catalogue }: Session): (name: string) => boolean {
  if (blobs === null) return () => true;
  let names: Set<string> | null = null;
  return (name) => {
    // Worked out only where the workspace has lost something.
    names ??= new Set(
      [...allOriginals(catalogue)].map((sha256) => `blobs/${blobs.nameOf(sha256)}`),
    );
    return names.has(name);
  };
}

/** A clock that was set back must not make the newest state look older than the one before. */
function freeName(backup: string, now: Date): string {
  const newest = listStates(backup).at(-1);
  const earliest = newest === undefined ? 0 : momentOf(newest).getTime() + 1;
  return stateName(new Date(Math.max(now.getTime(), earliest)));
}

/** Of the newest state, by the originals' place; empty where it does not hold. */
function hashesBefore(backup: string): Map<string, string> {
  const known = new Map<string, string>();
  try {
    for (const file of listed(backup)) {
      const shared = sharedPath(file);
      if (shared !== null) known.set(shared, file.sha256);
    }
  } catch (error) {
    // Then every original in the backup is read again: slower, and it finds out what holds.
    if (!isCustosError(error) || error.code !== 'BUNDLE_INVALID') throw error;
  }
  return known;
}

function listed(backup: string): ListedFile[] {
  return listStates(backup).length === 0 ? [] : readFiles(backup, readState(backup, null));
}

function countMissing({ blobs, catalogue }: Session): number {
  if (blobs === null) return 0;
  let missing = 0;
  for (let after = 0; ;) {
    const rows = originalsAfter(catalogue, after, PAGE);
    missing += rows.filter((row) => lengthFault(blobs, row) !== null).length;
    const last = rows.at(-1);
    if (!last) return missing;
    after = last.itemId;
  }
}

function entriesOf(folder: string): string[] {
  return typed('looking into the folder for the backup', () => {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  });
}
