import './door.css';
import { useState, type ReactNode } from 'react';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import { drop } from '../../bridge/drop.ts';
import { forgetWhyLocked, refreshStatus, useSession } from '../../bridge/session.ts';
import { CreateFace, type Made } from './create.tsx';
import { Promise5 } from './promise.tsx';
import { RecoverFace } from './recover.tsx';
import { RecoveryFace } from './recovery.tsx';
import { StartFace } from './start.tsx';
import { UnlockFace } from './unlock.tsx';

type Step =
  | { face: 'as-found'; note?: string }
  | { face: 'start' }
  | { face: 'create'; choice: string; label: string }
  | ({ face: 'recovery' } & Made)
  | { face: 'recover' };

const PUT_AWAY =
  'The recovery words were put away with it. If they are on paper, type them in before the first import; if not, make new ones in Settings.';

const recoveredNote = (name: string): string =>
  `A new password is set for ${name}. Unlock with it. The words have been used now: make new ones in Settings.`;

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
  /** Of the workspace at the Door, where it was chosen here; locking makes it unknown. */
  const [chosen, setChosen] = useState<string | null>(null);

  // SECURITY: whoever walked away from the words does not leave them on the screen.
  if (step.face === 'recovery' && lockedWhy !== null) {
    setChosen(null);
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
              setChosen(step.choice);
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
      case 'recover':
        return status.workspace === null ? (
          startFace()
        ) : (
          <RecoverFace
            workspace={status.workspace.name}
            choice={chosen}
            firstMember={member}
            onBack={() => setStep({ face: 'as-found' })}
            onRecovered={(name) => {
              setMember(name);
              forgetWhyLocked();
              setStep({ face: 'as-found', note: recoveredNote(name) });
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
              key={member}
              onAnother={() => setStep({ face: 'start' })}
              onForgotten={(name) => {
                setMember(name);
                setStep({ face: 'recover' });
              }}
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
        onSelected={(choice) => {
          setChosen(choice);
          forgetWhyLocked();
          setStep({ face: 'as-found' });
        }}
        onCreate={(choice, label) => setStep({ face: 'create', choice, label })}
      />
    );
  }
}
