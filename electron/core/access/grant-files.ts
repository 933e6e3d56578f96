/** The files that hold members' keys, as a whole: who gets which, and what nobody needs any more. */
import { isCustosError } from '#shared/domain/errors.ts';
import type { MemberRow } from '#core/store/tables/members.ts';
import {
  entitledTo,
  grantParts,
  isInUse,
  isSameKey,
  type EpochsInUse,
  type Grant,
  type HeldKey,
} from '#core/vault/grants.ts';
import { handedOn, wipeAll } from '#core/vault/keyring.ts';
import { rememberKeyFiles } from './key-digests.ts';
import { readGrant, writeGrant } from './key-files.ts';
import type { Session } from './types.ts';

type Recipient = Pick<MemberRow, 'id' | 'roles' | 'encryptionKey'>;

/** Of what this session holds, that to which the member is entitled and which `has` does not hold. */
export function sealFor(
  session: Session,
  to: Recipient,
  has: Grant['parts'],
  fresh: readonly HeldKey[] = [],
): Grant['parts'] {
  const own = handedOn(session.keys);
  const entitled = entitledTo(to.roles);
  const keys = [...own, ...fresh].filter(
    (key) => entitled.includes(key.compartment) && !has.some((part) => isSameKey(part, key)),
  );
  const { id: workspace } = session.workspace;
  const parts = grantParts({ workspace, member: to.id, encryptionPublic: to.encryptionKey }, keys, {
    member: session.member.id,
    signing: session.keys.signing,
  });
  wipeAll(own.filter(({ compartment }) => compartment === 'checkpoint').map(({ key }) => key));
  return parts;
}

/**
 * Seals `fresh` to every entitled member who is not revoked, besides what they hold of the keys in
 * use. Until the catalogue says that the new epoch has begun, nobody uses it; a second try drops
 * what the first one left.
 */
export function grantToAll(
  session: Session,
  rows: readonly MemberRow[],
  fresh: readonly HeldKey[],
  inUse: EpochsInUse,
): void {
  const { dir, id: workspace } = session.workspace;
  for (const row of rows) {
    if (row.state === 'revoked') continue;
    const held = readParts(dir, workspace, row.id).filter((part) => isInUse(inUse, part));
    const parts = [...held, ...sealFor(session, row, held, fresh)];
    writeGrant(dir, { workspace, member: row.id, parts });
  }
}

/** Takes keys of epochs that ended, or never began, out of every file that can be read. */
export function dropKeysNotInUse(
  session: Session,
  rows: readonly MemberRow[],
  inUse: EpochsInUse,
): void {
  const { dir, id: workspace } = session.workspace;
  const grants = rows
    .filter(({ state }) => state !== 'revoked')
    .map(({ id: member }) => ({ workspace, member, parts: readParts(dir, workspace, member) }))
    .filter(({ parts }) => parts.some((part) => !isInUse(inUse, part)));
  if (grants.length === 0) return;
  const detail = { step: 'earlier ones destroyed', what: 'members', members: grants.length };
  session.act({ type: 'keys.advanced', detail }, (tx) => {
    for (const grant of grants) {
      writeGrant(dir, { ...grant, parts: grant.parts.filter((part) => isInUse(inUse, part)) });
    }
    rememberKeyFiles(
      tx,
      dir,
      grants.map(({ member }) => `grants/${member}.grant`),
    );
  });
}

/** None where the file is missing or damaged: its member waits, and is granted the keys anew. */
function readParts(dir: string, workspace: string, member: string): Grant['parts'] {
  try {
    return readGrant(dir, workspace, member).parts;
  } catch (error) {
    if (isCustosError(error) && ['KEY_UNAVAILABLE', 'WORKSPACE_DAMAGED'].includes(error.code)) {
      return [];
    }
    throw error;
  }
}
