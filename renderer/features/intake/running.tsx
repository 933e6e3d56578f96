import { useState, type ReactNode } from 'react';
import type { JobProgress } from '#shared/contract/values.ts';
import { drop } from '../../bridge/drop.ts';
import { valueOrTell } from '../../bridge/notices.ts';
import { call } from '../../bridge/wire.ts';
import { Button } from '../../ui/controls.tsx';
import { plural, size } from '../../ui/format.ts';
import { Progress, progressWords } from '../../ui/progress.tsx';

export function RunningImport({ job }: { job: JobProgress }): ReactNode {
  const [stopping, setStopping] = useState(false);

  async function stop(): Promise<void> {
    setStopping(true);
    valueOrTell(await call('jobs.cancel', { jobId: job.jobId }));
  }

  return (
    <section className="card block" aria-label="Running import">
      <h2>{job.label}</h2>
      <Progress label={job.label} done={job.done} total={job.total} />
      <p className="job-words">
        <span>{progressWords(job)}</span>
        <span className="quiet">
          {size(job.bytes)}
          {job.failed > 0 && ` · ${plural(job.failed, 'file')} not readable so far`}
        </span>
      </p>
      <div className="buttons">
        <Button onClick={() => drop(stop())} disabled={stopping}>
          {stopping ? 'Stopping…' : 'Stop the import'}
        </Button>
        <span className="quiet small">
          What has come in until then stays, with a balanced ledger.
        </span>
      </div>
    </section>
  );
}
