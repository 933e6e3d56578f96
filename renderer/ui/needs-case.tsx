import type { ReactNode } from 'react';
import { Button } from './controls.tsx';
import { EmptyState } from './states.tsx';

/** For rooms that work inside one case when none is open. */
export function NeedsCase({ onCases }: { onCases: () => void }): ReactNode {
  return (
    <EmptyState title="No case is open" text="This room works inside one case. Open one first.">
      <Button look="main" onClick={onCases}>
        Go to cases
      </Button>
    </EmptyState>
  );
}
