/** The recovery words: shown once to be written down, and typed again from the paper. */
import './recovery.css';
import { useState, type ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { Button, TextAreaField } from './controls.tsx';
import { Trouble } from './states.tsx';
import { typedWords, WORDS } from './typed-words.ts';

export function WordList({ words }: { words: readonly string[] }): ReactNode {
  return (
    <ol className="words" aria-label="Recovery words">
      {words.map((word, index) => (
        <li key={`${index} ${word}`}>
          <span className="num">{index + 1}</span> {word}
        </li>
      ))}
    </ol>
  );
}

interface WordsFieldProps {
  text: string;
  onText: (text: string) => void;
  autoFocus?: boolean;
}

export function WordsField({ text, onText, autoFocus = false }: WordsFieldProps): ReactNode {
  const typed = typedWords(text).length;
  return (
    <div className="words-typed">
      <TextAreaField
        label={`All ${WORDS} recovery words, from your paper`}
        value={text}
        onValue={onText}
        // SECURITY: nothing that looks over what is typed may keep or pass on the words.
        autoComplete="off"
        autoCapitalize="none"
        autoFocus={autoFocus}
        hint={
          typed === 0
            ? 'In their order. Spaces or lines between them; numbers and capitals do no harm.'
            : `${typed} of ${WORDS} words`
        }
      />
    </div>
  );
}

interface TypeWordsProps {
  /** Answers with what was wrong, or null. */
  confirm: (words: string[]) => Promise<ErrorData | null>;
  onDone?: () => void;
  autoFocus?: boolean;
  /** Other ways on, beside the button. */
  children?: ReactNode;
}

/** All words typed again, once, so that what is on the paper is known to be right. */
export function TypeWords(props: TypeWordsProps): ReactNode {
  const { confirm, onDone, autoFocus = false, children } = props;
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData | null>(null);
  const words = typedWords(text);

  async function send(): Promise<void> {
    if (busy || words.length === 0) return;
    setBusy(true);
    setError(null);
    const wrong = await confirm(words);
    setBusy(false);
    if (wrong !== null) return setError(wrong);
    setText('');
    onDone?.();
  }

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {error !== null && <Trouble error={error} />}
      <WordsField text={text} onText={setText} autoFocus={autoFocus} />
      <div className="buttons">
        <Button look="main" type="submit" disabled={busy || words.length === 0}>
          {busy ? 'Comparing…' : 'Confirm the words'}
        </Button>
        {children}
      </div>
    </form>
  );
}

/** What a room shows while the words in force were not typed again yet. */
export function UnconfirmedWords(props: Pick<TypeWordsProps, 'confirm'>): ReactNode {
  return (
    <section className="card block" aria-label="Recovery words to be typed">
      <h2>The recovery words, to be typed once</h2>
      <p>
        Until then nothing can be imported: without them a lost password means lost evidence.
        Whoever keeps the paper types all {WORDS} words here, as they were written down. If there is
        no paper any more, a supervisor makes new words in Settings.
      </p>
      <TypeWords confirm={props.confirm} />
    </section>
  );
}
