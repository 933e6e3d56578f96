/** The Door: choose, create, unlock, lock; and the members. */
import { basename } from 'node:path';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import { createWorkspace } from '#core/access/create.ts';
import { describeWorkspace } from '#core/access/key-files.ts';
import { addMember, listMembers } from '#core/access/members.ts';
import { readKeyState, rotationWords } from '#core/access/key-state.ts';
import { isRecoveryConfirmed } from '#core/access/recovery-state.ts';
import type { Session } from '#core/access/types.ts';
import { countMembers } from '#core/store/tables/members.ts';
import { suggestPassword } from '#core/vault/password-policy.ts';
import type { Desk } from '../desk.ts';
import { recentWorkspaces } from '../recents.ts';
import type { Handlers } from '../router.ts';

type Rooms =
  | 'workspace.status'
  | 'workspace.choose'
  | 'workspace.recent'
  | 'workspace.create'
  | 'workspace.select'
  | 'workspace.unlock'
  | 'workspace.lock'
  | 'workspace.suggestPassword'
  | 'members.list'
  | 'members.add';

export function doorHandlers(desk: Desk): Pick<Handlers, Rooms> {
  return {
    'workspace.status': (_input, session) => status(desk, session),
    'workspace.choose': async ({ purpose }) => {
      const path = await desk.ports.dialogs.chooseWorkspace(purpose);
      return path === null ? null : { choice: desk.choices.keep([path]), label: basename(path) };
    },
    'workspace.recent': () =>
      recentWorkspaces(desk.ports).map(({ path, lastOpened }) => ({
        choice: desk.choices.keep([path]),
        label: basename(path),
        lastOpened,
      })),
    'workspace.create': async ({ choice, member, password, roles }) => {
      const dir = desk.choices.path(choice);
      const made = await createWorkspace(desk.ports, { dir, member, password, roles });
      await desk.lock('command');
      desk.select(dir);
      return made;
    },
    'workspace.select': async ({ choice }) => {
      const dir = desk.choices.path(choice);
      describeWorkspace(dir);
      await desk.lock('command');
      desk.select(dir);
      return status(desk, null);
    },
    'workspace.unlock': async ({ member, password }) =>
      status(desk, await desk.unlock(member, password)),
    'workspace.lock': async () => {
      await desk.lock('command');
      return null;
    },
    'workspace.suggestPassword': () => ({ password: suggestPassword() }),
    'members.list': (_input, session) => listMembers(session),
    'members.add': (input, session) => addMember(session, desk.ports, input),
  };
}

function status(desk: Desk, session: Session | null): WorkspaceStatus {
  const dir = desk.selected();
  const face = dir === null ? null : describeWorkspace(dir);
  return {
    state: session ? 'open' : face ? 'locked' : 'none',
    host: desk.ports.host,
    workspace: face && { ...face },
    member: session && {
      id: session.member.id,
      name: session.member.name,
      roles: [...session.member.roles],
    },
    mayHoldPictures: session?.blobs !== null && session !== null,
    members: session ? countMembers(session.catalogue) : 0,
    recoveryConfirmed: session !== null && isRecoveryConfirmed(session.catalogue),
    rotation: session && rotationWords(readKeyState(session.catalogue)),
    readOnly: session?.readOnly ?? null,
    notices: session ? [...session.notices] : [],
  };
}
