/** The record: reading it is itself recorded, before anything is read. */
import { memberDirectory } from '#core/access/directory.ts';
import { readHeader } from '#core/access/key-files.ts';
import type { Session } from '#core/access/types.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { exportRecord } from '#core/record/export.ts';
import { readSmallFile, writeSmallFile } from '#core/record/hand-over.ts';
import { newestNote } from '#core/record/notes.ts';
import type { ReadingOptions } from '#core/record/options.ts';
import { verifyRecord } from '#core/record/verify.ts';
import { acceptAnswer, makeRequest } from '#core/record/witnessed.ts';
import { summary } from '#core/record/words.ts';
import { publicFields } from '#core/vault/header.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';

type Rooms =
  | 'record.list'
  | 'record.verify'
  | 'record.checkpoint'
  | 'record.export'
  | 'record.witnessRequest'
  | 'record.acceptWitness';

export function recordHandlers(desk: Desk): Pick<Handlers, Rooms> {
  return {
    'record.list': (query, session) => {
      // A read-only workspace can still be read; nothing can be added to its record.
      if (session.readOnly === null) session.note({ type: 'record.read', detail: { ...query } });
      const { entries, more } = session.record.read(query);
      return {
        entries: entries.map((entry) => ({
          ...entry,
          // Details were JSON when they were written; the type only says more than `json` does.
          detail: entry.detail as never,
          summary: summary(entry.type, entry.detail),
        })),
        more,
      };
    },
    'record.verify': async (_input, session) => {
      const verdict = await verifyRecord(session.workspace.dir, readingOptions(desk, session));
      if (session.readOnly === null) {
        const { good, entries, root, findings } = verdict;
        session.note({ type: 'record.checked', detail: { good, entries, root, findings } });
      }
      return verdict;
    },
    'record.checkpoint': (_input, session) => session.record.checkpoint(),
    'record.export': async ({ target, caseId, itemId, since }, session) => {
      const file = desk.choices.path(target);
      const earlier = since === null ? null : readSmallFile(desk.choices.path(since));
      const options = readingOptions(desk, session);
      const { recordPrivate } = options;
      if (!recordPrivate)
        throw new CustosError('NOT_ALLOWED', 'Only a supervisor reads the record.');
      const about = { caseId, itemId };
      // SECURITY: that it leaves is on the record, and covered by the checkpoint, before it leaves.
      // One that was tampered with takes no entry, and an expert must be able to get it all the same.
      if (session.readOnly === null) session.note({ type: 'record.exported', detail: about });
      return exportRecord(file, {
        ...options,
        recordPrivate,
        header: publicFields(readHeader(session.workspace.dir)),
        exporter: { id: session.member.id, signing: session.keys.signing },
        note: session.readOnly === null ? session.record.checkpoint().note : newestNote(options),
        since: earlier,
        about,
        now: desk.ports.clock.now(),
      });
    },
    'record.witnessRequest': async ({ target, old, witness }, session) => {
      const file = desk.choices.path(target);
      const { note } = session.record.checkpoint();
      const made = await makeRequest(readingOptions(desk, session), note, { old, witness });
      writeSmallFile(file, made.request);
      return { size: made.size, old: made.old, fingerprint: made.fingerprint, note };
    },
    'record.acceptWitness': ({ file }, session) => {
      const text = readSmallFile(desk.choices.path(file));
      if (session.readOnly !== null) throw new CustosError('READ_ONLY', session.readOnly);
      const { name, key, fingerprint, checkpoint, at, note, known } = acceptAnswer(
        readingOptions(desk, session),
        text,
      );
      const seen = { size: checkpoint.size, at: at.toISOString() };
      const root = checkpoint.root.toString('hex');
      if (!known) {
        const detail = { witness: name, key, ...seen, root, note };
        session.note({ type: 'witness.accepted', detail });
      }
      return { name, fingerprint, ...seen, known };
    },
  };
}

/** Also for whoever proves the record besides this room. */
export function readingOptions(desk: Desk, session: Session): ReadingOptions {
  const { dir, id } = session.workspace;
  return {
    dir,
    workspaceId: id,
    checkpointPublic: session.keys.checkpointPublic,
    recordPrivate: session.keys.recordPrivate,
    earlierPrivates: session.keys.earlierPrivates.map(({ key }) => key),
    earlierCheckpoints: session.keys.earlierCheckpoints,
    members: memberDirectory(readHeader(dir), session.catalogue),
    anchors: openAnchors(desk.ports.machineDir),
  };
}
