import './commands.css';
import { useState, type ReactNode } from 'react';
import { Button, Kbd } from '../ui/controls.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { printedKeys, useActions, useCommands } from './registry.ts';

/** One place is kept for `?`. */
const MOST = 6;

/** The foot of the window: the keys that do something here, and all of them behind `?`. */
export function KeyStrip(): ReactNode {
  // This component offers an action, so it must not be drawn again whenever actions change.
  const [asked, setAsked] = useState(false);
  useActions('Everywhere', [
    { name: 'help', label: 'all keys', keys: ['?'], strip: false, perform: () => setAsked(true) },
  ]);
  return (
    <footer>
      <Strip />
      {asked && <KeyList onClose={() => setAsked(false)} />}
    </footer>
  );
}

function Strip(): ReactNode {
  const sets = useCommands((state) => state.sets);
  // The innermost set first: what is under the hand counts most.
  const offered = sets
    .toReversed()
    .flatMap((set) => set.actions)
    .filter(({ strip, enabled }) => strip !== false && enabled !== false)
    .slice(0, MOST);
  return (
    <ul className="strip" aria-label="Keys that do something here">
      {offered.map((action) => (
        <li key={action.name}>
          <Kbd>{printedKeys(action)}</Kbd> {action.label}
        </li>
      ))}
      <li>
        <Kbd>?</Kbd> all keys
      </li>
    </ul>
  );
}

function KeyList({ onClose }: { onClose: () => void }): ReactNode {
  const sets = useCommands((state) => state.sets).filter((set) => set.actions.length > 0);
  return (
    <Dialog title="Keys" onClose={onClose} onSubmit={onClose}>
      {sets.toReversed().map((set) => (
        <section key={set.id} className="block">
          <h3>{set.title}</h3>
          <dl className="keys-list">
            {set.actions.map((action) => (
              <KeyLine key={action.name} keys={printedKeys(action)} label={action.label} />
            ))}
          </dl>
        </section>
      ))}
      <div className="buttons buttons-end">
        <Button look="main" type="submit" autoFocus>
          Close
        </Button>
      </div>
    </Dialog>
  );
}

function KeyLine({ keys, label }: { keys: string; label: string }): ReactNode {
  return (
    <>
      <dt>
        <Kbd>{keys}</Kbd>
      </dt>
      <dd>{label}</dd>
    </>
  );
}
