/** Making, opening and reading the record of a workspace. */
import { CustosError } from '#shared/domain/errors.ts';
import { genesisHash } from './entry.ts';
import { nodeFiles, recordDir, syncDir } from './files.ts';
import { createGuard } from './guard.ts';
import { inspectRecord, tornNotice } from './opening.ts';
import type { OpenRecord, ReadingOptions, ReadOnlyRecord, RecordOptions } from './options.ts';
import { createReader } from './reader.ts';
import { createSegment } from './segments.ts';
import { startWriting } from './writing.ts';

/** Makes the record of a new workspace and opens it. Throws WORKSPACE_EXISTS, RECORD_UNWRITABLE. */
export function createRecord(options: RecordOptions): OpenRecord {
  const guard = createGuard(options.files ?? nodeFiles, options.onFull);
  const { files } = guard;
  const dir = recordDir(options.dir);
  guard.run(() => files.mkdirSync(dir, { recursive: true, mode: 0o700 }));
  if (files.readdirSync(dir).some((name) => name.endsWith('.evl'))) {
    throw new CustosError('WORKSPACE_EXISTS', 'There is a record in this folder already.');
  }
  const place = { number: 1, firstSeq: 0, prevHash: genesisHash(options.workspaceId) };
  guard.run(() => {
    createSegment(guard, options.dir, options.workspaceId, place);
    syncDir(files, options.dir);
  });
  return openRecord(options);
}

/**
 * Opens the record for reading and writing, after checking framing, chain, the newest signed
 * checkpoint and this machine's anchor. A last entry that a crash cut short is set aside, with a
 * notice and an entry. Throws RECORD_TAMPERED for anything else that does not hold.
 */
export function openRecord(options: RecordOptions): OpenRecord {
  const { scan, problems } = inspectRecord(options);
  if (problems.length > 0) {
    throw new CustosError(
      'RECORD_TAMPERED',
      `The record does not hold. ${problems[0]} Nothing was repaired: open the workspace for reading, and compare it with a backup.`,
    );
  }
  return startWriting(options, scan);
}

/**
 * Opens whatever is there for reading only, changes nothing and minds nothing that is broken: see
 * `problems`. Everything that would write throws READ_ONLY.
 */
export function openRecordReadOnly(options: ReadingOptions): ReadOnlyRecord {
  const { scan, problems } = inspectRecord(options);
  const reader = createReader(options, scan.index);
  const refuse = (): never => {
    throw new CustosError(
      'READ_ONLY',
      'The record is open for reading only, so nothing can be shown or changed.',
    );
  };
  return {
    size: scan.index.size,
    lastDone: scan.lastDone,
    notices: scan.torn ? [tornNotice(scan.torn, null)] : [],
    problems,
    append: refuse,
    appendMany: refuse,
    done: refuse,
    checkpoint: refuse,
    rekey: refuse,
    read: (query) => reader.read(query),
    close: () => reader.close(),
  };
}
