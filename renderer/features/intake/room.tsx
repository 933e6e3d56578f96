import './intake.css';
import { useState, type ReactNode } from 'react';
import type { ImportSummary } from '#shared/contract/cases.ts';
import { confirmRecovery } from '../../bridge/recovery.ts';
import { enter, useCaseTick, useSession } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { ImportTable } from '../../ui/import-table.tsx';
import { NeedsCase } from '../../ui/needs-case.tsx';
import { UnconfirmedWords } from '../../ui/recovery.tsx';
import { Loading, Trouble } from '../../ui/states.tsx';
import { FailureList } from './failures.tsx';
import { ImportForm } from './form.tsx';
import { RunningImport } from './running.tsx';

export function IntakeRoom(): ReactNode {
  const open = useSession((state) => state.openCase);
  if (open === null) return <NeedsCase onCases={() => enter('cases')} />;
  return <Intake key={open.id} caseId={open.id} caseRef={open.ref} />;
}

/** Bring files in; what became of each is a number here and a line in the list, never a picture. */
function Intake({ caseId, caseRef }: { caseId: number; caseRef: string }): ReactNode {
  const job = useSession((state) =>
    Object.values(state.jobs).findLast((one) => one.kind === 'import' && one.caseId === caseId),
  );
  const imports = useCall('intake.imports', { caseId }, `${useCaseTick(caseId)} ${job?.state}`);
  const [asked, setAsked] = useState<ImportSummary | null>(null);
  const confirmed = useSession((state) => state.status?.recoveryConfirmed === true);

  function intake(): ReactNode {
    if (job?.state === 'running') return <RunningImport job={job} />;
    if (!confirmed) return <UnconfirmedWords confirm={confirmRecovery} />;
    return <ImportForm caseId={caseId} caseRef={caseRef} />;
  }

  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>Intake</h1>
          <p className="quiet">
            Files are copied into the workspace, sealed and hashed. The originals stay as they are.
          </p>
        </div>
      </header>
      {intake()}
      <section className="block">
        <h2>Imports of this case</h2>
        {imports.error !== null && <Trouble error={imports.error} onRetry={imports.reload} />}
        {imports.value === null && imports.loading && <Loading what="Reading the ledgers" />}
        {imports.value?.length === 0 && <p className="quiet">None yet.</p>}
        {imports.value !== null && imports.value.length > 0 && (
          <ImportTable imports={imports.value} onFailures={setAsked} />
        )}
      </section>
      {asked !== null && <FailureList entry={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}
