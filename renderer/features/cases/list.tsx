import './cases.css';
import { useState, type ReactNode } from 'react';
import type { CaseSummary } from '#shared/contract/cases.ts';
import { openCase, useRoles, useSession } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { useActions } from '../../commands/registry.ts';
import { Button, Kbd } from '../../ui/controls.tsx';
import { figure, plural } from '../../ui/format.ts';
import { Ring } from '../../ui/progress.tsx';
import { EmptyState, Loading, Trouble } from '../../ui/states.tsx';
import { CreateCase } from './create.tsx';

export function CaseList(): ReactNode {
  const changes = useSession((state) => Object.values(state.changes).reduce((a, b) => a + b, 0));
  const cases = useCall('cases.list', {}, changes);
  const roles = useRoles();
  const mayCreate = roles.includes('investigator') || roles.includes('supervisor');
  const [creating, setCreating] = useState(false);
  useActions('Cases', [
    {
      name: 'create-case',
      label: 'new case',
      keys: ['n'],
      enabled: mayCreate,
      perform: () => setCreating(true),
    },
  ]);

  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>Cases</h1>
          <p className="quiet">{cases.value === null ? '' : plural(cases.value.length, 'case')}</p>
        </div>
        {mayCreate && (
          <Button onClick={() => setCreating(true)}>
            New case <Kbd>N</Kbd>
          </Button>
        )}
      </header>
      {cases.error !== null && <Trouble error={cases.error} onRetry={cases.reload} />}
      {cases.value === null && cases.loading && <Loading what="Reading the cases" />}
      {cases.value?.length === 0 && (
        <EmptyState
          title="No case yet"
          text={
            mayCreate
              ? 'A case has a reference, a title and a law pack. Pictures are imported into it.'
              : 'An investigator or a supervisor creates cases. They appear here.'
          }
        >
          {mayCreate && (
            <Button look="main" onClick={() => setCreating(true)}>
              Create the first case
            </Button>
          )}
        </EmptyState>
      )}
      {cases.value !== null && cases.value.length > 0 && (
        <ul className="case-list" aria-label="Cases">
          {cases.value.map((entry) => (
            <li key={entry.id}>
              <CaseRow entry={entry} />
            </li>
          ))}
        </ul>
      )}
      {creating && <CreateCase onClose={() => setCreating(false)} />}
    </div>
  );
}

function CaseRow({ entry }: { entry: CaseSummary }): ReactNode {
  const { figures } = entry;
  const readable = figures.decided + figures.undecided;
  return (
    <button type="button" className="case-row" onClick={() => openCase(entry)}>
      <Ring done={figures.decided} total={readable} />
      <span>
        <strong>{entry.ref}</strong>
        <span className="cut quiet" style={{ display: 'block' }}>
          {entry.title}
          {entry.service !== '' && ` · ${entry.service}`}
        </span>
      </span>
      <span className="case-figure">
        {readable === 0 ? (
          <span className="quiet">empty</span>
        ) : figures.undecidedStacks === 0 ? (
          <span>all decided</span>
        ) : (
          plural(figures.undecidedStacks, 'stack')
        )}
        <span className="quiet small">{figures.undecidedStacks > 0 ? 'to review' : '\u00a0'}</span>
      </span>
      <span className="case-figure">
        {plural(figures.items, 'item')}
        <span className="quiet small">{plural(figures.occurrences, 'place')}</span>
      </span>
      <span className="case-figure">
        {figure(figures.looksPerDistinctPicture)}
        <span className="quiet small">looks per picture</span>
      </span>
    </button>
  );
}
