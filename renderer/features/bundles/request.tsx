import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { useCall } from '../../bridge/use-call.ts';
import { call } from '../../bridge/wire.ts';
import { Button, TextAreaField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { count, plural, size } from '../../ui/format.ts';
import { Loading, Trouble } from '../../ui/states.tsx';
import { EDITION_WORDS } from './editions.ts';

interface RequestDialogProps {
  caseId: number;
  caseRef: string;
  onClose: () => void;
  onRequested: () => void;
}

/** The one edition that can be built today; the others follow. */
const EDITION = 'sealed';

export function RequestDialog(props: RequestDialogProps): ReactNode {
  const { caseId, caseRef, onClose, onRequested } = props;
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const preview = useCall('bundles.preview', { caseId, edition: EDITION });
  const recipients = typed.split(/[\s,;]+/).filter((part) => part !== '');

  async function request(): Promise<void> {
    if (busy || recipients.length === 0) return;
    setBusy(true);
    const result = await call('bundles.request', { caseId, edition: EDITION, recipients });
    setBusy(false);
    if (result.ok) onRequested();
    else setError(result.error);
  }

  return (
    <Dialog
      title={`Request a bundle of ${caseRef}`}
      about={`Edition: ${EDITION_WORDS[EDITION].label.toLowerCase()}. ${EDITION_WORDS[EDITION].about}`}
      onClose={onClose}
      onSubmit={() => drop(request())}
    >
      {error !== null && <Trouble error={error} />}
      {preview.error !== null && <Trouble error={preview.error} onRetry={preview.reload} />}
      {preview.value === null && preview.loading && <Loading what="Counting what goes in" />}
      {preview.value !== null && (
        <section className="block">
          <h3>What goes in</h3>
          <dl className="figures">
            <dt>Items, decided</dt>
            <dd>{count(preview.value.decided)}</dd>
            <dt>Items, undecided</dt>
            <dd>{count(preview.value.undecided)}</dd>
            <dt>Items, unreadable</dt>
            <dd>{count(preview.value.unreadable)}</dd>
            <dt>Together</dt>
            <dd>
              {plural(preview.value.items, 'item')}, {size(preview.value.bytes)}
            </dd>
          </dl>
          {preview.value.needsApproval && (
            <p className="quiet small">A supervisor other than you approves before it is built.</p>
          )}
        </section>
      )}
      <TextAreaField
        label="Recipients"
        value={typed}
        onValue={setTyped}
        placeholder="age1…"
        hint={
          recipients.length === 0
            ? 'One age recipient on each line, as the recipient gave it to you.'
            : `${plural(recipients.length, 'recipient')}. Only they can open it.`
        }
        className="input mono"
        autoFocus
        required
      />
      <div className="buttons buttons-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="main" type="submit" disabled={busy || recipients.length === 0}>
          Request the bundle
        </Button>
      </div>
    </Dialog>
  );
}
