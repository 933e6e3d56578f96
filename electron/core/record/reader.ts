/** Reading entries back, newest first, with the private half of K_record. */
import { CustosError } from '#shared/domain/errors.ts';
import { ENTRY_CODES, type EntryType } from '#shared/contract/entry-types.ts';
import { DONE, typeOfCode, viewEntry, type EntryView } from './entry.ts';
import type { EntryIndex } from './entry-index.ts';
import { nodeFiles, readAll, segmentPath } from './files.ts';
import type { ReadingOptions } from './options.ts';
import { openSession, type OpenSession } from './session.ts';
import type { ReadEntry, Recorder } from './types.ts';

export interface EntryReader {
  read: Recorder['read'];
  close(): void;
}

type Query = Parameters<Recorder['read']>[0];

/** Entries read from disk at a time: the keys of as many are made in one go. */
const RUN_ENTRIES = 256;
/** What the record writes about itself never names a case or an item. */
const OWN_TYPES: ReadonlySet<EntryType> = new Set<EntryType>([
  'done',
  'session.started',
  'checkpoint.made',
  'clock.backwards',
  'record.torn',
]);
const UNREADABLE = 'This entry does not decrypt: it was changed after it was written.';

export function createReader(options: ReadingOptions, index: EntryIndex): EntryReader {
  const { dir, workspaceId, recordPrivate, members } = options;
  const privates = recordPrivate ? [recordPrivate, ...(options.earlierPrivates ?? [])] : [];
  const files = options.files ?? nodeFiles;
  /** By the number of the entry that started the session. */
  const sessions = new Map<number, OpenSession>();

  /** Entries `from` … `to` − 1, which lie in one segment. */
  function readRun(from: number, to: number): EntryView[] {
    const { segment, offset } = index.at(from);
    const last = index.at(to - 1);
    const fd = files.openSync(segmentPath(dir, segment), 'r');
    try {
      const length = Buffer.alloc(4);
      if (!readAll(files, fd, length, last.offset)) throw vanished();
      const bytes = Buffer.allocUnsafe(last.offset + length.readUInt32BE(0) - offset);
      if (!readAll(files, fd, bytes, offset)) throw vanished();
      const views: EntryView[] = [];
      for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
        views.push(viewEntry(bytes, at, bytes.readUInt32BE(at)));
      }
      return views;
    } finally {
      files.closeSync(fd);
    }
  }

  /** The first entry of a run that ends before `to`: in one segment, from a multiple of the run. */
  function runStart(to: number): number {
    let from = Math.floor((to - 1) / RUN_ENTRIES) * RUN_ENTRIES;
    const { segment } = index.at(to - 1);
    while (index.at(from).segment !== segment) from += 1;
    return from;
  }

  function sessionOf(entry: number): OpenSession | null {
    const start = index.sessionStart(entry);
    if (start < 0) return null;
    let session = sessions.get(start);
    if (!session) {
      session = openSession(
        readRun(start, start + 1)[0] as EntryView,
        privates,
        workspaceId,
        members,
      );
      sessions.set(start, session);
    }
    return session;
  }

  /** The entry if it is asked for; decrypted only if nothing readable has ruled it out already. */
  function match(view: EntryView, entry: number, query: Query): ReadEntry | null {
    const type = typeOfCode(view.head.code);
    if (!type || (query.types.length > 0 && !query.types.includes(type))) return null;
    if (query.before !== null && view.head.seq >= query.before) return null;
    const aboutSomething = query.caseId !== null || query.itemId !== null;
    if (aboutSomething && OWN_TYPES.has(type)) return null;
    const session = sessionOf(entry);
    const by = session ? session.by : 'unknown';
    if (query.by !== null && query.by !== by) return null;
    const detail = session?.detailOf(view) ?? { entryUnreadable: UNREADABLE };
    if (query.caseId !== null && detail['caseId'] !== query.caseId) return null;
    if (query.itemId !== null && detail['itemId'] !== query.itemId) return null;
    return {
      seq: view.head.seq,
      at: new Date(view.head.wall).toISOString(),
      type,
      by,
      detail: view.head.code === DONE ? { closes: view.head.ref } : detail,
      hash: view.hash.toString('hex'),
    };
  }

  return {
    read(query) {
      if (privates.length === 0) {
        throw new CustosError(
          'NOT_ALLOWED',
          'Only a supervisor can read the record: its entries are sealed to the supervisors.',
        );
      }
      const entries: ReadEntry[] = [];
      const codes = new Set<number>(query.types.map((type) => ENTRY_CODES[type]));
      let to = Math.min(index.size, query.before ?? index.size);
      for (;;) {
        // What is of another type is passed over without reading it.
        while (to > 0 && codes.size > 0 && !codes.has(index.codeOf(to - 1))) to -= 1;
        if (to === 0) return { entries, more: false };
        const from = runStart(to);
        const views = readRun(from, to);
        for (let entry = to - 1; entry >= from; entry -= 1) {
          const found = match(views[entry - from] as EntryView, entry, query);
          if (!found) continue;
          if (entries.length === query.limit) return { entries, more: true };
          entries.push(found);
        }
        to = from;
      }
    },
    close() {
      for (const session of sessions.values()) session.wipe();
      sessions.clear();
    },
  };
}

function vanished(): CustosError {
  return new CustosError(
    'RECORD_TAMPERED',
    'A file of the record became shorter while the workspace was open. Another program is changing it.',
  );
}
