import './record.css';
import { useState, type ReactNode } from 'react';
import { ENTRY_TYPES, type EntryType } from '#shared/contract/entry-types.ts';
import { useCall } from '../../bridge/use-call.ts';
import { Button, SelectField } from '../../ui/controls.tsx';
import { phrase } from '../../ui/format.ts';
import { EmptyState, Loading, Trouble } from '../../ui/states.tsx';
import { EntryTable } from './entries.tsx';
import { ProofCard } from './proof.tsx';

const PAGE = 100;
const TYPE_OPTIONS = [
  { value: '', label: 'Every act' },
  { value: 'all', label: 'Every entry, closing ones too' },
  ...ENTRY_TYPES.map((type) => ({ value: type, label: phrase(type) })),
];

/** Who did what, newest first. Reading it is itself an entry. */
export function RecordRoom(): ReactNode {
  const [type, setType] = useState<EntryType | '' | 'all'>('');
  const [by, setBy] = useState('');
  /** Where each page that was turned to began; the newest page begins at null. */
  const [turned, setTurned] = useState<readonly (number | null)[]>([null]);
  const before = turned.at(-1) ?? null;
  const members = useCall('members.list', {});
  const list = useCall('record.list', {
    types: type === '' || type === 'all' ? [] : [type],
    by: by === '' ? null : by,
    before,
    limit: PAGE,
  });
  // Every act is closed by an entry of its own; only who checks the record wants to see those.
  const shown = list.value?.entries.filter((entry) => type !== '' || entry.type !== 'done') ?? [];
  const oldest = list.value?.entries.at(-1)?.seq ?? null;

  function restart(): void {
    setTurned([null]);
  }

  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>Record</h1>
          <p className="quiet">Every act and every look, in order. Reading it adds an entry.</p>
        </div>
      </header>
      <ProofCard />
      <section className="block" aria-label="Entries">
        <div className="record-filters">
          <SelectField
            label="Kind"
            value={type}
            options={TYPE_OPTIONS}
            onValue={(value) => {
              setType(value === 'all' ? value : (ENTRY_TYPES.find((one) => one === value) ?? ''));
              restart();
            }}
          />
          <SelectField
            label="Person"
            value={by}
            options={[
              { value: '', label: 'Everybody' },
              ...(members.value ?? []).map(({ name }) => ({ value: name, label: name })),
              { value: 'nobody', label: 'nobody (before unlocking)' },
            ]}
            onValue={(value) => {
              setBy(value);
              restart();
            }}
          />
          <Button
            onClick={() => {
              restart();
              list.reload();
            }}
          >
            Read again
          </Button>
        </div>
        {list.error !== null && <Trouble error={list.error} onRetry={list.reload} />}
        {list.value === null && list.loading && <Loading what="Reading the record" />}
        {list.value !== null && shown.length === 0 && (
          <EmptyState title="No such entry" text="No entry is of this kind by this person." />
        )}
        {shown.length > 0 && <EntryTable entries={shown} />}
        <div className="buttons">
          {turned.length > 1 && (
            <Button onClick={() => setTurned(turned.slice(0, -1))}>Newer entries</Button>
          )}
          {list.value?.more === true && oldest !== null && (
            <Button onClick={() => setTurned([...turned, oldest])}>Older entries</Button>
          )}
        </div>
      </section>
    </div>
  );
}
