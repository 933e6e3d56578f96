import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { refreshStatus } from '../../bridge/session.ts';
import { call } from '../../bridge/wire.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { useCountdown } from '../../ui/countdown.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { plural } from '../../ui/format.ts';
import { WordList } from '../../ui/recovery.tsx';
import { Trouble } from '../../ui/states.tsx';

/** New recovery words: the password once more, then the words, once. Typing them comes after. */
export function RenewWords({ onClose }: { onClose: () => void }): ReactNode {
  const [words, setWords] = useState<readonly string[] | null>(null);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const wait = useCountdown(error);

  async function renew(): Promise<void> {
    if (password === '' || busy || wait > 0) return;
    setBusy(true);
    setError(null);
    const result = await call('workspace.renewRecovery', { password });
    setBusy(false);
    setPassword('');
    if (!result.ok) return setError(result.error);
    setWords(result.value.recoveryWords);
    await refreshStatus();
  }

  if (words !== null) {
    return (
      <Dialog
        // Another dialog than the one before, so that the keyboard starts anew in it.
        key="words"
        wide
        title="Write these words down"
        about="They are shown this once and kept nowhere. The words before open nothing any more: destroy that paper."
        onClose={onClose}
        onSubmit={onClose}
      >
        <WordList words={words} />
        <div className="buttons buttons-end">
          <Button look="main" type="submit">
            I have written them down
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      key="password"
      title="New recovery words"
      about="They open your keys, and the words in force until now open nothing any more."
      onClose={onClose}
      onSubmit={() => drop(renew())}
    >
      {error !== null && <Trouble error={error} />}
      <TextField
        label="Your password"
        type="password"
        value={password}
        onValue={setPassword}
        autoFocus
        required
      />
      <p className="quiet small" role="status">
        {wait > 0 ? `The next try is possible in ${plural(wait, 'second')}.` : ''}
      </p>
      <div className="buttons buttons-end">
        <Button onClick={onClose} disabled={busy}>
          Cancel
        </Button>
        <Button look="main" type="submit" disabled={password === '' || busy || wait > 0}>
          {busy ? 'Making words…' : 'Make new words'}
        </Button>
      </div>
    </Dialog>
  );
}
