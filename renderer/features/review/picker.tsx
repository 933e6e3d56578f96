import { useState, type ReactNode } from 'react';
import type { LawPack } from '#shared/domain/law/pack.ts';
import { Severity } from '../../ui/badge.tsx';
import { Button, Kbd, TextAreaField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { plural } from '../../ui/format.ts';

interface CategoryPickerProps {
  pack: LawPack;
  /** The category marked first; empty for none. */
  first: string;
  derived: string | null;
  items: number;
  onClose: () => void;
  onDecide: (category: string, reason: string) => void;
}

/** A category chosen by the member, with the reason why it is not the derived one. */
export function CategoryPicker(props: CategoryPickerProps): ReactNode {
  const { pack, first, derived, items, onClose, onDecide } = props;
  const [category, setCategory] = useState(first);
  const [reason, setReason] = useState('');
  const needsReason = category !== derived;
  const ready = category !== '' && (!needsReason || reason.trim().length >= 3);

  return (
    <Dialog
      title="Choose the category"
      about="The facts stay as recorded. Your reason stands beside the decision."
      onClose={onClose}
      onSubmit={() => {
        if (ready) onDecide(category, reason.trim());
      }}
    >
      <fieldset
        className="picker"
        aria-label="Category"
        onKeyDown={(event) => {
          const key = event.key.toLowerCase();
          const chosen = pack.file.categories.find(({ hotkey }) => hotkey === key);
          if (chosen !== undefined) setCategory(chosen.id);
        }}
      >
        {pack.file.categories.map((entry) => (
          <label key={entry.id} className="choice">
            <input
              type="radio"
              name="category"
              checked={entry.id === category}
              onChange={() => setCategory(entry.id)}
            />
            <span>
              <Severity step={entry.severity}>{entry.title}</Severity>{' '}
              {entry.hotkey !== null && <Kbd>{entry.hotkey.toUpperCase()}</Kbd>}
              {entry.id === derived && <span className="quiet small"> derived</span>}
            </span>
          </label>
        ))}
      </fieldset>
      <TextAreaField
        label="Reason"
        value={reason}
        onValue={setReason}
        maxLength={2000}
        hint={
          needsReason ? 'Needed, because it is not the derived category.' : 'May be left empty.'
        }
        autoFocus={first !== ''}
        onKeyDown={(event) => {
          // One line is the usual case: Enter decides, Shift Enter starts another line.
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <div className="buttons buttons-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="main" type="submit" disabled={!ready}>
          Decide {plural(items, 'item')}
        </Button>
      </div>
    </Dialog>
  );
}
