import './controls.css';
import { useState, type ReactNode } from 'react';
import { Button, Choice, TextField } from './controls.tsx';
import { lengthOf, passwordTrouble, SHORTEST } from './password-rules.ts';

interface NewPasswordProps {
  /** Where another password stands beside it. */
  label?: string;
  password: string;
  again: string;
  onPassword: (password: string) => void;
  onAgain: (again: string) => void;
  /** Answers with a made-up password, or null where there is none to be had. */
  suggest: () => Promise<string | null>;
}

/** A new password, typed twice or suggested. */
export function NewPassword(props: NewPasswordProps): ReactNode {
  const { label = 'Password', password, again, onPassword, onAgain, suggest } = props;
  const [shown, setShown] = useState(false);
  const trouble = passwordTrouble(password, again);

  async function take(): Promise<void> {
    const made = await suggest();
    if (made === null) return;
    onPassword(made);
    onAgain(made);
    setShown(true);
  }

  const type = shown ? 'text' : 'password';
  return (
    <div className="form">
      <TextField
        label={label}
        type={type}
        value={password}
        onValue={onPassword}
        hint={
          password === ''
            ? `At least ${SHORTEST} characters of any kind. Several random words are best.`
            : `${lengthOf(password)} of at least ${SHORTEST} characters`
        }
        required
      />
      <TextField
        label={`${label} again`}
        type={type}
        value={again}
        onValue={onAgain}
        error={again !== '' && again !== password ? trouble : null}
        required
      />
      <div className="buttons">
        <Button onClick={() => void take()}>Suggest a password</Button>
        <Choice type="checkbox" label="Show what is typed" checked={shown} onChecked={setShown} />
      </div>
    </div>
  );
}
