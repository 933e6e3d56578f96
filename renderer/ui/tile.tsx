import './tile.css';
import { memo, type ReactNode } from 'react';
import type { ItemState } from '#shared/domain/words.ts';
import { StateBadge } from './badge.tsx';
import { count, plural } from './format.ts';
import { PATTERN_SIDE, tilePattern } from './pattern.ts';

const TilePattern = memo(function TilePattern({ id }: { id: number }): ReactNode {
  return (
    <svg
      className="tile-pattern"
      viewBox={`0 0 ${PATTERN_SIDE} ${PATTERN_SIDE}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <path d={tilePattern(id)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
});

/** How many files stand behind this tile. */
export function StackCount({ files }: { files: number }): ReactNode {
  return (
    <span className="tile-stack">
      {count(files)}
      <span className="unseen"> in the stack</span>
      <svg
        width="12"
        height="12"
        viewBox="0 0 12 12"
        fill="none"
        stroke="currentColor"
        aria-hidden="true"
      >
        <path d="M1.5 4.5h6v6h-6zM4 4.5v-3h6.5V8h-3" strokeWidth="1.2" strokeLinejoin="round" />
      </svg>
    </span>
  );
}

interface CoveredTileProps {
  id: number;
  state: ItemState;
  files: number;
  sources: number;
  looks: number;
  /** In words; null while there is none. */
  category: string | null;
}

/** All a covered tile says: state, files, category in words, where from, looks so far. */
export function CoveredTile(props: CoveredTileProps): ReactNode {
  const { id, state, files, sources, looks, category } = props;
  const foot = [
    sources > 1 ? plural(sources, 'source') : '',
    looks > 0 ? plural(looks, 'look') : '',
  ].filter((part) => part !== '');
  return (
    <div className="tile">
      <TilePattern id={id} />
      <div className="tile-line">
        <StateBadge state={state} />
        {files > 1 && <StackCount files={files} />}
      </div>
      <div className="tile-foot">
        {category !== null && (
          <div className="tile-line">
            <span className="cut">{category}</span>
          </div>
        )}
        {foot.length > 0 && (
          <div className="tile-line">
            <span className="quiet nowrap">{foot.join(' · ')}</span>
          </div>
        )}
      </div>
    </div>
  );
}
