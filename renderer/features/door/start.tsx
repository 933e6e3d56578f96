import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { setStatus } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { call } from '../../bridge/wire.ts';
import { Button } from '../../ui/controls.tsx';
import { when } from '../../ui/format.ts';
import { Trouble } from '../../ui/states.tsx';

interface StartFaceProps {
  onSelected: (choice: string) => void;
  onCreate: (choice: string, label: string) => void;
}

/** Which workspace. Folders are chosen in the system's own dialog; their paths never come here. */
export function StartFace({ onSelected, onCreate }: StartFaceProps): ReactNode {
  const recent = useCall('workspace.recent', {});
  const [error, setError] = useState<ErrorData | null>(null);

  async function choose(purpose: 'open' | 'create'): Promise<void> {
    setError(null);
    const chosen = await call('workspace.choose', { purpose });
    if (!chosen.ok) return setError(chosen.error);
    if (chosen.value === null) return;
    if (purpose === 'create') onCreate(chosen.value.choice, chosen.value.label);
    else await select(chosen.value.choice);
  }

  async function select(choice: string): Promise<void> {
    setError(null);
    const selected = await call('workspace.select', { choice });
    if (!selected.ok) return setError(selected.error);
    setStatus(selected.value);
    onSelected(choice);
  }

  return (
    <>
      <h2>Choose a workspace</h2>
      {error !== null && <Trouble error={error} />}
      {recent.value !== null && recent.value.length > 0 && (
        <div className="block">
          <h3 className="quiet small">Opened on this computer before</h3>
          <ul className="door-list">
            {recent.value.map((entry) => (
              <li key={entry.choice}>
                <button type="button" onClick={() => drop(select(entry.choice))}>
                  <span className="cut">{entry.label}</span>
                  <span className="quiet small num nowrap" title={entry.lastOpened}>
                    {when(entry.lastOpened)}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="buttons">
        <Button look="main" onClick={() => drop(choose('open'))}>
          Open a workspace
        </Button>
        <Button onClick={() => drop(choose('create'))}>Create a workspace</Button>
      </div>
      <p className="quiet small">
        A workspace is one encrypted folder: its members, cases, pictures and record.
      </p>
    </>
  );
}
