/** A state or a severity: always a glyph and a word, never colour alone. */
import './badge.css';
import type { ReactNode } from 'react';
import type { ItemState } from '#shared/domain/words.ts';

/** Glyphs on a 12-unit square. Drawn, so that no font has to have them. */
const GLYPHS = {
  undecided: { d: 'M2 2h8v8H2z', filled: false },
  decided: { d: 'm2 6.5 2.8 2.8L10 3.2', filled: false },
  unreadable: { d: 'M2 2h8v8H2zM2 10l8-8', filled: false },
  good: { d: 'm2 6.5 2.8 2.8L10 3.2', filled: false },
  bad: { d: 'm2.5 2.5 7 7m0-7-7 7', filled: false },
  waiting: { d: 'M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M6 3.5V6l1.8 1.2', filled: false },
  plain: { d: 'M2 6h8', filled: false },
} as const;

export type BadgeKind = keyof typeof GLYPHS;

const SEVERITY_GLYPHS = [
  { d: 'M6 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4', filled: false },
  { d: 'M3.5 3.5h5v5h-5z', filled: false },
  { d: 'M3 3h6v6H3z', filled: true },
  { d: 'M6 1.5 10.5 6 6 10.5 1.5 6z', filled: true },
  { d: 'M6 .5 11.5 6 6 11.5.5 6zM6 4 4 6l2 2 2-2z', filled: true },
] as const;

function Glyph({ d, filled }: { d: string; filled: boolean }): ReactNode {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <path
        d={d}
        fill={filled ? 'currentColor' : 'none'}
        fillRule="evenodd"
        stroke="currentColor"
        strokeWidth={filled ? 0.5 : 1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export function Badge({ kind, children }: { kind: BadgeKind; children: ReactNode }): ReactNode {
  return (
    <span className={`badge badge-${kind}`}>
      <Glyph {...GLYPHS[kind]} />
      {children}
    </span>
  );
}

export const STATE_WORDS: Record<ItemState, string> = {
  undecided: 'Undecided',
  decided: 'Decided',
  unreadable: 'Unreadable',
};

export function StateBadge({ state }: { state: ItemState }): ReactNode {
  return <Badge kind={state}>{STATE_WORDS[state]}</Badge>;
}

/** `step`: 0 (least) to 4. */
export function Severity({ step, children }: { step: number; children: ReactNode }): ReactNode {
  const at = Math.min(4, Math.max(0, Math.round(step)));
  const glyph = SEVERITY_GLYPHS[at] ?? SEVERITY_GLYPHS[0];
  return (
    <span className={`badge severity-${at}`}>
      <Glyph {...glyph} />
      {children}
    </span>
  );
}
