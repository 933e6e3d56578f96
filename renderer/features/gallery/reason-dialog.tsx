import { useState, type ReactNode } from 'react';
import { Button, TextAreaField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';

interface ReasonDialogProps {
  decided: boolean;
  onClose: () => void;
  onReason: (reason: string) => void;
}

/** Why an item is to be shown that need not be. The reason goes on the record with the look. */
export function ReasonDialog({ decided, onClose, onReason }: ReasonDialogProps): ReactNode {
  const [reason, setReason] = useState('');
  const ready = reason.trim().length >= 3;
  return (
    <Dialog
      title={decided ? 'Show again' : 'Show'}
      about={
        decided
          ? 'This item is decided. The look goes on the record as a re-look, with your reason.'
          : 'The look goes on the record with your reason.'
      }
      onClose={onClose}
      onSubmit={() => {
        if (ready) onReason(reason.trim());
      }}
    >
      <TextAreaField
        label="Reason"
        value={reason}
        onValue={setReason}
        maxLength={2000}
        hint="At least three characters. It holds until you choose another item."
        autoFocus
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <div className="buttons buttons-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="main" type="submit" disabled={!ready}>
          Continue, then hold Space
        </Button>
      </div>
    </Dialog>
  );
}
