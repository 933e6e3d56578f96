import { useState, type ReactNode } from 'react';
import type { Result, ErrorData } from '#shared/domain/errors.ts';
import { drop } from '../../bridge/drop.ts';
import { call } from '../../bridge/wire.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { useCountdown } from '../../ui/countdown.ts';
import { plural } from '../../ui/format.ts';
import { NewPassword } from '../../ui/new-password.tsx';
import { passwordTrouble } from '../../ui/password-rules.ts';
import { WordsField } from '../../ui/recovery.tsx';
import { Trouble } from '../../ui/states.tsx';
import { typedWords } from '../../ui/typed-words.ts';

interface RecoverFaceProps {
  /** The folder's name. */
  workspace: string;
  /** Null after a lock: what was chosen before is then no longer known. */
  choice: string | null;
  firstMember: string;
  onBack: () => void;
  onRecovered: (member: string) => void;
}

/** A forgotten password: the words from the paper, and a new one. The workspace stays locked. */
export function RecoverFace(props: RecoverFaceProps): ReactNode {
  const { workspace, choice, firstMember, onBack, onRecovered } = props;
  const [member, setMember] = useState(firstMember);
  const [text, setText] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const wait = useCountdown(error);
  const words = typedWords(text);
  const ready = words.length > 0 && passwordTrouble(password, again) === null;

  async function suggest(): Promise<string | null> {
    const result = await call('workspace.suggestPassword', {});
    if (!result.ok) setError(result.error);
    return result.ok ? result.value.password : null;
  }

  async function recover(): Promise<void> {
    if (!ready || busy || wait > 0) return;
    setBusy(true);
    setError(null);
    const found = await folderOf(workspace, choice);
    if (!found.ok || found.value === null) {
      setBusy(false);
      return found.ok ? undefined : setError(found.error);
    }
    const result = await call('workspace.recover', {
      choice: found.value,
      words,
      member: member.trim() === '' ? null : member,
      newPassword: password,
    });
    setBusy(false);
    if (result.ok) onRecovered(result.value.member);
    else setError(result.error);
  }

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        drop(recover());
      }}
    >
      <h2>A new password for “{workspace}”</h2>
      <p className="quiet">
        The recovery words open the keys of one member. What is done here stands in the record.
      </p>
      {error !== null && <Trouble error={error} />}
      <WordsField text={text} onText={setText} autoFocus />
      <TextField
        label="Whose words they are"
        value={member}
        onValue={setMember}
        hint="May be left empty. With a name, no other member’s password is replaced."
      />
      <NewPassword
        label="New password"
        password={password}
        again={again}
        onPassword={setPassword}
        onAgain={setAgain}
        suggest={suggest}
      />
      <div className="buttons">
        <Button look="main" type="submit" disabled={!ready || busy || wait > 0}>
          {busy ? 'Setting the password…' : 'Set the new password'}
        </Button>
        <Button look="quiet" onClick={onBack} disabled={busy}>
          Back
        </Button>
      </div>
      <p className="quiet small" role="status">
        {wait > 0 ? `The next try is possible in ${plural(wait, 'second')}.` : ''}
      </p>
    </form>
  );
}

/**
 * The workspace at the Door as a choice: the one made here, else the one opened last if it goes by
 * that name, else as the person shows it in the system's dialog; null if they do not.
 */
async function folderOf(name: string, choice: string | null): Promise<Result<string | null>> {
  if (choice !== null) return { ok: true, value: choice };
  const recent = await call('workspace.recent', {});
  if (!recent.ok) return recent;
  const [last] = recent.value;
  if (last?.label === name) return { ok: true, value: last.choice };
  const shown = await call('workspace.choose', { purpose: 'open' });
  return shown.ok ? { ok: true, value: shown.value?.choice ?? null } : shown;
}
