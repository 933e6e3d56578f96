import './bundles.css';
import { useState, type ReactNode } from 'react';
import { useCaseTick, useRoles, useSession } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { useActions } from '../../commands/registry.ts';
import { Button, Choice, Kbd } from '../../ui/controls.tsx';
import { EmptyState, Loading, Trouble } from '../../ui/states.tsx';
import { BundleCard } from './card.tsx';
import { RequestDialog } from './request.tsx';
import { VerifyReceived } from './verify.tsx';

/** Packages for a court, the police, a provider: requested, approved, built; and received ones. */
export function BundlesRoom(): ReactNode {
  const openCase = useSession((state) => state.openCase);
  const roles = useRoles();
  const [everywhere, setEverywhere] = useState(false);
  const [requesting, setRequesting] = useState(false);
  const caseId = everywhere || openCase === null ? null : openCase.id;
  const jobs = useSession((state) => state.jobs);
  const running = Object.values(jobs).filter(({ kind }) => kind === 'bundle');
  const mark = running.map(({ jobId, state }) => `${jobId}${state}`).join(' ');
  const bundles = useCall('bundles.list', { caseId }, `${useCaseTick(caseId)} ${mark}`);
  const mayRequest = roles.includes('investigator') || roles.includes('legal');

  useActions('Bundles', [
    {
      name: 'request',
      label: 'request a bundle',
      keys: ['n'],
      enabled: mayRequest && openCase !== null,
      perform: () => setRequesting(true),
    },
  ]);

  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>Bundles</h1>
          <p className="quiet">
            {caseId === null ? 'Of every case in this workspace' : `Of ${openCase?.ref ?? ''}`}
          </p>
        </div>
        <div className="buttons">
          {openCase !== null && (
            <Choice
              type="checkbox"
              label="Every case"
              checked={everywhere}
              onChecked={setEverywhere}
            />
          )}
          {mayRequest && (
            <Button
              look="main"
              disabled={openCase === null}
              title={openCase === null ? 'Open a case first' : undefined}
              onClick={() => setRequesting(true)}
            >
              Request a bundle <Kbd>N</Kbd>
            </Button>
          )}
        </div>
      </header>
      <section className="block" aria-label="Bundles">
        {bundles.error !== null && <Trouble error={bundles.error} onRetry={bundles.reload} />}
        {bundles.value === null && bundles.loading && <Loading what="Reading the bundles" />}
        {bundles.value?.length === 0 && (
          <EmptyState
            title="No bundle yet"
            text={
              mayRequest
                ? 'A bundle holds findings, and by its edition the pictures, encrypted to its recipients. They open it without Custos.'
                : 'Requests by investigators and legal staff appear here for approval.'
            }
          />
        )}
        <ul className="bundle-list">
          {bundles.value?.map((bundle) => (
            <li key={bundle.id}>
              <BundleCard bundle={bundle} onChanged={bundles.reload} />
            </li>
          ))}
        </ul>
      </section>
      <VerifyReceived />
      {requesting && openCase !== null && (
        <RequestDialog
          caseId={openCase.id}
          caseRef={openCase.ref}
          onClose={() => setRequesting(false)}
          onRequested={() => {
            setRequesting(false);
            bundles.reload();
          }}
        />
      )}
    </div>
  );
}
