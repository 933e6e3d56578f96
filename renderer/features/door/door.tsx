import './door.css';
import { useState, type ReactNode } from 'react';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import { drop } from '../../bridge/drop.ts';
import { forgetWhyLocked, refreshStatus, useSession } from '../../bridge/session.ts';
import { CreateFace, type Made } from './create.tsx';
import { Promise5 } from './promise.tsx';
import { RecoveryFace } from './recovery.tsx';
import { StartFace } from './start.tsx';
import { UnlockFace } from './unlock.tsx';

type Step =
  | { face: 'as-found'; note?: string }
  | { face: 'start' }
  | { face: 'create'; choice: string; label: string }
  | ({ face: 'recovery' } & Made);

const PUT_AWAY =
  'The recovery words were put away with it. If they are on paper, type them in before the first import; if not, make new ones in Settings.';

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

  // SECURITY: whoever walked away from the words does not leave them on the screen.
  if (step.face === 'recovery' && lockedWhy !== null) {
    setStep({ face: 'as-found', note: PUT_AWAY });
  }

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
          {step.face === 'as-found' && (lockedWhy !== null || step.note !== undefined) && (
            <p className="quiet" role="status">
              {lockedWhy !== null && `${LOCKED_WORDS[lockedWhy]} `}
              {step.note}
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
              forgetWhyLocked();
              setStep({ face: 'recovery', ...made });
            }}
          />
        );
      case 'recovery':
        return (
          <RecoveryFace
            words={step.words}
            fingerprint={step.fingerprint}
            unlocked={step.unlocked}
            onLater={() => {
              setStep({ face: 'as-found' });
              drop(refreshStatus());
            }}
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
