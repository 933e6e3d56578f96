import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { ROLES, type Role } from '#shared/domain/words.ts';
import { drop } from '../../bridge/drop.ts';
import { call } from '../../bridge/wire.ts';
import { Button, Choice, TextField } from '../../ui/controls.tsx';
import { NewPassword } from '../../ui/new-password.tsx';
import { passwordTrouble } from '../../ui/password-rules.ts';
import { ROLE_WORDS } from '../../ui/role-words.ts';
import { Trouble } from '../../ui/states.tsx';

export interface Made {
  words: readonly string[];
  fingerprint: string;
  /** The core has it open already, although the screens do not show it yet. */
  unlocked: boolean;
}

interface CreateFaceProps {
  choice: string;
  label: string;
  onBack: () => void;
  onCreated: (made: Made, member: string) => void;
}

export function CreateFace({ choice, label, onBack, onCreated }: CreateFaceProps): ReactNode {
  const [member, setMember] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(ROLES);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);

  const ready =
    member.trim() !== '' && roles.length > 0 && passwordTrouble(password, again) === null;

  async function suggest(): Promise<string | null> {
    const result = await call('workspace.suggestPassword', {});
    if (!result.ok) setError(result.error);
    return result.ok ? result.value.password : null;
  }

  async function create(): Promise<void> {
    if (!ready || busy) return;
    setBusy(true);
    setError(null);
    const result = await call('workspace.create', {
      choice,
      member,
      password,
      roles: [...roles],
    });
    if (!result.ok) {
      setBusy(false);
      return setError(result.error);
    }
    // Unlocked at once, since only behind the lock can the words be confirmed.
    const opened = await call('workspace.unlock', { member, password });
    // SECURITY: its last use; nothing keeps the password past this line.
    setPassword('');
    setAgain('');
    const { recoveryWords: words, fingerprint } = result.value;
    onCreated({ words, fingerprint, unlocked: opened.ok }, member.trim());
  }

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        drop(create());
      }}
    >
      <h2>New workspace “{label}”</h2>
      <p className="quiet">
        You become its first member. Others are added later, in Settings, by a supervisor.
      </p>
      {error !== null && <Trouble error={error} />}
      <TextField label="Your name" value={member} onValue={setMember} required autoFocus />
      <fieldset className="field">
        <legend className="field-label quiet small">Your roles</legend>
        {ROLES.map((role) => (
          <Choice
            key={role}
            type="checkbox"
            label={ROLE_WORDS[role].label}
            about={ROLE_WORDS[role].about}
            checked={roles.includes(role)}
            onChecked={(on) =>
              setRoles(on ? [...roles, role] : roles.filter((other) => other !== role))
            }
          />
        ))}
      </fieldset>
      <NewPassword
        password={password}
        again={again}
        onPassword={setPassword}
        onAgain={setAgain}
        suggest={suggest}
      />
      <div className="buttons">
        <Button look="main" type="submit" disabled={!ready || busy}>
          {busy ? 'Making keys…' : 'Create workspace'}
        </Button>
        <Button look="quiet" onClick={onBack} disabled={busy}>
          Back
        </Button>
      </div>
      <p className="quiet small" role="status">
        {busy ? 'Keys are made and the first entry of the record is written: some seconds.' : ''}
      </p>
    </form>
  );
}
