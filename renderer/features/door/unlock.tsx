import { useEffect, useState, type ReactNode } from 'react';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { setStatus } from '../../bridge/session.ts';
import { call } from '../../bridge/wire.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { plural } from '../../ui/format.ts';
import { Trouble } from '../../ui/states.tsx';

interface UnlockFaceProps {
  workspace: NonNullable<WorkspaceStatus['workspace']>;
  firstMember: string;
  onAnother: () => void;
}

export function UnlockFace({ workspace, firstMember, onAnother }: UnlockFaceProps): ReactNode {
  const [member, setMember] = useState(firstMember);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const wait = useCountdown(error);

  async function unlock(): Promise<void> {
    if (busy || wait > 0) return;
    setBusy(true);
    setError(null);
    const result = await call('workspace.unlock', { member, password });
    setBusy(false);
    setPassword('');
    if (result.ok) setStatus(result.value);
    else setError(result.error);
  }

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        drop(unlock());
      }}
    >
      <h2>Unlock “{workspace.name}”</h2>
      <div className="door-print">
        <span className="quiet small">Fingerprint: the same as on the day it was created?</span>
        <code>{workspace.fingerprint}</code>
      </div>
      {error !== null && <Trouble error={error} />}
      <TextField
        label="Member"
        value={member}
        onValue={setMember}
        required
        autoFocus={firstMember === ''}
      />
      <TextField
        label="Password"
        type="password"
        value={password}
        onValue={setPassword}
        required
        autoFocus={firstMember !== ''}
      />
      <div className="buttons">
        <Button look="main" type="submit" disabled={busy || wait > 0}>
          {busy ? 'Unlocking…' : 'Unlock'}
        </Button>
        <Button look="quiet" onClick={onAnother}>
          Another workspace
        </Button>
      </div>
      <p className="quiet small" role="status">
        {wait > 0 ? `The next try is possible in ${plural(wait, 'second')}.` : ''}
      </p>
    </form>
  );
}

/** Seconds until another try, read from the sentence of a SLOWED_DOWN error and counted down. */
function useCountdown(error: ErrorData | null): number {
  const [left, setLeft] = useState<{ error: ErrorData; seconds: number } | null>(null);
  const total =
    error?.code === 'SLOWED_DOWN' ? Number(/(\d+)\s*s/.exec(error.message)?.[1] ?? 0) : 0;

  useEffect(() => {
    if (error === null || total === 0) return;
    const end = Date.now() + total * 1000;
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      setLeft({ error, seconds });
      if (seconds === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [error, total]);

  return left !== null && left.error === error ? left.seconds : total;
}
