/**
 * The files below `keys/`. A slot opens with its owner's password only, so it is held against what
 * it was when it was last known to be good; a grant besides against its signatures.
 */
import type { Session } from '#core/access/types.ts';
import { digestOfKeyFile, listKeyFiles, rememberedKeyFiles } from '#core/access/key-digests.ts';
import { readGrant, readHeader, readSlot } from '#core/access/key-files.ts';
import { listMemberRows, type MemberRow } from '#core/store/tables/members.ts';
import { isSignedBy } from '#core/vault/grants.ts';
import { fingerprintOf, type WorkspaceHeader } from '#core/vault/header.ts';
import { slotIdOf } from '#core/vault/slot.ts';
import { parseSlot } from '#core/vault/slot-file.ts';
import { isCustosError } from '#shared/domain/errors.ts';
import type { Findings } from './findings.ts';

/**
 * Answers with the files that may be remembered as good: those not known before, and those that
 * were changed on purpose as far as this session can tell.
 */
export function scrubKeys(session: Session, findings: Findings): string[] {
  const { dir } = session.workspace;
  const header = genuineHeader(session);
  if (header === null) {
    findings.wrong(
      'KEY_FILE',
      'The header (custos.json) is not the one this workspace was opened with. Restore it from a backup before you lock the workspace.',
    );
    return [];
  }
  const rows = listMemberRows(session.catalogue);
  const remembered = rememberedKeyFiles(session.catalogue);
  const there = listKeyFiles(dir);
  const own = `${slotIdOf(header, session.member.name)}.slot`;
  const owners = new Map<string, string>([
    ...rows.map((row): [string, string] => [`${slotIdOf(header, row.name)}.slot`, row.name]),
    ...rows.map((row): [string, string] => [`grants/${row.id}.grant`, row.name]),
    ['recovery.slot', 'the recovery words'],
  ]);
  const good: string[] = [];
  for (const name of there) {
    const fault = name.endsWith('.grant')
      ? faultOfGrant(dir, header.id, name, rows)
      : faultOfSlot(dir, name);
    const known = remembered.get(name);
    const isSame = known === undefined || known === digestOfKeyFile(dir, name);
    // The own slot has just been opened, and a grant is signed part by part.
    const provesItself = name === own || name.endsWith('.grant');
    const words = `The key file of ${owners.get(name) ?? 'somebody unknown'} (keys/${name})`;
    if (fault !== null) findings.wrong('KEY_FILE', `${words} ${fault}.`);
    else if (!isSame && !provesItself) {
      findings.wrong(
        'KEY_FILE',
        `${words} is not as it was when it was last known to be good. If nobody changed that password since, restore it from a backup.`,
      );
    } else good.push(name);
  }
  for (const name of new Set([...remembered.keys(), ...expected(rows, header, own)])) {
    if (there.includes(name)) continue;
    const words = `The key file of ${owners.get(name) ?? 'somebody unknown'} (keys/${name})`;
    findings.wrong('KEY_FILE', `${words} is missing. Restore it from a backup.`);
  }
  return good.filter((name) => remembered.get(name) !== digestOfKeyFile(dir, name));
}

function genuineHeader({ workspace }: Session): WorkspaceHeader | null {
  try {
    const header = readHeader(workspace.dir);
    return fingerprintOf(header) === workspace.fingerprint ? header : null;
  } catch (error) {
    if (isCustosError(error) && error.code !== 'IO_FAILED') return null;
    throw error;
  }
}

function expected(rows: readonly MemberRow[], header: WorkspaceHeader, own: string): string[] {
  const active = rows.filter((row) => row.state !== 'revoked');
  return [
    own,
    ...active.map((row) => `${slotIdOf(header, row.name)}.slot`),
    ...active.map((row) => `grants/${row.id}.grant`),
  ];
}

function faultOfSlot(dir: string, name: string): string | null {
  return faultIn(() => {
    parseSlot(readSlot(dir, name.slice(0, -'.slot'.length)) ?? '');
    return null;
  });
}

function faultOfGrant(
  dir: string,
  workspace: string,
  name: string,
  rows: readonly MemberRow[],
): string | null {
  return faultIn(() => {
    const member = name.slice('grants/'.length, -'.grant'.length);
    const grant = readGrant(dir, workspace, member);
    const isSigned = grant.parts.every((part) => {
      const by = rows.find((row) => row.id === part.by);
      return by !== undefined && isSignedBy(grant, part, by.signingKey);
    });
    return isSigned ? null : 'holds a key that no member has signed for';
  });
}

function faultIn(check: () => string | null): string | null {
  try {
    return check();
  } catch (error) {
    if (isCustosError(error) && error.code === 'WORKSPACE_DAMAGED') return 'is damaged';
    throw error;
  }
}
