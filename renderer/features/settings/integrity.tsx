import { useState, type ReactNode } from 'react';
import type { ScrubSummary } from '#shared/contract/upkeep.ts';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { showJob, useJob } from '../../bridge/jobs.ts';
import { useCall } from '../../bridge/use-call.ts';
import { call } from '../../bridge/wire.ts';
import { useActions } from '../../commands/registry.ts';
import { Button, Kbd } from '../../ui/controls.tsx';
import { when } from '../../ui/format.ts';
import { Loading, Trouble } from '../../ui/states.tsx';
import { DamagedOriginals } from './damaged.tsx';
import { RunningJob } from './running.tsx';
import { ScrubResult } from './scrub-result.tsx';
import { KIND_WORDS, STATE_WORDS } from './scrub-words.ts';

/** Looking for damage before it is met. */
export function IntegritySection(): ReactNode {
  const job = useJob('scrub');
  const running = job?.state === 'running';
  const tick = `${job?.jobId} ${job?.state}`;
  const status = useCall('upkeep.status', {}, tick);
  const [error, setError] = useState<ErrorData | null>(null);

  async function check(kind: ScrubSummary['kind']): Promise<void> {
    setError(null);
    const result = await call('scrub.start', { kind });
    if (!result.ok) return setError(result.error);
    await showJob(result.value.jobId);
  }

  useActions('Integrity', [
    {
      name: 'quick-check',
      label: 'quick check',
      keys: ['q'],
      enabled: !running,
      perform: () => drop(check('quick')),
    },
    {
      name: 'full-check',
      label: 'full check',
      keys: ['f'],
      enabled: !running,
      perform: () => drop(check('full')),
    },
  ]);

  return (
    <section className="block" aria-label="Integrity">
      <div className="page-head">
        <h2>Integrity</h2>
        <div className="buttons">
          <Button disabled={running} onClick={() => drop(check('quick'))}>
            Quick check <Kbd>Q</Kbd>
          </Button>
          <Button disabled={running} onClick={() => drop(check('full'))}>
            Full check <Kbd>F</Kbd>
          </Button>
        </div>
      </div>
      <p className="quiet">
        Quick: every original is there and as long as it should be. Full: every byte of it is
        decrypted and hashed, and the databases and the record are proved.
      </p>
      {error !== null && <Trouble error={error} />}
      {running && (
        <RunningJob
          key={job.jobId}
          job={job}
          stop="Stop the check"
          after="What was found until then stays; the next one goes on from there."
        />
      )}
      {status.error !== null && <Trouble error={status.error} onRetry={status.reload} />}
      {status.value === null && status.loading && <Loading what="Reading earlier checks" />}
      {status.value !== null && (
        <>
          <Newest scrubs={status.value.scrubs} unrecorded={status.value.unrecorded} />
          {status.value.damagedItems > 0 && <DamagedOriginals tick={tick} />}
        </>
      )}
    </section>
  );
}

interface NewestProps {
  scrubs: readonly ScrubSummary[];
  unrecorded: ScrubSummary['report'];
}

/** The newest result, and how a newer check without one ended. */
function Newest({ scrubs, unrecorded }: NewestProps): ReactNode {
  const [latest] = scrubs;
  if (unrecorded !== null) return <ScrubResult report={unrecorded} by={null} />;
  if (latest === undefined) return <p className="quiet">Not checked yet.</p>;
  const finished = scrubs.find(({ report }) => report !== null);
  return (
    <>
      {latest.report === null && latest.state !== 'running' && (
        <p>
          {KIND_WORDS[latest.kind]} of {when(latest.startedAt)}: {STATE_WORDS[latest.state]}.
        </p>
      )}
      {finished !== undefined && finished.report !== null && (
        <ScrubResult report={finished.report} by={finished.by} />
      )}
    </>
  );
}
