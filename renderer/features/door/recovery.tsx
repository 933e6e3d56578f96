import { useState, type ReactNode } from 'react';
import { drop } from '../../bridge/drop.ts';
import { refreshStatus } from '../../bridge/session.ts';
import { Button, TextField } from '../../ui/controls.tsx';

interface RecoveryFaceProps {
  words: readonly string[];
  fingerprint: string;
  onDone: () => void;
}

/** The recovery words, once: read, written down, two of them typed again. */
export function RecoveryFace({ words, fingerprint, onDone }: RecoveryFaceProps): ReactNode {
  const [checking, setChecking] = useState(false);
  return checking ? (
    <CheckWords words={words} onBack={() => setChecking(false)} onDone={onDone} />
  ) : (
    <div className="form">
      <h2>Write these words down</h2>
      <p>
        They open the workspace if you forget your password. They are shown this once and kept
        nowhere. Whoever has them can unlock as you: keep them on paper, in a safe.
      </p>
      <ol className="words" aria-label="Recovery words">
        {words.map((word, index) => (
          <li key={`${index} ${word}`}>
            <span className="num">{index + 1}</span> {word}
          </li>
        ))}
      </ol>
      <div className="door-print">
        <span className="quiet small">And its fingerprint, by which you know it again</span>
        <code>{fingerprint}</code>
      </div>
      <div className="buttons">
        <Button look="main" onClick={() => setChecking(true)}>
          I have written them down
        </Button>
      </div>
    </div>
  );
}

/** Two different positions, in order; which ones is no secret, so any randomness will do. */
function twoPositions(total: number): [number, number] {
  const first = Math.floor(Math.random() * total);
  const second = (first + 1 + Math.floor(Math.random() * (total - 1))) % total;
  return first < second ? [first, second] : [second, first];
}

interface CheckWordsProps extends Omit<RecoveryFaceProps, 'fingerprint'> {
  onBack: () => void;
}

function CheckWords(props: CheckWordsProps): ReactNode {
  const { words, onBack, onDone } = props;
  const [positions] = useState(() => twoPositions(words.length));
  const [typed, setTyped] = useState<readonly [string, string]>(['', '']);
  const [tried, setTried] = useState(false);

  const right = (at: 0 | 1): boolean =>
    typed[at].trim().toLowerCase() === words[positions[at]]?.toLowerCase();

  function check(): void {
    setTried(true);
    if (!right(0) || !right(1)) return;
    onDone();
    drop(refreshStatus());
  }

  const field = (at: 0 | 1): ReactNode => (
    <TextField
      label={`Word ${positions[at] + 1}`}
      value={typed[at]}
      autoFocus={at === 0}
      error={tried && !right(at) ? `This is not word ${positions[at] + 1}.` : null}
      onValue={(value) => {
        setTried(false);
        setTyped(at === 0 ? [value, typed[1]] : [typed[0], value]);
      }}
    />
  );

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        check();
      }}
    >
      <h2>Two of the words, from your paper</h2>
      {field(0)}
      {field(1)}
      <div className="buttons">
        <Button look="main" type="submit">
          Continue
        </Button>
        <Button look="quiet" onClick={onBack}>
          Show the words again
        </Button>
      </div>
    </form>
  );
}
