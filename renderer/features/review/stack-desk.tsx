import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { StackDetail } from '#shared/contract/review.ts';
import { FACTS, isFactKey, type FactKey } from '#shared/domain/facts.ts';
import { derive } from '#shared/domain/law/derive.ts';
import type { LawPack } from '#shared/domain/law/pack.ts';
import { RUNG_WORDS } from '#shared/domain/words.ts';
import { drop } from '../../bridge/drop.ts';
import { tellError } from '../../bridge/notices.ts';
import { call } from '../../bridge/wire.ts';
import { useActions } from '../../commands/registry.ts';
import { cover, holdPointer, show, stepRung, useLook } from '../../media/look.ts';
import { Picture } from '../../media/picture.tsx';
import { plural } from '../../ui/format.ts';
import { CoveredTile } from '../../ui/tile.tsx';
import { allRecorded, chooseValue, createDesk, toggleFact, turnCertainty } from './desk.ts';
import { FactList, factOrder } from './facts.tsx';
import { Known } from './known.tsx';
import { CategoryPicker } from './picker.tsx';
import { Verdict } from './verdict.tsx';

export interface StackDeskProps {
  stack: StackDetail;
  pack: LawPack;
  position: number;
  total: number;
  /** What the last act did. */
  said: string;
  onDecided: (words: string) => void;
  onSkipped: () => void;
}

