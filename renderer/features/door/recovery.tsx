import { useState, type ReactNode } from 'react';
import { confirmRecovery } from '../../bridge/recovery.ts';
import { Button } from '../../ui/controls.tsx';
import { TypeWords, WordList } from '../../ui/recovery.tsx';

interface RecoveryFaceProps {
  words: readonly string[];
  fingerprint: string;
  /** Whether the workspace is unlocked behind this face, so that the words can be confirmed. */
  unlocked: boolean;
  /** Goes on without confirming. */
  onLater: () => void;
}

/** The recovery words, once: read, written down, all of them typed again. */
export function RecoveryFace(props: RecoveryFaceProps): ReactNode {
  const { words, fingerprint, unlocked, onLater } = props;
  const [typing, setTyping] = useState(false);
  if (typing) {
    return (
      <>
        <div className="block">
          <h2>The words, from your paper</h2>
          <p className="quiet">
            Typed once, so that a slip of the pen is found today. Until then nothing can be
            imported.
          </p>
        </div>
        <TypeWords confirm={confirmRecovery} autoFocus>
          <Button look="quiet" onClick={() => setTyping(false)}>
            Show them again
          </Button>
          <Button look="quiet" onClick={onLater}>
            Later
          </Button>
        </TypeWords>
      </>
    );
  }
  return (
    <div className="form">
      <h2>Write these words down</h2>
      <p>
        They open the workspace if you forget your password. They are shown this once and kept
        nowhere. Whoever has them can unlock as you: keep them on paper, in a safe.
      </p>
      <WordList words={words} />
      <div className="door-print">
        <span className="quiet small">And its fingerprint, by which you know it again</span>
        <code>{fingerprint}</code>
      </div>
      <div className="buttons">
        <Button look="main" onClick={() => (unlocked ? setTyping(true) : onLater())}>
          I have written them down
        </Button>
      </div>
    </div>
  );
}
