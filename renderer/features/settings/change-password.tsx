import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { tellDone } from '../../bridge/notices.ts';
import { call } from '../../bridge/wire.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { useCountdown } from '../../ui/countdown.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { plural } from '../../ui/format.ts';
import { NewPassword } from '../../ui/new-password.tsx';
import { passwordTrouble } from '../../ui/password-rules.ts';
import { Trouble } from '../../ui/states.tsx';

export function ChangePassword({ onClose }: { onClose: () => void }): ReactNode {
  const [old, setOld] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const wait = useCountdown(error);
  const ready = old !== '' && passwordTrouble(password, again) === null;

  async function suggest(): Promise<string | null> {
    const result = await call('workspace.suggestPassword', {});
    if (!result.ok) setError(result.error);
    return result.ok ? result.value.password : null;
  }

  async function change(): Promise<void> {
    if (!ready || busy || wait > 0) return;
    setBusy(true);
    setError(null);
    const result = await call('members.changePassword', { old, new: password });
    setBusy(false);
    if (!result.ok) return setError(result.error);
    tellDone('Your password is changed. The one before opens nothing any more.');
    onClose();
  }

  return (
    <Dialog
      title="Change my password"
      about="Copies of this folder made before still open with the password of that day."
      onClose={onClose}
      onSubmit={() => drop(change())}
    >
      {error !== null && <Trouble error={error} />}
      <TextField
        label="Your password now"
        type="password"
        value={old}
        onValue={setOld}
        autoFocus
        required
      />
      <NewPassword
        label="New password"
        password={password}
        again={again}
        onPassword={setPassword}
        onAgain={setAgain}
        suggest={suggest}
      />
      <p className="quiet small" role="status">
        {wait > 0 ? `The next try is possible in ${plural(wait, 'second')}.` : ''}
      </p>
      <div className="buttons buttons-end">
        <Button onClick={onClose} disabled={busy}>
          Cancel
        </Button>
        <Button look="main" type="submit" disabled={!ready || busy || wait > 0}>
          {busy ? 'Changing…' : 'Change the password'}
        </Button>
      </div>
    </Dialog>
  );
}
