import './states.css';
import { useRef, useState, type ReactNode } from 'react';
import { Button } from './controls.tsx';
import { shortHash } from './format.ts';
import { Icon } from './icons.tsx';

/**
 * A hash or a key: short until asked, in full while it has focus, copied by its button. Copying
 * goes through the selection, because the clipboard's own interface needs a permission that no
 * page of ours is ever given.
 */
export function Copyable({ text, name }: { text: string; name: string }): ReactNode {
  const [full, setFull] = useState(false);
  const [said, setSaid] = useState('');
  const code = useRef<HTMLElement>(null);

  function copy(): void {
    const selection = window.getSelection();
    if (code.current === null || selection === null) return;
    const helper = document.createElement('textarea');
    helper.value = text;
    helper.className = 'unseen';
    code.current.after(helper);
    helper.select();
    const copied = document.execCommand('copy');
    helper.remove();
    setSaid(copied ? 'Copied' : 'Select it and press Ctrl C');
    setFull(true);
  }

  return (
    <span className="copyable" onBlur={() => setFull(false)}>
      <code ref={code} title={text}>
        {full ? text : shortHash(text)}
      </code>
      <Button
        look="icon"
        aria-label={`Copy ${name}`}
        title={said === '' ? 'Copy' : said}
        onFocus={() => setFull(true)}
        onClick={copy}
      >
        <Icon name={said === 'Copied' ? 'check' : 'copy'} size={16} />
      </Button>
      <span className="unseen" role="status">
        {said}
      </span>
    </span>
  );
}
