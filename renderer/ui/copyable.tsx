import './states.css';
import { useState, type ReactNode } from 'react';
import { Button } from './controls.tsx';
import { shortHash } from './format.ts';
import { Icon } from './icons.tsx';

/**
 * Puts text on the clipboard through the selection, because the clipboard's own interface needs a
 * permission that no page of ours is ever given. `near` is where the passing field is put: inside
 * an open dialog nothing outside of it can be selected.
 */
function copyText(text: string, near: Element): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  near.after(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}

const COPIED = 'Copied';
const REFUSED = 'Select it and press Ctrl C';

/** A hash or a key: short, in full while its button has focus. */
export function Copyable({ text, name }: { text: string; name: string }): ReactNode {
  const [full, setFull] = useState(false);
  const [said, setSaid] = useState('');
  return (
    <span className="copyable" onBlur={() => setFull(false)}>
      <code title={text}>{full ? text : shortHash(text)}</code>
      <Button
        look="icon"
        aria-label={`Copy ${name}`}
        title={said === '' ? 'Copy' : said}
        onFocus={() => setFull(true)}
        onClick={(event) => {
          const button = event.currentTarget;
          setSaid(copyText(text, button) ? COPIED : REFUSED);
          setFull(true);
          button.focus();
        }}
      >
        <Icon name={said === COPIED ? 'check' : 'copy'} size={16} />
      </Button>
      <span className="unseen" role="status">
        {said}
      </span>
    </span>
  );
}

/** For text that stands beside it in full. */
export function CopyButton({ text, label }: { text: string; label: string }): ReactNode {
  const [said, setSaid] = useState('');
  return (
    <>
      <span className="quiet small" role="status">
        {said}
      </span>
      <Button
        onClick={(event) => {
          const button = event.currentTarget;
          setSaid(copyText(text, button) ? COPIED : REFUSED);
          button.focus();
        }}
      >
        <Icon name="copy" size={16} /> {label}
      </Button>
    </>
  );
}
