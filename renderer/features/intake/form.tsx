import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { showJob } from '../../bridge/jobs.ts';
import { useCall } from '../../bridge/use-call.ts';
import { call } from '../../bridge/wire.ts';
import { useActions } from '../../commands/registry.ts';
import { Button, Kbd, TextField } from '../../ui/controls.tsx';
import { count, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Loading, Trouble } from '../../ui/states.tsx';
import { PreviewFigures } from './preview.tsx';

interface Chosen {
  choice: string;
  label: string;
  count: number;
}

export function ImportForm({ caseId, caseRef }: { caseId: number; caseRef: string }): ReactNode {
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [source, setSource] = useState('');
  const [exhibit, setExhibit] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const choices = chosen.map(({ choice }) => choice);
  const preview = useCall('intake.preview', choices.length === 0 ? null : { caseId, choices });

  async function choose(kind: 'files' | 'folder'): Promise<void> {
    setError(null);
    const result = await call('intake.choose', { kind });
    if (!result.ok) return setError(result.error);
    const { value } = result;
    if (value !== null) setChosen((before) => [...before, value]);
  }

  async function start(): Promise<void> {
    if (busy || choices.length === 0) return;
    setBusy(true);
    setError(null);
    const result = await call('intake.start', { caseId, choices, source, exhibit });
    setBusy(false);
    if (!result.ok) return setError(result.error);
    setChosen([]);
    await showJob(result.value.jobId);
  }

  useActions('Intake', [
    {
      name: 'choose-folder',
      label: 'choose a folder',
      keys: ['d'],
      perform: () => drop(choose('folder')),
    },
    {
      name: 'choose-files',
      label: 'choose files',
      keys: ['f'],
      perform: () => drop(choose('files')),
    },
  ]);

  return (
    <section className="block">
      <h2>New import into {caseRef}</h2>
      {error !== null && <Trouble error={error} />}
      <div className="buttons">
        <Button
          look={chosen.length === 0 ? 'main' : 'plain'}
          onClick={() => drop(choose('folder'))}
        >
          Choose a folder <Kbd>D</Kbd>
        </Button>
        <Button onClick={() => drop(choose('files'))}>
          Choose files <Kbd>F</Kbd>
        </Button>
      </div>
      {chosen.length > 0 && (
        <form
          className="form card"
          onSubmit={(event) => {
            event.preventDefault();
            drop(start());
          }}
        >
          <ul className="chosen" aria-label="Chosen">
            {chosen.map((one) => (
              <li key={one.choice}>
                <span className="cut">{one.label}</span>
                <span className="quiet num">{plural(one.count, 'entry', 'entries')}</span>
                <Button
                  look="icon"
                  aria-label={`Leave out ${one.label}`}
                  onClick={() => setChosen(chosen.filter((other) => other !== one))}
                >
                  <Icon name="cross" size={16} />
                </Button>
              </li>
            ))}
          </ul>
          <div className="plan">
            <div className="form">
              <TextField
                label="Source label"
                value={source}
                onValue={setSource}
                maxLength={200}
                hint="Where these came from, such as “complaint 118, upload log”. Stands beside every file."
              />
              <TextField
                label="Exhibit reference"
                value={exhibit}
                onValue={setExhibit}
                maxLength={100}
                hint="May be left empty."
              />
            </div>
            <div className="block" aria-live="polite">
              {preview.error !== null && <Trouble error={preview.error} onRetry={preview.reload} />}
              {preview.value === null && preview.loading && (
                <Loading what="Counting, opening nothing" />
              )}
              {preview.value !== null && <PreviewFigures preview={preview.value} />}
            </div>
          </div>
          <div className="buttons">
            <Button look="main" type="submit" disabled={busy || preview.value === null}>
              {preview.value === null
                ? 'Import'
                : `Import ${count(preview.value.files)} ${preview.value.files === 1 ? 'file' : 'files'}`}
            </Button>
            <Button look="quiet" onClick={() => setChosen([])}>
              Clear the choice
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}
