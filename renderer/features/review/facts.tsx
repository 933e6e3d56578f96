import { useEffect, useRef, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { FACT_KEYS, FACTS, type FactKey } from '#shared/domain/facts.ts';
import type { LawPack } from '#shared/domain/law/pack.ts';
import { drop } from '../../bridge/drop.ts';
import { Kbd } from '../../ui/controls.tsx';
import { Icon } from '../../ui/icons.tsx';
import { chooseValue, turnCertainty, type DeskStore } from './desk.ts';

/** Those the pack asks for, in its order; then the others. Never moves, so that hands can learn it. */
export function factOrder(pack: LawPack): FactKey[] {
  const asked: readonly FactKey[] = pack.file.facts;
  return [...asked, ...FACT_KEYS.filter((key) => !asked.includes(key))];
}

interface FactListProps {
  desk: DeskStore;
  keys: readonly FactKey[];
  needs: readonly FactKey[];
  onOpen: (key: FactKey) => void;
}

/** A press of the mouse must not take the keyboard away from the stack. */
const keepFocus = (event: { preventDefault: () => void }): void => event.preventDefault();

export function FactList({ desk, keys, needs, onOpen }: FactListProps): ReactNode {
  const { open, facts } = useStore(desk);
  return (
    <div className="facts" role="group" aria-label="Facts">
      {keys.map((key) => {
        const fact = facts[key];
        const values: Record<string, string> = FACTS[key].values;
        const value = fact === undefined ? '' : (values[fact.value] ?? fact.value);
        const doubt =
          fact === undefined || fact.certainty === 'certain' ? '' : `, ${fact.certainty}`;
        return (
          <div key={key} className={key === open ? 'fact fact-open' : 'fact'}>
            <button
              type="button"
              aria-expanded={key === open}
              onMouseDown={keepFocus}
              onClick={() => onOpen(key)}
            >
              <Kbd>{FACTS[key].key.toUpperCase()}</Kbd>
              <span
                className={fact === undefined ? 'fact-label cut quiet' : 'fact-label cut'}
                title={FACTS[key].label}
              >
                {FACTS[key].label}
              </span>
              {fact !== undefined ? (
                <span className="fact-value">
                  {value}
                  {doubt}
                </span>
              ) : (
                key === needs[0] && <span className="fact-needed">needed next</span>
              )}
            </button>
            {key === open && <Values desk={desk} factKey={key} />}
          </div>
        );
      })}
    </div>
  );
}

function Values({ desk, factKey }: { desk: DeskStore; factKey: FactKey }): ReactNode {
  const { facts, certainty } = useStore(desk);
  const element = useRef<HTMLDivElement>(null);
  const recorded = facts[factKey]?.value ?? null;
  const entries: [string | null, string][] = [
    ...Object.entries<string>(FACTS[factKey].values),
    ...(recorded === null ? [] : [[null, 'take it back'] satisfies [null, string]]),
  ];

  useEffect(() => {
    element.current?.scrollIntoView({ block: 'nearest' });
  }, []);

  return (
    <div ref={element} className="values" role="radiogroup" aria-label={FACTS[factKey].label}>
      {entries.map(([value, words], index) => (
        <button
          key={value ?? ''}
          type="button"
          role="radio"
          aria-checked={value !== null && value === recorded}
          onMouseDown={keepFocus}
          onClick={() => drop(chooseValue(desk, factKey, value))}
        >
          <Kbd>{value === null ? 0 : index + 1}</Kbd>
          <span className={value === null ? 'quiet' : ''}>{words}</span>
          {value !== null && value === recorded && <Icon name="check" size={16} />}
        </button>
      ))}
      <p className="values-certainty">
        <span className="quiet" aria-hidden="true">
          How certain
        </span>
        <button type="button" onMouseDown={keepFocus} onClick={() => drop(turnCertainty(desk))}>
          <span className="unseen">How certain: </span>
          {certainty} <Kbd>Y</Kbd>
        </button>
      </p>
    </div>
  );
}
