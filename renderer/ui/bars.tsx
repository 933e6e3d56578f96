import './table.css';
import type { ReactNode } from 'react';
import { count } from './format.ts';

export interface Bar {
  id: string;
  label: ReactNode;
  value: number;
}

/** Counts with a thin bar each, labelled at the line: a chart that is its own table. */
export function Bars({ label, bars }: { label: string; bars: readonly Bar[] }): ReactNode {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul className="bars" aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.id} className="bars-row">
          <span className="cut">{bar.label}</span>
          <span className="bars-track" aria-hidden="true">
            <span style={{ width: `${(100 * bar.value) / most}%` }} />
          </span>
          <span className="bars-count">{count(bar.value)}</span>
        </li>
      ))}
    </ul>
  );
}
