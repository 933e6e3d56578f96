import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { openCase } from '../../bridge/session.ts';
import { call } from '../../bridge/wire.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Trouble } from '../../ui/states.tsx';

export function CreateCase({ onClose }: { onClose: () => void }): ReactNode {
  const [ref, setRef] = useState('');
  const [title, setTitle] = useState('');
  const [service, setService] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const ready = ref.trim() !== '' && title.trim() !== '';

  async function create(): Promise<void> {
    if (!ready || busy) return;
    setBusy(true);
    const result = await call('cases.create', { ref, title, service });
    setBusy(false);
    if (!result.ok) return setError(result.error);
    onClose();
    openCase(result.value);
  }

  return (
    <Dialog
      title="New case"
      about="Law pack: United Kingdom."
      onClose={onClose}
      onSubmit={() => drop(create())}
    >
      {error !== null && <Trouble error={error} />}
      <TextField
        label="Reference"
        value={ref}
        onValue={setRef}
        maxLength={60}
        hint="Stands in the title bar and on every paper. No names of people."
        autoFocus
        required
      />
      <TextField label="Title" value={title} onValue={setTitle} maxLength={200} required />
      <TextField
        label="Service under investigation"
        value={service}
        onValue={setService}
        maxLength={200}
        hint="May be left empty."
      />
      <div className="buttons buttons-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="main" type="submit" disabled={!ready || busy}>
          Create case
        </Button>
      </div>
    </Dialog>
  );
}
