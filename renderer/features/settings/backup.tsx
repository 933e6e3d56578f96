import { useState, type ReactNode } from 'react';
import type { BackupSummary } from '#shared/contract/upkeep.ts';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { showJob, useJob } from '../../bridge/jobs.ts';
import { useSession } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { call } from '../../bridge/wire.ts';
import { useActions } from '../../commands/registry.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, Kbd } from '../../ui/controls.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { count, plural, size, when } from '../../ui/format.ts';
import { Trouble } from '../../ui/states.tsx';
import { RunningJob } from './running.tsx';

/** A copy of the whole workspace, as encrypted as it is, in a folder elsewhere. */
export function BackupSection(): ReactNode {
  const job = useJob('backup');
  const readOnly = useSession((state) => (state.status?.readOnly ?? null) !== null);
  const running = job?.state === 'running';
  const status = useCall('upkeep.status', {}, `${job?.jobId} ${job?.state}`);
  const [error, setError] = useState<ErrorData | null>(null);
  const may = !running && !readOnly;

  async function backUp(): Promise<void> {
    setError(null);
    const chosen = await call('backup.choose', {});
    if (!chosen.ok) return setError(chosen.error);
    if (chosen.value === null) return;
    const started = await call('backup.start', { target: chosen.value.choice });
    if (!started.ok) return setError(started.error);
    await showJob(started.value.jobId);
  }

  useActions('Backup', [
    { name: 'backup', label: 'back up', keys: ['b'], enabled: may, perform: () => drop(backUp()) },
  ]);

  return (
    <section className="block" aria-label="Backup">
      <div className="page-head">
        <h2>Backup</h2>
        <Button disabled={!may} onClick={() => drop(backUp())}>
          Back up into a folder <Kbd>B</Kbd>
        </Button>
      </div>
      <p className="quiet">
        Encrypted as the workspace is, and checked against a signed list. In the same folder the
        next one adds only what is new. Best on another disk.
      </p>
      {error !== null && <Trouble error={error} />}
      {running && (
        <RunningJob
          key={job.jobId}
          job={job}
          stop="Stop the backup"
          after="The backups before stay as they are."
        />
      )}
      {job?.state === 'failed' && (
        <Trouble
          error={{
            code: job.code ?? 'INTERNAL',
            message: job.message ?? 'The backup stopped early.',
          }}
        />
      )}
      {status.error !== null && <Trouble error={status.error} onRetry={status.reload} />}
      {status.value !== null &&
        (status.value.lastBackup === null ? (
          <p className="quiet">Not backed up yet.</p>
        ) : (
          <LastBackup backup={status.value.lastBackup} />
        ))}
    </section>
  );
}

function LastBackup({ backup }: { backup: BackupSummary }): ReactNode {
  const { missing, sameDisk } = backup;
  return (
    <div className="card block" role="group" aria-label="Newest backup">
      <div className="page-head">
        <h3>
          <Badge kind={missing === 0 ? 'good' : 'bad'}>
            {missing === 0 ? 'Backed up' : `Backed up without ${plural(missing, 'original')}`}
          </Badge>
        </h3>
        <span className="quiet small num" title={backup.at}>
          {when(backup.at)} by {backup.by}
        </span>
      </div>
      <ul className="told">
        <li>
          {plural(backup.files, 'file')}, {size(backup.bytes)}; {count(backup.added)} of the
          originals are new in it.
        </li>
        <li>The record as of {plural(backup.entries, 'entry', 'entries')}.</li>
        {missing > 0 && (
          <li>
            What is missing here or of a wrong length was not copied. The full check names it.
          </li>
        )}
        {sameDisk && (
          <li>
            It shares its place on the disk with the workspace: no help if that disk fails. Take a
            second one elsewhere.
          </li>
        )}
        <li>
          List of files: <Copyable text={backup.sha256} name="SHA-256 of the list of files" />
        </li>
      </ul>
    </div>
  );
}
