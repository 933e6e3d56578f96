import './dialog.css';
import { useEffect, useId, useRef, type ReactNode } from 'react';

interface DialogProps {
  title: string;
  about?: ReactNode;
  wide?: boolean;
  onClose: () => void;
  /** With it the dialog is a form: Enter in a field submits. */
  onSubmit?: () => void;
  children: ReactNode;
}

/** A native modal dialog: the page behind is inert, Escape closes, focus returns to the opener. */
export function Dialog(props: DialogProps): ReactNode {
  const { title, about, wide = false, onClose, onSubmit, children } = props;
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => {
    const dialog = element.current;
    if (dialog === null) return;
    const opener = document.activeElement;
    dialog.showModal();
    // The browser has put the keyboard on the first thing there is, which may be the wrong one.
    dialog.querySelector<HTMLElement>('[data-first="true"]')?.focus();
    return () => {
      dialog.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);

  return (
    <dialog
      ref={element}
      className={wide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={`${id}-title`}
      aria-describedby={about === undefined ? undefined : `${id}-about`}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <header>
          <h2 id={`${id}-title`}>{title}</h2>
          {about !== undefined && (
            <p id={`${id}-about`} className="quiet">
              {about}
            </p>
          )}
        </header>
        {children}
      </form>
    </dialog>
  );
}
