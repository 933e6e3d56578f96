import { useState, type ReactNode } from 'react';
import type { ImportSummary } from '#shared/contract/cases.ts';
import { useCall } from '../../bridge/use-call.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { count, plural } from '../../ui/format.ts';
import { Loading, Trouble } from '../../ui/states.tsx';

const PAGE = 200;

/** Everything of one import that did not become a readable item: path and sentence. */
export function FailureList({
  entry,
  onClose,
}: {
  entry: ImportSummary;
  onClose: () => void;
}): ReactNode {
  const [offset, setOffset] = useState(0);
  const list = useCall('intake.failures', { importId: entry.id, offset, limit: PAGE });
  const { ledger } = entry;
  const total = list.value?.total ?? ledger.unreadable + ledger.refused;

  return (
    <Dialog
      wide
      title="What could not be read"
      about={`${plural(ledger.offered, 'file')} offered = ${count(ledger.new)} new + ${count(ledger.duplicate)} duplicate + ${count(ledger.unreadable)} unreadable + ${count(ledger.refused)} refused. Bytes of unreadable files are kept as evidence.`}
      onClose={onClose}
      onSubmit={onClose}
    >
      {list.error !== null && <Trouble error={list.error} onRetry={list.reload} />}
      {list.value === null && list.loading && <Loading what="Reading the list" />}
      <table className="table">
        <caption className="unseen">Files that could not be read, with the reason</caption>
        <thead>
          <tr>
            <th>Outcome</th>
            <th>File and reason</th>
          </tr>
        </thead>
        <tbody>
          {list.value?.failures.map((failure, index) => (
            <tr key={`${offset + index} ${failure.path}`}>
              <td>
                <Badge kind={failure.outcome === 'refused' ? 'plain' : 'unreadable'}>
                  {failure.outcome === 'refused' ? 'Refused' : 'Unreadable'}
                </Badge>
              </td>
              <td className="wide">
                <code>{failure.path}</code>
                <p className="quiet">{failure.reason}</p>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="buttons buttons-end">
        {total > PAGE && (
          <>
            <span className="quiet small num">
              {count(offset + 1)} to {count(Math.min(total, offset + PAGE))} of {count(total)}
            </span>
            <Button disabled={offset === 0} onClick={() => setOffset(offset - PAGE)}>
              Before
            </Button>
            <Button disabled={offset + PAGE >= total} onClick={() => setOffset(offset + PAGE)}>
              Next
            </Button>
          </>
        )}
        <Button look="main" type="submit" autoFocus>
          Close
        </Button>
      </div>
    </Dialog>
  );
}
