import { useState, type ReactNode } from 'react';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import type { ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { setStatus } from '../../bridge/session.ts';
import { call } from '../../bridge/wire.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { useCountdown } from '../../ui/countdown.ts';
import { plural } from '../../ui/format.ts';
import { Trouble } from '../../ui/states.tsx';

interface UnlockFaceProps {
  workspace: NonNullable<WorkspaceStatus['workspace']>;
  firstMember: string;
  onAnother: () => void;
  onForgotten: (member: string) => void;
}

export function UnlockFace(props: UnlockFaceProps): ReactNode {
  const { workspace, firstMember, onAnother, onForgotten } = props;
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
        <Button look="quiet" onClick={() => onForgotten(member)} disabled={busy}>
          Forgotten password
        </Button>
      </div>
      <p className="quiet small" role="status">
        {wait > 0 ? `The next try is possible in ${plural(wait, 'second')}.` : ''}
      </p>
    </form>
  );
}
