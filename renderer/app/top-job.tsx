import { useEffect, type ReactNode } from 'react';
import type { JobProgress } from '#shared/contract/values.ts';
import { drop } from '../bridge/drop.ts';
import { tellDone, tellError } from '../bridge/notices.ts';
import { enter, useRoles, useSession } from '../bridge/session.ts';
import { call } from '../bridge/wire.ts';
import { Progress, progressWords } from '../ui/progress.tsx';

const KIND_ROOMS = {
  import: 'intake',
  bundle: 'bundles',
  'verify-record': 'record',
  scrub: 'settings',
  backup: 'settings',
  rotate: 'settings',
} as const;

/** The work going on, as one slim line; a click goes to its room. */
export function TopJob(): ReactNode {
  const jobs = useSession((state) => state.jobs);
  const roles = useRoles();

  useEffect(() => {
    drop(takeUp());
  }, []);
  useTellEnds(jobs);

  const job = Object.values(jobs).findLast(({ state }) => state === 'running');
  if (job === undefined) return <span className="unseen" aria-live="polite" />;
  const mayGo = job.kind !== 'import' || roles.includes('investigator');
  return (
    <button
      type="button"
      className="top-job"
      disabled={!mayGo}
      onClick={() => enter(KIND_ROOMS[job.kind])}
    >
      <span className="cut">
        {job.label} <span className="quiet">{progressWords(job)}</span>
      </span>
      <Progress label={job.label} done={job.done} total={job.total} />
    </button>
  );
}

/** Jobs that were going on before this window was there. */
async function takeUp(): Promise<void> {
  const result = await call('jobs.list', {});
  if (!result.ok) {
    tellError(result.error);
    return;
  }
  const known = Object.fromEntries(result.value.map((job) => [job.jobId, job]));
  // What arrived as an event meanwhile is newer than this list.
  useSession.setState(({ jobs }) => ({ jobs: { ...known, ...jobs } }));
}

const told = new Set<string>();

/** Says once how each job ended. */
function useTellEnds(jobs: Record<number, JobProgress>): void {
  useEffect(() => {
    for (const job of Object.values(jobs)) {
      const name = `${job.jobId} ${job.startedAt}`;
      if (job.state === 'running') {
        told.add(name);
        continue;
      }
      if (!told.delete(name)) continue;
      if (job.state === 'failed') {
        tellError({ code: 'INTERNAL', message: job.message ?? `${job.label} stopped early.` });
      } else if (job.state === 'cancelled') {
        tellDone(`${job.label}: stopped. What was done until then is kept.`);
      } else {
        tellDone(`${job.label}: done.`);
      }
    }
  }, [jobs]);
}
