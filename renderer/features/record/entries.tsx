import { Fragment, useState, type ReactNode } from 'react';
import type { RecordEntry } from '#shared/contract/record.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { count, phrase, when } from '../../ui/format.ts';

export function EntryTable({ entries }: { entries: readonly RecordEntry[] }): ReactNode {
  const [open, setOpen] = useState<number | null>(null);
  return (
    <div className="scroll-x">
      <table className="table record-table">
        <caption className="unseen">Entries of the record, newest first</caption>
        <thead>
          <tr>
            <th className="right">Number</th>
            <th>When</th>
            <th>Kind</th>
            <th>By</th>
            <th className="wide">What</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Fragment key={entry.seq}>
              <tr>
                <td className="right">{count(entry.seq)}</td>
                <td className="nowrap" title={entry.at}>
                  {when(entry.at)}
                </td>
                <td className="nowrap">
                  <button
                    type="button"
                    className="entry-open"
                    aria-expanded={open === entry.seq}
                    aria-label={`${phrase(entry.type)}, entry ${entry.seq}`}
                    onClick={() => setOpen(open === entry.seq ? null : entry.seq)}
                  >
                    {phrase(entry.type)}
                  </button>
                </td>
                <td className="nowrap">{entry.by}</td>
                <td>{entry.summary}</td>
              </tr>
              {open === entry.seq && (
                <tr>
                  <td />
                  <td colSpan={4}>
                    <div className="entry-detail">
                      <p className="small">
                        <span className="quiet">{entry.at} · hash </span>
                        <Copyable text={entry.hash} name={`hash of entry ${entry.seq}`} />
                      </p>
                      <pre tabIndex={0} aria-label={`Content of entry ${entry.seq}`}>
                        {JSON.stringify(entry.detail, null, 2)}
                      </pre>
                    </div>
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
