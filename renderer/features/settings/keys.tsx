import { useState, type ReactNode } from 'react';
import { confirmRecovery } from '../../bridge/recovery.ts';
import { useRoles, useSession } from '../../bridge/session.ts';
import { useActions } from '../../commands/registry.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, Kbd } from '../../ui/controls.tsx';
import { UnconfirmedWords } from '../../ui/recovery.tsx';
import { ChangePassword } from './change-password.tsx';
import { RenewWords } from './renew-words.tsx';

/** My password, and the words for the day it is forgotten. */
export function KeysSection(): ReactNode {
  const roles = useRoles();
  const confirmed = useSession((state) => state.status?.recoveryConfirmed === true);
  const holdsPictures = useSession((state) => state.status?.mayHoldPictures === true);
  const [asked, setAsked] = useState<'password' | 'words' | null>(null);
  // As the core asks for: the words must open everything.
  const mayRenew = roles.includes('supervisor') && holdsPictures;
  const close = (): void => setAsked(null);

  useActions('Keys', [
    {
      name: 'change-password',
      label: 'change my password',
      keys: ['p'],
      perform: () => setAsked('password'),
    },
  ]);

  return (
    <section className="block" aria-label="Password and recovery words">
      <div className="page-head">
        <h2>Password and recovery words</h2>
        <div className="buttons">
          <Button onClick={() => setAsked('password')}>
            Change my password <Kbd>P</Kbd>
          </Button>
          {mayRenew && <Button onClick={() => setAsked('words')}>New recovery words</Button>}
        </div>
      </div>
      {confirmed ? (
        <p>
          <Badge kind="good">The recovery words in force were typed again from paper.</Badge>
        </p>
      ) : (
        <UnconfirmedWords confirm={confirmRecovery} />
      )}
      {asked === 'password' && <ChangePassword onClose={close} />}
      {asked === 'words' && <RenewWords onClose={close} />}
    </section>
  );
}
