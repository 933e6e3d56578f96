import { useState, type ReactNode } from 'react';
import type { Output } from '#shared/contract/contract.ts';
import type { GalleryFilter } from '#shared/contract/review.ts';
import { ITEM_STATES } from '#shared/domain/words.ts';
import { categoryStep, categoryTitle } from '../../bridge/law.ts';
import type { LawPack } from '#shared/domain/law/pack.ts';
import { Severity, STATE_WORDS, Badge } from '../../ui/badge.tsx';
import { Chip } from '../../ui/controls.tsx';
import { count } from '../../ui/format.ts';

interface FiltersProps {
  filter: GalleryFilter;
  counts: Output<'gallery.count'> | null;
  pack: LawPack | null;
  onFilter: (filter: GalleryFilter) => void;
}

export function Filters({ filter, counts, pack, onFilter }: FiltersProps): ReactNode {
  const [text, setText] = useState(filter.text);
  // A chosen category stays in sight even when the other filters leave nothing of it.
  const categories = [
    ...new Set([...Object.keys(counts?.byCategory ?? {}), ...filter.categories]),
  ].sort((a, b) => categoryStep(pack, b) - categoryStep(pack, a));

  return (
    <header className="gallery-head">
      <div className="gallery-chips" role="group" aria-label="State">
        {ITEM_STATES.map((state) => (
          <Chip
            key={state}
            label={STATE_WORDS[state]}
            count={counts === null ? '' : count(counts.byState[state] ?? 0)}
            on={filter.states.includes(state)}
            onToggle={() => onFilter({ ...filter, states: toggled(filter.states, state) })}
          >
            <Badge kind={state}>{null}</Badge>
          </Chip>
        ))}
      </div>
      <form
        className="gallery-search"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          onFilter({ ...filter, text: text.trim() });
        }}
      >
        <input
          className="input"
          type="search"
          aria-label="Find in names and sources"
          placeholder="Find in names and sources"
          title="Enter finds; what was looked for is on the record"
          value={text}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            if (event.target.value === '' && filter.text !== '') onFilter({ ...filter, text: '' });
          }}
        />
      </form>
      {categories.length > 0 && (
        <div className="gallery-chips gallery-categories" role="group" aria-label="Category">
          {categories.map((id) => (
            <Chip
              key={id}
              label={categoryTitle(pack, id)}
              count={count(counts?.byCategory[id] ?? 0)}
              on={filter.categories.includes(id)}
              onToggle={() => onFilter({ ...filter, categories: toggled(filter.categories, id) })}
            >
              <Severity step={categoryStep(pack, id)}>{null}</Severity>
            </Chip>
          ))}
        </div>
      )}
    </header>
  );
}

function toggled<T>(list: readonly T[], value: T): T[] {
  return list.includes(value) ? list.filter((other) => other !== value) : [...list, value];
}
