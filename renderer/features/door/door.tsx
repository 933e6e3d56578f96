import './door.css';
import { useState, type ReactNode } from 'react';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import { useSession } from '../../bridge/session.ts';
import { CreateFace } from './create.tsx';
import { Promise5 } from './promise.tsx';
import { RecoveryFace } from './recovery.tsx';
import { StartFace } from './start.tsx';
import { UnlockFace } from './unlock.tsx';

type Step =
  | { face: 'as-found' }
  | { face: 'start' }
  | { face: 'create'; choice: string; label: string }
  | { face: 'recovery'; words: readonly string[]; fingerprint: string };

const LOCKED_WORDS = {
  idle: 'Locked after ten minutes without a key or a movement.',
  command: 'Locked.',
  suspend: 'Locked because this computer went to sleep.',
  closed: 'The workspace was closed.',
};

/** Where everybody comes in: choose a workspace, make one, unlock. */
export function Door({ status }: { status: WorkspaceStatus }): ReactNode {
  const lockedWhy = useSession((state) => state.lockedWhy);
  const [step, setStep] = useState<Step>({ face: 'as-found' });
  const [member, setMember] = useState('');

  return (
    <div className="door-scroll">
      <main className="door">
        <section>
          <header className="door-name">
            <h1>Custos</h1>
            <p>
              For reviewing image evidence with as few looks as possible, every one of them on the
              record.
            </p>
          </header>
          <Promise5 />
        </section>
        <section className="door-face" aria-label="Door">
          {lockedWhy !== null && step.face === 'as-found' && (
            <p className="quiet" role="status">
              {LOCKED_WORDS[lockedWhy]}
            </p>
          )}
          {face()}
        </section>
      </main>
    </div>
  );

  function face(): ReactNode {
    switch (step.face) {
      case 'create':
        return (
          <CreateFace
            choice={step.choice}
            label={step.label}
            onBack={() => setStep({ face: 'start' })}
            onCreated={(made, name) => {
              setMember(name);
              setStep({ face: 'recovery', ...made });
            }}
          />
        );
      case 'recovery':
        return (
          <RecoveryFace
            words={step.words}
            fingerprint={step.fingerprint}
            onDone={() => setStep({ face: 'as-found' })}
          />
        );
      case 'as-found':
        if (status.workspace !== null) {
          return (
            <UnlockFace
              workspace={status.workspace}
              firstMember={member}
              onAnother={() => setStep({ face: 'start' })}
            />
          );
        }
        return startFace();
      case 'start':
        return startFace();
    }
  }

  function startFace(): ReactNode {
    return (
      <StartFace
        onSelected={() => setStep({ face: 'as-found' })}
        onCreate={(choice, label) => setStep({ face: 'create', choice, label })}
      />
    );
  }
}
