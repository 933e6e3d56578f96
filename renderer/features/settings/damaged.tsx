import { useState, type ReactNode } from 'react';
import type { CaseSummary } from '#shared/contract/cases.ts';
import { useCall } from '../../bridge/use-call.ts';
import { Button } from '../../ui/controls.tsx';
import { when } from '../../ui/format.ts';
import { Loading, Trouble } from '../../ui/states.tsx';

const PAGE = 200;

/** Items whose originals are missing or damaged, case by case. */
export function DamagedOriginals({ tick }: { tick: string }): ReactNode {
  const cases = useCall('cases.list', {}, tick);
  return (
    <div className="block">
      <h3>Damaged originals</h3>
      <p className="quiet">
        Put the sealed files back from a copy of this workspace, then check again: what is whole is
        no longer listed.
      </p>
      {cases.error !== null && <Trouble error={cases.error} onRetry={cases.reload} />}
      {cases.value === null && cases.loading && <Loading what="Reading the cases" />}
      {cases.value?.map((one) => (
        <OfCase key={one.id} summary={one} tick={tick} />
      ))}
    </div>
  );
}

function OfCase({ summary, tick }: { summary: CaseSummary; tick: string }): ReactNode {
  /** The page's first item has a higher id than this. */
  const [after, setAfter] = useState(0);
  const list = useCall('upkeep.damaged', { caseId: summary.id, after, limit: PAGE }, tick);
  if (list.error !== null) return <Trouble error={list.error} onRetry={list.reload} />;
  const last = list.value?.at(-1);
  if (list.value === null || (last === undefined && after === 0)) return null;
  return (
    <div className="scroll-x">
      <table className="table">
        <caption className="unseen">Damaged originals of {summary.ref}</caption>
        <thead>
          <tr>
            <th>Case</th>
            <th>Item</th>
            <th>Found</th>
            <th>What is wrong</th>
          </tr>
        </thead>
        <tbody>
          {list.value.map((item) => (
            <tr key={item.itemId}>
              <td className="nowrap">{summary.ref}</td>
              <td className="num">{item.itemId}</td>
              <td className="nowrap" title={item.at}>
                {when(item.at)}
              </td>
              <td className="wide">{item.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {(after > 0 || list.value.length === PAGE) && (
        <div className="buttons buttons-end">
          <Button disabled={after === 0} onClick={() => setAfter(0)}>
            From the beginning
          </Button>
          <Button
            disabled={list.value.length < PAGE}
            onClick={() => setAfter(last?.itemId ?? after)}
          >
            Next
          </Button>
        </div>
      )}
    </div>
  );
}
