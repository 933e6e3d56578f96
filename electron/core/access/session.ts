/** An unlocked workspace, and the one road by which its catalogue changes. */
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import type { EntryInput, Recorder } from '#core/record/types.ts';
import { releaseBallast } from '#core/store/ballast.ts';
import { together, type Databases } from '#core/store/databases.ts';
import { asCustosError, systemCode } from '#core/store/errors.ts';
import { getMeta, setMeta } from '#core/store/meta.ts';
import type { BlobStore, Writer } from '#core/store/types.ts';
import type { WorkspaceLock } from '#core/store/workspace-lock.ts';
import type { Keyring } from '#core/vault/types.ts';
import { rememberCatalogue } from './closed-catalogue.ts';
import type { Exchangeable, Session } from './types.ts';

/** In `meta`: the newest entry of the record whose effect the catalogue holds. */
export const LAST_SEQ = 'last_seq';

export interface SessionParts {
  readonly workspace: Session['workspace'];
  readonly member: Session['member'];
  readonly keys: Keyring;
  readonly databases: Databases;
  readonly blobs: BlobStore | null;
  readonly record: Recorder;
  /** False where the record was tampered with and is open for reading only. */
  readonly recordWritable: boolean;
  readonly lock: WorkspaceLock;
  readonly readOnly: string | null;
  /** Appended to while opening goes on. */
  readonly notices: string[];
}

export function createSession(ports: Ports, parts: SessionParts): Session {
  const { workspace, record } = parts;
  const { catalogue, derived } = parts.databases;
  let held: Exchangeable = { keys: parts.keys, catalogue, derived, blobs: parts.blobs };
  let readOnly = parts.readOnly;
  let closed = false;

  const requireWritable = (): void => {
    if (closed) throw new CustosError('NOT_UNLOCKED', 'The workspace is locked.');
    if (readOnly !== null) throw new CustosError('READ_ONLY', readOnly);
    if (held.catalogue.inTransaction) throw new Error('a change of the catalogue inside another');
  };

  const failed = (error: unknown): unknown => {
    const typed = fromStorage(error);
    // The room kept for this moment: the entries that say what happened must still fit.
    if (isCustosError(typed) && typed.code === 'DISK_FULL') releaseBallast(workspace.dir);
    // SECURITY: after a disk error nobody knows what was written. A second try may pretend to
    // succeed, so nothing more is tried until the workspace was opened, and checked, again.
    if (isCustosError(typed) && typed.code === 'IO_FAILED') readOnly ??= typed.message;
    return typed;
  };

  const append = (entries: readonly EntryInput[]): number => {
    try {
      return record.appendMany(entries);
    } catch (error) {
      throw failed(error);
    }
  };

  /** The change is in the catalogue for good: a failure here must not be reported as its failure. */
  const closeEntries = (seqs: readonly number[]): void => {
    try {
      for (const seq of seqs) record.done(seq);
    } catch (error) {
      readOnly ??=
        'The last change is kept, but the record could not be completed afterwards. Nothing more is changed; lock the workspace, check the disk and open it again.';
      ports.log({ level: 'error', text: `record not completed: ${codeOf(error)}` });
    }
  };

  const actMany = <T>(
    entries: readonly EntryInput[],
    change: (tx: Writer, seqs: number[]) => T,
  ): T => {
    requireWritable();
    if (entries.length === 0) throw new RangeError('a change needs an entry');
    // SECURITY: durable first. From here on a change can be missing its effect, never its entry.
    const first = append(entries);
    const seqs = entries.map((_, at) => first + at);
    const writer = held.catalogue;
    const commit = writer.transaction(() => {
      const value = change(writer, seqs);
      setMeta(writer, LAST_SEQ, String(first + entries.length - 1));
      return value;
    });
    let value: T;
    try {
      value = commit.immediate();
    } catch (error) {
      // Rolled back. The entries stay without `done`, which is what says that they had no effect.
      throw failed(error);
    }
    closeEntries(seqs);
    return value;
  };

  /** What was found wrong must not become what this machine takes for right. */
  const closeCatalogue = (): void => {
    const lastSeq = readOnly === null ? Number(getMeta(held.catalogue, LAST_SEQ) ?? -1) : null;
    together(held.catalogue, held.derived).close();
    if (lastSeq !== null) rememberCatalogue(ports.machineDir, workspace, lastSeq);
  };

  const exchange = (entry: EntryInput, change: (seq: number) => Partial<Exchangeable>): void => {
    requireWritable();
    const seq = append([entry]);
    try {
      held = { ...held, ...change(seq) };
    } catch (error) {
      if (!held.catalogue.open) {
        readOnly ??=
          'The catalogue could not be opened again after its key was changed. Nothing is lost; lock the workspace, check the disk and open it again.';
      }
      throw failed(error);
    }
    closeEntries([seq]);
  };

  const close = (why: 'command' | 'idle' | 'suspend' | 'closed'): void => {
    if (closed) return;
    closed = true;
    const type = why === 'closed' ? 'workspace.closed' : 'workspace.locked';
    const steps: [string, () => unknown][] = [
      ['last entry', () => parts.recordWritable && record.append({ type, detail: { why } })],
      // Signs the last checkpoint.
      ['record', () => record.close()],
      ['databases', () => closeCatalogue()],
      ['keys', () => held.keys.wipe()],
      ['lock', () => parts.lock.release()],
    ];
    // Every step is taken whatever became of the one before: above all, keys are wiped.
    for (const [name, step] of steps) {
      try {
        step();
      } catch (error) {
        ports.log({ level: 'error', text: `closing, ${name}: ${codeOf(error)}` });
      }
    }
  };

  return {
    workspace,
    member: parts.member,
    get keys() {
      return held.keys;
    },
    get catalogue() {
      return held.catalogue;
    },
    get derived() {
      return held.derived;
    },
    get blobs() {
      return held.blobs;
    },
    record,
    get readOnly() {
      return readOnly;
    },
    notices: parts.notices,
    act: (entry, change) => actMany([entry], (tx, seqs) => change(tx, seqs[0] ?? -1)),
    actMany,
    exchange,
    adopt(next) {
      held = { ...held, ...next };
    },
    note(entry) {
      if (closed) throw new CustosError('NOT_UNLOCKED', 'The workspace is locked.');
      return append([entry]);
    },
    close,
  };
}

/** What SQLite and the file system throw gets its code; a failure of the change itself stays as it is. */
function fromStorage(error: unknown): unknown {
  return systemCode(error) === '' || isCustosError(error)
    ? error
    : asCustosError(error, 'writing the catalogue');
}

function codeOf(error: unknown): string {
  return isCustosError(error) ? error.code : 'INTERNAL';
}
