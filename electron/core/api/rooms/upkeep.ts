/** Upkeep: scrubs, what they found, and backups. */
import { basename } from 'node:path';
import type { BackupSummary, ScrubReport, ScrubSummary } from '#shared/contract/upkeep.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import { verifyRecord } from '#core/record/verify.ts';
import { getMeta } from '#core/store/meta.ts';
import { countDamaged, listDamaged } from '#core/store/tables/damage.ts';
import { listScrubs, type ScrubRow } from '#core/store/tables/scrubs.ts';
import { backUp, LAST_BACKUP } from '#core/upkeep/backup.ts';
import { beginScrub } from '#core/upkeep/scrub.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';
import { readingOptions } from './record.ts';

type Rooms = 'upkeep.status' | 'upkeep.damaged' | 'scrub.start' | 'backup.choose' | 'backup.start';

const SHOWN_SCRUBS = 10;

export function upkeepHandlers(desk: Desk): Pick<Handlers, Rooms> {
  /** Of sessions that could write nothing down; forgotten with them. */
  const unrecorded = new WeakMap<Session, ScrubReport>();
  const isRunning = (kind: 'scrub' | 'backup' | 'rotate'): boolean =>
    desk
      .jobs()
      .list()
      .some((job) => job.kind === kind && job.state === 'running');
  /** Originals change their names and seals while keys are rotated: a count of them would not hold. */
  const requireSettled = (): void => {
    if (!isRunning('rotate')) return;
    throw new CustosError(
      'WORKSPACE_BUSY',
      'Originals are being sealed under new keys just now. Wait until that has ended, or stop it: it is gone on with later.',
    );
  };

  return {
    'upkeep.status': (_input, session) => ({
      scrubs: listScrubs(session.catalogue, SHOWN_SCRUBS).map((row) =>
        summaryOf(row, isRunning('scrub')),
      ),
      unrecorded: unrecorded.get(session) ?? null,
      damagedItems: countDamaged(session.catalogue),
      lastBackup: lastBackup(session),
    }),
    'upkeep.damaged': (page, session) =>
      listDamaged(session.catalogue, page).map(({ itemId, at, reason }) => ({
        itemId,
        at,
        reason,
      })),
    'scrub.start': (options, session) => {
      requireSettled();
      if (isRunning('scrub')) {
        throw new CustosError(
          'ALREADY_EXISTS',
          'A scrub is going on already. Wait until it has ended, or cancel it.',
        );
      }
      const verify = (): ReturnType<typeof verifyRecord> =>
        verifyRecord(session.workspace.dir, readingOptions(desk, session));
      const deps = { session, clock: desk.ports.clock, verifyRecord: verify };
      const scrub = beginScrub(deps, options);
      const what = {
        kind: 'scrub' as const,
        caseId: null,
        label: options.kind === 'full' ? 'Full scrub' : 'Quick scrub',
      };
      const { jobId } = desk.jobs().start(what, async (job) => {
        const report = await scrub.run(job);
        if (session.readOnly !== null) unrecorded.set(session, report);
      });
      return { jobId, resumed: scrub.resumed };
    },
    'backup.choose': async () => {
      const [folder] = (await desk.ports.dialogs.chooseSources('folder')) ?? [];
      if (folder === undefined) return null;
      return { choice: desk.choices.keep([folder]), label: basename(folder) };
    },
    'backup.start': ({ target }, session) => {
      const folder = desk.choices.path(target);
      requireSettled();
      if (isRunning('backup')) {
        throw new CustosError(
          'ALREADY_EXISTS',
          'A backup is going on already. Wait until it has ended, or cancel it.',
        );
      }
      const what = { kind: 'backup' as const, caseId: null, label: 'Backup' };
      const deps = { session, clock: desk.ports.clock };
      const { jobId } = desk.jobs().start(what, async (job) => {
        await backUp(deps, folder, job);
      });
      return { jobId };
    },
  };
}

function lastBackup(session: Session): BackupSummary | null {
  const text = getMeta(session.catalogue, LAST_BACKUP);
  return text === null ? null : (JSON.parse(text) as BackupSummary);
}

/** A scrub that is not running, although its row says so, was cut short with the program. */
function summaryOf(row: ScrubRow, isRunning: boolean): ScrubSummary {
  const { id, kind, by, startedAt, endedAt, checked, report } = row;
  return {
    id,
    kind,
    state: row.state === 'running' && !isRunning ? 'interrupted' : row.state,
    by,
    startedAt,
    endedAt,
    checked,
    // Written by `scrub-journal.ts` as this very shape; the contract checks it on its way out.
    report: report === null ? null : (JSON.parse(report) as ScrubReport),
  };
}
