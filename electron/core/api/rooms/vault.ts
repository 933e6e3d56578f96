/** Keys and what guards them: recovery words, passwords, revoking members, rotating keys. */
import { describeWorkspace } from '#core/access/key-files.ts';
import { changePassword } from '#core/access/passwords.ts';
import { confirmRecovery, renewRecovery, useRecovery } from '#core/access/recover.ts';
import { revokeMember } from '#core/access/revoke.ts';
import { askForNewKeys } from '#core/access/rotation.ts';
import { readKeyState, rotationWords } from '#core/access/key-state.ts';
import type { Session } from '#core/access/types.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { startRotation } from '../rotating.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';

type Rooms =
  | 'workspace.recover'
  | 'workspace.confirmRecovery'
  | 'workspace.renewRecovery'
  | 'workspace.rotateKeys'
  | 'members.changePassword'
  | 'members.revoke';

export function vaultHandlers(desk: Desk): Pick<Handlers, Rooms> {
  const { ports } = desk;
  return {
    'workspace.recover': async ({ choice, ...input }) => {
      const dir = desk.choices.path(choice);
      describeWorkspace(dir);
      await desk.lock('command');
      desk.select(dir);
      return useRecovery(ports, dir, input);
    },
    'workspace.confirmRecovery': ({ words }, session) => {
      confirmRecovery(session, ports, words);
      return null;
    },
    'workspace.renewRecovery': ({ password }, session) => renewRecovery(session, ports, password),
    'workspace.rotateKeys': (_input, session) => ({ jobId: rotateKeys(desk, session) }),
    'members.revoke': ({ member }, session) => {
      revokeMember(session, ports, member);
      return { jobId: startRotation(desk, session) };
    },
    'members.changePassword': async (input, session) => {
      await changePassword(session, ports, input);
      return null;
    },
  };
}

/** Goes on with what is under way; a supervisor begins anew where nothing is. */
function rotateKeys(desk: Desk, session: Session): number {
  const isDone = rotationWords(readKeyState(session.catalogue)) === null;
  if (isDone && session.member.roles.includes('supervisor')) {
    const detail = { what: 'everything' };
    session.act({ type: 'keys.rotation', detail }, askForNewKeys);
  }
  const jobId = startRotation(desk, session);
  if (jobId !== null) return jobId;
  throw new CustosError(
    'KEY_UNAVAILABLE',
    isDone
      ? 'No change of keys is under way. A supervisor begins one.'
      : 'What is left of this change of keys needs keys that you do not hold. It is done when a member who holds them unlocks.',
  );
}
