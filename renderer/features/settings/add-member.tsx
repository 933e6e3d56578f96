import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { ROLES, type Role } from '#shared/domain/words.ts';
import { drop } from '../../bridge/drop.ts';
import { tellDone } from '../../bridge/notices.ts';
import { call } from '../../bridge/wire.ts';
import { Button, Choice, TextField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { NewPassword } from '../../ui/new-password.tsx';
import { passwordTrouble } from '../../ui/password-rules.ts';
import { ROLE_WORDS } from '../../ui/role-words.ts';
import { Trouble } from '../../ui/states.tsx';

export function AddMember(props: { onClose: () => void; onAdded: () => void }): ReactNode {
  const { onClose, onAdded } = props;
  const [member, setMember] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(['investigator']);
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const ready =
    member.trim() !== '' && roles.length > 0 && passwordTrouble(password, again) === null;

  async function suggest(): Promise<string | null> {
    const result = await call('workspace.suggestPassword', {});
    if (!result.ok) setError(result.error);
    return result.ok ? result.value.password : null;
  }

  async function add(): Promise<void> {
    if (!ready || busy) return;
    setBusy(true);
    setError(null);
    const result = await call('members.add', { member, password, roles: [...roles] });
    setBusy(false);
    if (!result.ok) return setError(result.error);
    tellDone(
      result.value.state === 'waiting'
        ? `${result.value.name} is added. The key to pictures is handed over when a member who holds it unlocks.`
        : `${result.value.name} is added.`,
    );
    onAdded();
  }

  return (
    <Dialog
      title="Add a member"
      about="Hand the password over in person."
      onClose={onClose}
      onSubmit={() => drop(add())}
    >
      {error !== null && <Trouble error={error} />}
      <TextField
        label="Name"
        value={member}
        onValue={setMember}
        maxLength={200}
        autoFocus
        required
      />
      <fieldset className="field">
        <legend className="field-label quiet small">Roles</legend>
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
      <div className="buttons buttons-end">
        <Button onClick={onClose} disabled={busy}>
          Cancel
        </Button>
        <Button look="main" type="submit" disabled={!ready || busy}>
          {busy ? 'Making keys…' : 'Add the member'}
        </Button>
      </div>
    </Dialog>
  );
}
