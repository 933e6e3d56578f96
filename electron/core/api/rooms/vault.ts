/** Keys and what guards them: recovery words and passwords. */
import { describeWorkspace } from '#core/access/key-files.ts';
import { changePassword } from '#core/access/passwords.ts';
import { confirmRecovery, renewRecovery, useRecovery } from '#core/access/recover.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';

type Rooms =
  | 'workspace.recover'
  | 'workspace.confirmRecovery'
  | 'workspace.renewRecovery'
  | 'members.changePassword';

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
    'members.changePassword': async (input, session) => {
      await changePassword(session, ports, input);
      return null;
    },
  };
}
