import './settings.css';
import { useState, type ReactNode } from 'react';
import type { MemberSummary } from '#shared/contract/workspace.ts';
import { drop } from '../../bridge/drop.ts';
import { lock, useRoles, useSession } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { useActions } from '../../commands/registry.ts';
import { Badge, type BadgeKind } from '../../ui/badge.tsx';
import { Button, Choice, Kbd } from '../../ui/controls.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { when } from '../../ui/format.ts';
import { ROLE_WORDS } from '../../ui/role-words.ts';
import { Loading, Trouble } from '../../ui/states.tsx';
import { chooseTheme, THEMES, THEME_WORDS, useTheme } from '../../ui/theme.ts';
import { AddMember } from './add-member.tsx';
import { BackupSection } from './backup.tsx';
import { IntegritySection } from './integrity.tsx';
import { KeysSection } from './keys.tsx';

export function SettingsRoom(): ReactNode {
  const roles = useRoles();
  const workspace = useSession((state) => state.status?.workspace ?? null);
  const notices = useSession((state) => state.status?.notices);
  const members = useCall('members.list', {});
  const [adding, setAdding] = useState(false);
  const supervises = roles.includes('supervisor');
  useActions('Settings', [
    {
      name: 'add-member',
      label: 'add a member',
      keys: ['n'],
      enabled: supervises,
      perform: () => setAdding(true),
    },
    { name: 'lock', label: 'lock', keys: ['l'], perform: () => drop(lock()) },
  ]);

  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>Settings</h1>
          <p className="quiet">{workspace?.name}</p>
        </div>
        <Button onClick={() => drop(lock())}>
          Lock the workspace <Kbd>L</Kbd>
        </Button>
      </header>
      {notices !== undefined && notices.length > 0 && (
        <section className="card block">
          <h2>Put right when this workspace was opened</h2>
          <ul>
            {notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        </section>
      )}
      <section className="block">
        <div className="page-head">
          <h2>Members</h2>
          {supervises && (
            <Button onClick={() => setAdding(true)}>
              Add a member <Kbd>N</Kbd>
            </Button>
          )}
        </div>
        {members.error !== null && <Trouble error={members.error} onRetry={members.reload} />}
        {members.value === null && members.loading && <Loading what="Reading the members" />}
        {members.value !== null && <MemberTable members={members.value} />}
      </section>
      <KeysSection />
      <IntegritySection />
      <BackupSection />
      <ThemeChoice />
      {workspace !== null && (
        <section className="block">
          <h2>This workspace</h2>
          <dl className="figures">
            <dt>Fingerprint</dt>
            <dd>
              <code>{workspace.fingerprint}</code>
            </dd>
            <dt>Created</dt>
            <dd title={workspace.created}>{when(workspace.created)}</dd>
          </dl>
        </section>
      )}
      {adding && (
        <AddMember
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            members.reload();
          }}
        />
      )}
    </div>
  );
}

const STATES: Record<MemberSummary['state'], { kind: BadgeKind; word: string }> = {
  active: { kind: 'good', word: 'Active' },
  waiting: { kind: 'waiting', word: 'Waits for a key' },
  revoked: { kind: 'bad', word: 'Revoked' },
};

function MemberTable({ members }: { members: readonly MemberSummary[] }): ReactNode {
  return (
    <div className="scroll-x">
      <table className="table">
        <caption className="unseen">Members</caption>
        <thead>
          <tr>
            <th>Name</th>
            <th>Roles</th>
            <th>State</th>
            <th>Added</th>
            <th>Fingerprint of the signing key</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member.id}>
              <td>{member.name}</td>
              <td>{member.roles.map((role) => ROLE_WORDS[role].label.toLowerCase()).join(', ')}</td>
              <td>
                <Badge kind={STATES[member.state].kind}>{STATES[member.state].word}</Badge>
              </td>
              <td className="nowrap" title={member.addedAt}>
                {when(member.addedAt)}
                {member.addedBy !== null && <span className="quiet"> by {member.addedBy}</span>}
              </td>
              <td>
                <Copyable text={member.fingerprint} name={`fingerprint of ${member.name}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ThemeChoice(): ReactNode {
  const theme = useTheme((state) => state.theme);
  return (
    <section className="block">
      <h2>Colours</h2>
      <div className="theme-choices" role="radiogroup" aria-label="Colours">
        {THEMES.map((one) => (
          <Choice
            key={one}
            type="radio"
            name="theme"
            label={THEME_WORDS[one].label}
            about={THEME_WORDS[one].about}
            checked={one === theme}
            onChecked={() => chooseTheme(one)}
          />
        ))}
      </div>
    </section>
  );
}
