/**
 * Everything a key can do is an object in one list. The keyboard, the strip at the foot and the
 * list behind `?` all read it, so none of them can say something the others do not do.
 */
import { useEffect, useId } from 'react';
import { create } from 'zustand';

export interface Action {
  name: string;
  label: string;
  /** As `keyOf` names them: `enter`, `space`, `arrowup`, `a`, `alt+1`. */
  keys: readonly string[];
  /** As printed, where the keys' own names are too many or too long. */
  shown?: string;
  /** False: the key does nothing now and is not offered. */
  enabled?: boolean;
  /** False: in the list behind `?`, not in the strip. */
  strip?: boolean;
  /** Receives the key, for actions with several. */
  perform: (key: string) => void;
  /** With it the action lasts as long as the key is held. */
  release?: () => void;
}

export interface ActionSet {
  id: string;
  title: string;
  actions: readonly Action[];
}

export const useCommands = create<{ sets: readonly ActionSet[] }>(() => ({ sets: [] }));

/** Offers these actions while the component is there. The newest set wins a key. */
export function useActions(title: string, actions: readonly Action[]): void {
  const id = useId();
  // Actions close over what is on the screen, so each render offers its own.
  useEffect(() => {
    useCommands.setState(({ sets }) => {
      const set = { id, title, actions };
      return sets.some((other) => other.id === id)
        ? { sets: sets.map((other) => (other.id === id ? set : other)) }
        : { sets: [...sets, set] };
    });
  });
  useEffect(
    () => () => {
      useCommands.setState(({ sets }) => ({ sets: sets.filter((set) => set.id !== id) }));
    },
    [id],
  );
}

export function findAction(key: string): Action | null {
  const { sets } = useCommands.getState();
  for (const set of sets.toReversed()) {
    const action = set.actions.find(({ keys, enabled }) => enabled !== false && keys.includes(key));
    if (action !== undefined) return action;
  }
  return null;
}

const PRINTED: Record<string, string> = {
  space: 'Space',
  enter: 'Enter',
  escape: 'Esc',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  pageup: 'Page up',
  pagedown: 'Page down',
};

function printed(key: string): string {
  return key.startsWith('alt+') ? `Alt ${key.slice('alt+'.length)}` : key.toUpperCase();
}

export function printedKeys(action: Action): string {
  return action.shown ?? action.keys.map((key) => PRINTED[key] ?? printed(key)).join(' ');
}
