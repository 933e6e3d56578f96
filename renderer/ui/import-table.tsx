import './table.css';
import type { ReactNode } from 'react';
import type { ImportSummary } from '#shared/contract/cases.ts';
import type { ImportState } from '#shared/domain/words.ts';
import { Badge, type BadgeKind } from './badge.tsx';
import { Button } from './controls.tsx';
import { count, when } from './format.ts';

const STATES: Record<ImportState, { kind: BadgeKind; word: string }> = {
  running: { kind: 'waiting', word: 'Running' },
  done: { kind: 'good', word: 'Done' },
  cancelled: { kind: 'plain', word: 'Stopped' },
  interrupted: { kind: 'waiting', word: 'Interrupted' },
  failed: { kind: 'bad', word: 'Failed' },
};

function nameOf(entry: ImportSummary): string {
  return entry.source === '' ? `import ${entry.id}` : entry.source;
}

interface ImportTableProps {
  imports: readonly ImportSummary[];
  /** Offers what went wrong in one import. */
  onFailures?: (entry: ImportSummary) => void;
}

/** The ledgers: offered = new + duplicate + unreadable + refused, line by line. */
export function ImportTable({ imports, onFailures }: ImportTableProps): ReactNode {
  return (
    <div className="scroll-x">
      <table className="table">
        <caption className="unseen">
          Imports: offered is always new, duplicate, unreadable and refused together
        </caption>
        <thead>
          <tr>
            <th>Source</th>
            <th>Exhibit</th>
            <th>When</th>
            <th>By</th>
            <th>State</th>
            <th className="right">Offered =</th>
            <th className="right">New +</th>
            <th className="right">Duplicate +</th>
            <th className="right">Unreadable +</th>
            <th className="right">Refused</th>
            {onFailures !== undefined && (
              <th>
                <span className="unseen">What failed</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {imports.map((entry) => (
            <tr key={entry.id}>
              <td className="wide">
                {entry.source === '' ? <span className="quiet">no label</span> : entry.source}
              </td>
              <td className="nowrap">{entry.exhibit}</td>
              <td className="nowrap" title={entry.startedAt}>
                {when(entry.startedAt)}
              </td>
              <td className="nowrap">{entry.acquirer}</td>
              <td>
                <Badge kind={STATES[entry.state].kind}>{STATES[entry.state].word}</Badge>
              </td>
              <td className="right">{count(entry.ledger.offered)}</td>
              <td className="right">{count(entry.ledger.new)}</td>
              <td className="right">{count(entry.ledger.duplicate)}</td>
              <td className="right">{count(entry.ledger.unreadable)}</td>
              <td className="right">{count(entry.ledger.refused)}</td>
              {onFailures !== undefined && (
                <td className="right">
                  {entry.ledger.unreadable + entry.ledger.refused > 0 && (
                    <Button
                      look="quiet"
                      aria-label={`See why not everything of ${nameOf(entry)} could be read`}
                      onClick={() => onFailures(entry)}
                    >
                      See why
                    </Button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
