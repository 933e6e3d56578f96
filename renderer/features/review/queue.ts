/** The queue of undecided stacks and where in it the reviewer stands. */
import { useState } from 'react';
import type { QueueEntry } from '#shared/contract/review.ts';
import type { CaseFigures } from '#shared/contract/values.ts';
import type { ErrorData } from '#shared/domain/errors.ts';
import { useCaseTick } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';

export interface Queue {
  loading: boolean;
  error: ErrorData | null;
  figures: CaseFigures | null;
  current: QueueEntry | null;
  /** From 1, counting the stacks that are decided already. */
  position: number;
  total: number;
  reload: () => void;
  /** The stack has been decided: leave it and go to the one after. */
  leave: (stackId: number) => void;
  /** Go to the one after without leaving the queue. */
  pass: (stackId: number) => void;
  /** An undo brought this stack back. */
  comeBack: (stackId: number) => void;
}

export function useQueue(caseId: number): Queue {
  const tick = useCaseTick(caseId);
  const queue = useCall('review.queue', { caseId }, tick);
  const [chosen, setChosen] = useState<number | null>(null);
  // Decided here, and perhaps still in the answer that was on its way.
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());

  const entries = (queue.value?.entries ?? []).filter(({ stackId }) => !gone.has(stackId));
  const found = entries.findIndex(({ stackId }) => stackId === chosen);
  const index = found < 0 ? 0 : found;
  const total = queue.value?.figures.stacks ?? 0;

  function after(stackId: number): number | null {
    const at = entries.findIndex((entry) => entry.stackId === stackId);
    return (entries[at + 1] ?? entries[0])?.stackId ?? null;
  }

  return {
    loading: queue.loading,
    error: queue.error,
    figures: queue.value?.figures ?? null,
    current: entries[index] ?? null,
    position: Math.max(1, total - entries.length + index + 1),
    total: Math.max(total, entries.length),
    reload: queue.reload,
    leave(stackId) {
      setChosen(after(stackId));
      setGone((before) => new Set([...before, stackId]));
      // The closing figures are worth reading afresh; in between the queue only gets shorter.
      if (entries.length <= 1) queue.reload();
    },
    pass(stackId) {
      setChosen(after(stackId));
      queue.reload();
    },
    comeBack(stackId) {
      setGone((before) => new Set([...before].filter((id) => id !== stackId)));
      setChosen(stackId);
      queue.reload();
    },
  };
}
