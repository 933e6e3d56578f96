/** The rotation of keys as a job: begun by a call, or at unlocking where one is under way. */
import { setTimeout as delay } from 'node:timers/promises';
import { CustosError } from '#shared/domain/errors.ts';
import { canRotate, rotate } from '#core/access/rotation.ts';
import type { Session } from '#core/access/types.ts';
import type { Desk } from './desk.ts';

const LOOK_AGAIN_MS = 200;

/** The job's number, of the one that runs already or a new one; null where nothing can be done here. */
export function startRotation(desk: Desk, session: Session): number | null {
  const jobs = desk.jobs();
  const running = jobs.list().find((job) => job.kind === 'rotate' && job.state === 'running');
  if (running) return running.jobId;
  if (!canRotate(session)) return null;
  const what = { kind: 'rotate' as const, caseId: null, label: 'New keys' };
  const { jobId, finished } = jobs.start(what, (job) => {
    const quiet = (): Promise<void> => othersEnded(desk, job.signal);
    return rotate({ session, ports: desk.ports, quiet }, job);
  });
  // The job itself carries a failure to whoever watches.
  finished.catch(() => undefined);
  return jobId;
}

/** Imports and bundles keep to the keys they began with. */
async function othersEnded(desk: Desk, signal: AbortSignal): Promise<void> {
  const isBusy = (): boolean =>
    desk
      .jobs()
      .list()
      .some((job) => job.kind !== 'rotate' && job.state === 'running');
  while (isBusy()) {
    if (signal.aborted) throw new CustosError('CANCELLED', 'Stopped before any key was changed.');
    await delay(LOOK_AGAIN_MS);
  }
}
