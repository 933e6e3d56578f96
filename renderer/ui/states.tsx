/** What a room shows when there is nothing, when it waits, and when something went wrong. */
import './states.css';
import type { ReactNode } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';
import { Button } from './controls.tsx';

export function EmptyState(props: {
  title: string;
  text: ReactNode;
  children?: ReactNode;
}): ReactNode {
  return (
    <section className="empty">
      <h2>{props.title}</h2>
      <p>{props.text}</p>
      {props.children !== undefined && <div className="buttons">{props.children}</div>}
    </section>
  );
}

/** Words while waiting; they appear only when the wait is long enough to notice. */
export function Loading({ what }: { what: string }): ReactNode {
  return (
    <p className="loading" role="status">
      {what}
    </p>
  );
}

export function Trouble({ error, onRetry }: { error: ErrorData; onRetry?: () => void }): ReactNode {
  return (
    <div className="trouble" role="alert">
      <p>
        {error.message}
        {error.incident !== undefined && (
          <span className="quiet"> Incident {error.incident} in the local log.</span>
        )}
      </p>
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
