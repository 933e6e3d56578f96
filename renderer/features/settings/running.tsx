import { useState, type ReactNode } from 'react';
import type { JobProgress } from '#shared/contract/values.ts';
import { drop } from '../../bridge/drop.ts';
import { tellError } from '../../bridge/notices.ts';
import { useRoles } from '../../bridge/session.ts';
import { call } from '../../bridge/wire.ts';
import { Button } from '../../ui/controls.tsx';
import { Progress, progressWords } from '../../ui/progress.tsx';

interface RunningJobProps {
  job: JobProgress;
  /** On the button, such as "Stop the check". */
  stop: string;
  /** What stopping leaves behind. */
  after: string;
}

export function RunningJob({ job, stop, after }: RunningJobProps): ReactNode {
  const roles = useRoles();
  // As the channel allows; others see the work go on.
  const mayStop = roles.some((role) => role !== 'supervisor');
  const [stopping, setStopping] = useState(false);

  async function cancel(): Promise<void> {
    setStopping(true);
    const result = await call('jobs.cancel', { jobId: job.jobId });
    if (result.ok) return;
    setStopping(false);
    tellError(result.error);
  }

  return (
    <div className="card block" role="group" aria-label={`Going on: ${job.label}`}>
      <h3>{job.label}</h3>
      <Progress label={job.label} done={job.done} total={job.total} />
      <p className="num">{progressWords(job)}</p>
      {mayStop && (
        <div className="buttons">
          <Button onClick={() => drop(cancel())} disabled={stopping}>
            {stopping ? 'Stopping…' : stop}
          </Button>
          <span className="quiet small">{after}</span>
        </div>
      )}
    </div>
  );
}
