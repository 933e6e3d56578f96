/** Turns key presses into actions. One listener for the whole window. */
import { findAction, type Action } from './registry.ts';

export function keyOf(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey) return null;
  // With Alt the letter depends on the layout; the digit row does not.
  if (event.altKey) {
    return event.code.startsWith('Digit') ? `alt+${event.code.slice('Digit'.length)}` : null;
  }
  return event.key === ' ' ? 'space' : event.key.toLowerCase();
}

const TYPED_INTO = 'input, textarea, select, [contenteditable]';
/** A button marked `data-keys="room"` leaves the keys to the room it stands in. */
const PRESSED = 'button:not([data-keys="room"]), a[href], summary';

/** Whether the focused element has its own use for this key. */
function belongsToElement(event: KeyboardEvent, key: string): boolean {
  const target = event.target;
  if (!(target instanceof Element)) return false;
  if (target.closest('dialog[open]') !== null) return true;
  if (target.closest(TYPED_INTO) !== null) return true;
  return (key === 'enter' || key === 'space') && target.closest(PRESSED) !== null;
}

/** Starts listening; returns what stops it. */
export function listenToKeys(): () => void {
  let held: { key: string; action: Action } | null = null;

  function letGo(): void {
    const { action } = held ?? {};
    held = null;
    action?.release?.();
  }

  function onDown(event: KeyboardEvent): void {
    const key = keyOf(event);
    if (key === null || event.defaultPrevented) return;
    if (held?.key === key) {
      event.preventDefault();
      return;
    }
    if (belongsToElement(event, key) || document.querySelector('dialog[open]') !== null) return;
    const action = findAction(key);
    if (action === null) return;
    event.preventDefault();
    // A key that is leant on decides once, not fifty times.
    if (event.repeat && !key.startsWith('arrow')) return;
    if (action.release !== undefined) {
      letGo();
      held = { key, action };
    }
    action.perform(key);
  }

  function onUp(event: KeyboardEvent): void {
    if (held === null || keyOf(event) !== held.key) return;
    event.preventDefault();
    letGo();
  }

  window.addEventListener('keydown', onDown);
  window.addEventListener('keyup', onUp);
  window.addEventListener('blur', letGo);
  return () => {
    window.removeEventListener('keydown', onDown);
    window.removeEventListener('keyup', onUp);
    window.removeEventListener('blur', letGo);
  };
}
