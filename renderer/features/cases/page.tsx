import './cases.css';
import type { ReactNode } from 'react';
import type { CaseFigures } from '#shared/contract/values.ts';
import { categoryStep, categoryTitle, useLaw } from '../../bridge/law.ts';
import { enter, leaveCase, useCaseTick, useRoles } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { useActions } from '../../commands/registry.ts';
import { Severity, StateBadge } from '../../ui/badge.tsx';
import { Bars } from '../../ui/bars.tsx';
import { Button, Kbd } from '../../ui/controls.tsx';
import { count, figure, phrase, plural, when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ImportTable } from '../../ui/import-table.tsx';
import { EmptyState, Loading, Trouble } from '../../ui/states.tsx';

/** One case in numbers. No picture, no name of a file. */
export function CasePage({ caseId }: { caseId: number }): ReactNode {
  const report = useCall('cases.report', { caseId }, useCaseTick(caseId));
  const pack = useLaw(caseId);
  const roles = useRoles();
  const works = roles.includes('investigator');
  const sees = works || roles.includes('legal');
  const left = report.value?.case.figures.undecidedStacks ?? 0;

  useActions('Case', [
    { name: 'to-cases', label: 'all cases', keys: ['escape'], perform: leaveCase },
    {
      name: 'to-review',
      label: 'review',
      keys: ['r'],
      enabled: works && left > 0,
      perform: () => enter('review'),
    },
    {
      name: 'to-intake',
      label: 'import',
      keys: ['i'],
      enabled: works,
      perform: () => enter('intake'),
    },
    {
      name: 'to-gallery',
      label: 'gallery',
      keys: ['g'],
      enabled: sees,
      perform: () => enter('gallery'),
    },
  ]);

  if (report.error !== null) {
    return (
      <div className="page">
        <Trouble error={report.error} onRetry={report.reload} />
      </div>
    );
  }
  if (report.value === null) return <Loading what="Reading the case" />;
  const { case: summary, imports } = report.value;
  const { figures } = summary;

  return (
    <div className="page">
      <header className="page-head">
        <div>
          <p>
            <Button look="quiet" onClick={leaveCase} style={{ marginInlineStart: -12 }}>
              <Icon name="back" size={16} /> All cases
            </Button>
          </p>
          <h1>
            {summary.ref} <span className="quiet">{summary.title}</span>
          </h1>
          <p className="quiet">
            {[
              summary.service,
              pack === null ? '' : `law pack ${pack.file.id} ${pack.file.version}`,
              `opened ${when(summary.createdAt)} by ${summary.createdBy}`,
            ]
              .filter((part) => part !== '')
              .join(' · ')}
          </p>
        </div>
        <div className="buttons">
          {sees && (
            <Button onClick={() => enter('gallery')}>
              Gallery <Kbd>G</Kbd>
            </Button>
          )}
          {works && (
            <Button look={figures.items === 0 ? 'main' : 'plain'} onClick={() => enter('intake')}>
              Import <Kbd>I</Kbd>
            </Button>
          )}
          {works && left > 0 && (
            <Button look="main" onClick={() => enter('review')}>
              Review {plural(left, 'stack')} <Kbd>R</Kbd>
            </Button>
          )}
        </div>
      </header>
      {figures.items === 0 ? (
        <EmptyState
          title="Nothing imported yet"
          text="The figures of this case appear once files have been brought in."
        />
      ) : (
        <>
          <NorthStar figures={figures} />
          <div className="case-counts">
            <section className="block">
              <h2>By state</h2>
              <Bars
                label="Items by state"
                bars={[
                  { id: 'u', label: <StateBadge state="undecided" />, value: figures.undecided },
                  { id: 'd', label: <StateBadge state="decided" />, value: figures.decided },
                  { id: 'x', label: <StateBadge state="unreadable" />, value: figures.unreadable },
                ]}
              />
              <p className="quiet small">
                {plural(figures.items, 'item')} found in {plural(figures.occurrences, 'place')},{' '}
                {plural(figures.stacks, 'stack')}
              </p>
            </section>
            <section className="block">
              <h2>By category</h2>
              <Counts
                label="Decided items by category"
                counts={figures.byCategory}
                name={(id) => (
                  <Severity step={categoryStep(pack, id)}>{categoryTitle(pack, id)}</Severity>
                )}
              />
            </section>
            <section className="block">
              <h2>By basis</h2>
              <Counts label="Decided items by basis" counts={figures.byBasis} name={phrase} />
            </section>
          </div>
        </>
      )}
      {imports.length > 0 && (
        <section className="block">
          <h2>Imports</h2>
          <ImportTable imports={imports} />
        </section>
      )}
    </div>
  );
}

function NorthStar({ figures }: { figures: CaseFigures }): ReactNode {
  const parts = [
    { name: 'Decided without any look', value: count(figures.decidedWithoutLook) },
    { name: 'Looked at once', value: count(figures.decidedWithOneLook) },
    { name: 'Looked at more than once', value: count(figures.decidedWithMoreLooks) },
    { name: 'Shown again, with a reason', value: count(figures.relooks) },
    { name: 'Looks at any rung', value: count(figures.looks) },
    { name: 'of these in colour', value: count(figures.colourLooks) },
  ];
  return (
    <section className="card north" aria-label="Looks per distinct picture">
      <div className="north-figure">
        <strong>{figure(figures.looksPerDistinctPicture)}</strong>
        <span>looks per distinct picture</span>
        <span className="quiet small">
          colour, full size; {plural(figures.distinctPictures, 'distinct picture')}
        </span>
      </div>
      <dl className="north-parts">
        {parts.map((part) => (
          <div key={part.name}>
            <dt>{part.name}</dt>
            <dd>{part.value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface CountsProps {
  label: string;
  counts: Record<string, number>;
  name: (id: string) => ReactNode;
}

function Counts({ label, counts, name }: CountsProps): ReactNode {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return <p className="quiet">Nothing decided yet.</p>;
  return (
    <Bars label={label} bars={entries.map(([id, value]) => ({ id, label: name(id), value }))} />
  );
}