/** One stack: what is known, the covered tile, the facts. */
export function StackDesk(props: StackDeskProps): ReactNode {
  const { stack, pack, onDecided, onSkipped } = props;
  const { stackId } = stack;
  const [desk] = useState(() => createDesk(stackId, stack.facts));
  const { facts, open } = useStore(desk);
  const [itemId, setItemId] = useState(stack.representativeId);
  const [picking, setPicking] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [hint, setHint] = useState('');
  const rung = useLook((state) => state.rung);
  const centre = useRef<HTMLElement>(null);
  const derived = derive(pack, facts);
  const keys = factOrder(pack);

  // The keyboard belongs to the stack, not to the button that was pressed last.
  useEffect(() => {
    centre.current?.focus({ preventScroll: true });
  }, []);

  function look(): void {
    const purpose = itemId === stack.representativeId ? 'decide' : 'compare';
    drop(show({ itemId, purpose, reason: null }));
  }

  function openFact(key: FactKey): void {
    setHint('');
    toggleFact(desk, key);
  }

  function chooseDigit(digit: string): void {
    if (open === null) {
      const category = pack.file.categories.find(({ hotkey }) => hotkey === digit);
      if (category !== undefined) setPicking(category.id);
      return;
    }
    const value = digit === '0' ? null : Object.keys(FACTS[open].values)[Number(digit) - 1];
    if (value !== undefined) drop(chooseValue(desk, open, value));
  }

  async function decide(category: string | null, reason: string): Promise<void> {
    if (busy) return;
    setBusy(true);
    cover();
    await allRecorded();
    const now = derive(pack, desk.getState().facts);
    if (category === null && now.category === null) {
      setBusy(false);
      const first = now.needs[0];
      setHint(
        first === undefined ? 'Not yet.' : `Not yet: needs ${FACTS[first].label.toLowerCase()}.`,
      );
      if (first !== undefined && desk.getState().open !== first) toggleFact(desk, first);
      return;
    }
    const result = await call('review.decide', { target: { stackId }, category, reason });
    setBusy(false);
    if (!result.ok) return tellError(result.error);
    const { decision, items } = result.value;
    onDecided(`${plural(items, 'item')} decided: ${decision.categoryTitle}.`);
  }

  async function skip(): Promise<void> {
    if (busy) return;
    setBusy(true);
    await allRecorded();
    const result = await call('review.skip', { stackId });
    setBusy(false);
    if (result.ok) onSkipped();
    else tellError(result.error);
  }

  function stepMember(step: number): void {
    const at = stack.members.findIndex((member) => member.itemId === itemId);
    const next = stack.members[at + step];
    if (next !== undefined) setItemId(next.itemId);
  }

  const hotkeys = pack.file.categories.flatMap(({ hotkey }) => (hotkey === null ? [] : [hotkey]));
  useActions('This stack', [
    { name: 'look', label: 'hold to look', keys: ['space'], perform: look, release: cover },
    {
      name: 'rung',
      label: 'rung',
      keys: ['arrowup', 'arrowdown'],
      perform: (key) => stepRung(key === 'arrowup' ? 1 : -1),
    },
    {
      name: 'facts',
      label: 'facts',
      keys: Object.values(FACTS).map(({ key }) => key),
      shown: 'A P I T …',
      perform: (letter) => {
        const key = Object.keys(FACTS).find(
          (name) => isFactKey(name) && FACTS[name].key === letter,
        );
        if (key !== undefined && isFactKey(key)) openFact(key);
      },
    },
    {
      name: 'values',
      label: 'choose a value',
      keys: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      shown: '1 … 8',
      enabled: open !== null,
      perform: chooseDigit,
    },
    {
      name: 'decide',
      label: `decide ${stack.memberCount}`,
      keys: ['enter'],
      enabled: open === null,
      perform: () => drop(decide(null, '')),
    },
    { name: 'skip', label: 'skip', keys: ['s'], perform: () => drop(skip()) },
    {
      name: 'category',
      label: 'choose a category yourself',
      keys: ['x', ...hotkeys],
      shown: 'X 1 … 0 U',
      strip: false,
      enabled: open === null,
      perform: (key) => (key === 'x' ? setPicking(derived.category?.id ?? '') : chooseDigit(key)),
    },
    {
      name: 'certainty',
      label: 'certain, likely, unsure',
      keys: ['y'],
      strip: false,
      enabled: open !== null,
      perform: () => drop(turnCertainty(desk)),
    },
    {
      name: 'close-fact',
      label: 'close the fact',
      keys: ['escape', 'enter'],
      shown: 'Esc',
      strip: false,
      enabled: open !== null,
      perform: () => desk.setState({ open: null }),
    },
    {
      name: 'member',
      label: 'another member of the stack',
      keys: ['[', ']'],
      strip: false,
      enabled: stack.members.length > 1,
      perform: (key) => stepMember(key === '[' ? -1 : 1),
    },
  ]);

  return (
    <div className="review">
      <Known {...props} itemId={itemId} onItem={setItemId} />
      <section
        className="desk"
        ref={centre}
        tabIndex={-1}
        aria-label={`Stack ${props.position} of ${props.total}`}
      >
        <p className="desk-said" role="status">
          {hint === '' ? props.said : hint}
        </p>
        <Picture
          itemId={itemId}
          hint={`${RUNG_WORDS[rung]} · hold Space`}
          onHold={() => holdPointer(look)}
        >
          <CoveredTile
            id={itemId}
            state={stack.state}
            files={stack.memberCount}
            sources={stack.sources.length}
            looks={stack.looks.length}
            category={stack.decision?.categoryTitle ?? null}
          />
        </Picture>
      </section>
      <section className="judge" aria-label="Facts and category">
        <FactList desk={desk} keys={keys} needs={derived.needs} onOpen={openFact} />
        <Verdict
          derived={derived}
          items={stack.memberCount}
          busy={busy}
          onDecide={() => drop(decide(null, ''))}
          onPick={() => setPicking(derived.category?.id ?? '')}
        />
      </section>
      {picking !== null && (
        <CategoryPicker
          pack={pack}
          first={picking}
          derived={derived.category?.id ?? null}
          items={stack.memberCount}
          onClose={() => setPicking(null)}
          onDecide={(category, reason) => {
            setPicking(null);
            drop(decide(category, reason));
          }}
        />
      )}
    </div>
  );
}
