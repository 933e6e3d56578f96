import type { ReactNode } from 'react';
import { FACTS, type FactKey } from '#shared/domain/facts.ts';
import type { Derivation } from '#shared/domain/law/derive.ts';
import { Severity } from '../../ui/badge.tsx';
import { Button, Kbd } from '../../ui/controls.tsx';
import { plural } from '../../ui/format.ts';

interface VerdictProps {
  derived: Derivation;
  items: number;
  busy: boolean;
  onDecide: () => void;
  onPick: () => void;
}

/** The next few are enough to go on; the list changes with every answer. */
const MOST_NEEDS = 3;

function namesOf(keys: readonly FactKey[]): string {
  return keys.map((key) => FACTS[key].label.toLowerCase()).join(', ');
}

const keepFocus = (event: { preventDefault: () => void }): void => event.preventDefault();

/** What the law pack makes of the facts so far, and which rule says so. */
export function Verdict({ derived, items, busy, onDecide, onPick }: VerdictProps): ReactNode {
  const { category, rule, needs, alsoFires, unclear, unsure } = derived;
  return (
    <section className="verdict" aria-label="Category derived from the facts">
      <div aria-live="polite">
        {category === null ? (
          <strong className="quiet">No category yet</strong>
        ) : (
          <strong>
            <Severity step={category.severity}>
              <span className="verdict-title">{category.title}</span>
            </Severity>
          </strong>
        )}
        {rule !== null && <p className="small">{rule.title}</p>}
        {rule !== null && <p className="quiet small">{rule.provision}</p>}
        {needs.length > 0 && (
          <p className="quiet small">
            needs: {namesOf(needs.slice(0, MOST_NEEDS))}
            {needs.length > MOST_NEEDS && ` and ${needs.length - MOST_NEEDS} more`}
          </p>
        )}
        {category !== null && rule === null && (
          <p className="quiet small">
            {unclear.length > 0
              ? `Cannot be told: ${namesOf(unclear)}.`
              : 'No rule of the pack fires on these facts.'}
          </p>
        )}
        {unsure.length > 0 && (
          <p className="quiet small">rests on unsure facts: {namesOf(unsure)}</p>
        )}
      </div>
      {alsoFires.length > 0 && (
        <p className="quiet small">also fires: {alsoFires.map(({ title }) => title).join('; ')}</p>
      )}
      {rule?.check !== undefined && <p className="quiet small">to check: {rule.check}</p>}
      <div className="buttons">
        <Button
          look={category === null ? 'plain' : 'main'}
          disabled={busy}
          aria-disabled={category === null}
          onMouseDown={keepFocus}
          onClick={onDecide}
        >
          {busy ? 'Recording…' : `Decide ${plural(items, 'item')}`} <Kbd>Enter</Kbd>
        </Button>
        <Button onMouseDown={keepFocus} onClick={onPick}>
          Other <Kbd>X</Kbd>
        </Button>
      </div>
    </section>
  );
}
