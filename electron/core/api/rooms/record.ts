/** The record: reading it is itself recorded, before anything is read. */
import type { RecordVerdict } from '#shared/contract/record.ts';
import type { Session } from '#core/access/types.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { verifyRecord } from '#core/record/verify.ts';
import { summary } from '#core/record/words.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';

type Rooms = 'record.list' | 'record.verify' | 'record.checkpoint';

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
      const verdict = await verify(desk, session);
      if (session.readOnly === null) {
        const { good, entries, root, findings } = verdict;
        session.note({ type: 'record.checked', detail: { good, entries, root, findings } });
      }
      return verdict;
    },
    'record.checkpoint': (_input, session) => session.record.checkpoint(),
  };
}

function verify(desk: Desk, session: Session): Promise<RecordVerdict> {
  return verifyRecord(session.workspace.dir, {
    workspaceId: session.workspace.id,
    checkpointPublic: session.keys.checkpointPublic,
    recordPrivate: session.keys.recordPrivate,
    anchors: openAnchors(desk.ports.machineDir),
  });
}
