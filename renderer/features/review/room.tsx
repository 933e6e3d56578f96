import './review.css';
import { useState, type ReactNode } from 'react';
import { drop } from '../../bridge/drop.ts';
import { useLaw } from '../../bridge/law.ts';
import { tellError } from '../../bridge/notices.ts';
import { enter, useSession } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { call } from '../../bridge/wire.ts';
import { useActions } from '../../commands/registry.ts';
import { useLook } from '../../media/look.ts';
import { Button } from '../../ui/controls.tsx';
import { figure, plural } from '../../ui/format.ts';
import { NeedsCase } from '../../ui/needs-case.tsx';
import { EmptyState, Loading, Trouble } from '../../ui/states.tsx';
import { allRecorded } from './desk.ts';
import { useQueue } from './queue.ts';
import { StackDesk, type StackDeskProps } from './stack-desk.tsx';

export function ReviewRoom(): ReactNode {
  const open = useSession((state) => state.openCase);
  if (open === null) return <NeedsCase onCases={() => enter('cases')} />;
  return <Review key={open.id} caseId={open.id} />;
}

function Review({ caseId }: { caseId: number }): ReactNode {
  const queue = useQueue(caseId);
  const pack = useLaw(caseId);
  const [said, setSaid] = useState('');
  const [undone, setUndone] = useState(0);
  const { current } = queue;

  async function undo(): Promise<void> {
    await allRecorded();
    const result = await call('review.undo', { caseId });
    if (!result.ok) return tellError(result.error);
    setSaid(result.value.what);
    setUndone((times) => times + 1);
    if (result.value.stackId === null) queue.reload();
    else queue.comeBack(result.value.stackId);
  }

  useActions('Review', [{ name: 'undo', label: 'undo', keys: ['z'], perform: () => drop(undo()) }]);

  if (queue.error !== null) {
    return (
      <div className="page">
        <Trouble error={queue.error} onRetry={queue.reload} />
      </div>
    );
  }
  if (queue.figures === null || pack === null) return <Loading what="Ordering the queue" />;
  if (current === null) return <NothingLeft queue={queue} said={said} />;
  return (
    <OneStack
      // An undo may bring the same stack back with other facts: then it is read anew.
      key={`${current.stackId} ${undone}`}
      stackId={current.stackId}
      pack={pack}
      position={queue.position}
      total={queue.total}
      said={said}
      onDecided={(words) => {
        setSaid(words);
        queue.leave(current.stackId);
      }}
      onSkipped={() => {
        setSaid('Skipped: it comes again at the end.');
        queue.pass(current.stackId);
      }}
    />
  );
}

type OneStackProps = Omit<StackDeskProps, 'stack'> & { stackId: number };

function OneStack({ stackId, ...rest }: OneStackProps): ReactNode {
  const looksHad = useLook((state) => state.had);
  const stack = useCall('review.stack', { stackId }, looksHad);
  if (stack.error !== null) {
    return (
      <div className="page">
        <Trouble error={stack.error} onRetry={stack.reload} />
      </div>
    );
  }
  if (stack.value === null) return <Loading what="Reading the stack" />;
  return <StackDesk {...rest} stack={stack.value} />;
}

function NothingLeft({
  queue,
  said,
}: {
  queue: ReturnType<typeof useQueue>;
  said: string;
}): ReactNode {
  const figures = queue.figures;
  if (figures === null || figures.stacks === 0) {
    return (
      <EmptyState
        title="Nothing to review yet"
        text="Stacks appear here once files have been imported."
      >
        <Button look="main" onClick={() => enter('intake')}>
          Import files
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="Every stack is decided"
      text={
        <>
          {plural(figures.stacks, 'stack')}, {figure(figures.looksPerDistinctPicture)} looks per
          distinct picture, {figures.decidedWithoutLook} decided without any look.
          <span role="status"> {said}</span>
        </>
      }
    >
      <Button look="main" onClick={() => enter('cases')}>
        See the case
      </Button>
      <Button onClick={() => enter('gallery')}>Gallery</Button>
    </EmptyState>
  );
}
