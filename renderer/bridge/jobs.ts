import type { JobProgress } from '#shared/contract/values.ts';
import { useSession } from './session.ts';
import { call } from './wire.ts';

/** Shows a job just started at once; events carry on from there. */
export async function showJob(jobId: number): Promise<void> {
  const result = await call('jobs.list', {});
  const job = result.ok ? result.value.find((one) => one.jobId === jobId) : undefined;
  if (job === undefined) return;
  useSession.setState(({ jobs }) =>
    jobs[jobId] === undefined ? { jobs: { ...jobs, [jobId]: job } } : {},
  );
}

/** The newest job of a kind in this window, running or not. */
export function useJob(kind: JobProgress['kind']): JobProgress | undefined {
  return useSession((state) => Object.values(state.jobs).findLast((job) => job.kind === kind));
}
