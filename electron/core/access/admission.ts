/** Whether somebody with the right password is a member, and whether their keys came from members. */
import { CustosError } from '#shared/domain/errors.ts';
import type { Reader } from '#core/store/types.ts';
import { listMemberRows, type MemberRow } from '#core/store/tables/members.ts';
import { entitledTo, isSignedBy, type Grant } from '#core/vault/grants.ts';
import type { WorkspaceHeader } from '#core/vault/header.ts';
import type { Keyring } from '#core/vault/types.ts';
import { requireGenuine } from './statements.ts';

/**
 * The member's row, once every row has been checked against what supervisors signed.
 * Errors: NOT_ALLOWED (no member any more), WORKSPACE_DAMAGED.
 */
export function requireMember(
  header: WorkspaceHeader,
  catalogue: Reader,
  grant: Grant,
  id: string,
  keys: Keyring,
): MemberRow {
  const rows = listMemberRows(catalogue);
  requireGenuine(header, rows);
  const row = rows.find((candidate) => candidate.id === id);
  if (row === undefined || row.state === 'revoked') {
    throw new CustosError(
      'NOT_ALLOWED',
      'You are not a member of this workspace any more. Ask a supervisor.',
    );
  }
  if (!row.signingKey.equals(keys.signingPublic)) throw foreignKeys();
  requireGranted(grant, row, rows);
  return row;
}

/**
 * SECURITY: a key is used only if it is one the member is entitled to, handed on by a member who
 * was entitled to hold it. Otherwise somebody with access to the files could plant a key of his
 * own and read what is sealed with it from then on.
 */
function requireGranted(grant: Grant, row: MemberRow, rows: readonly MemberRow[]): void {
  const entitled = entitledTo(row.roles);
  for (const part of grant.parts) {
    const giver = rows.find((candidate) => candidate.id === part.by);
    if (
      giver === undefined ||
      !entitled.includes(part.compartment) ||
      !entitledTo(giver.roles).includes(part.compartment) ||
      !isSignedBy(grant, part, giver.signingKey)
    ) {
      throw foreignKeys();
    }
  }
}

function foreignKeys(): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    'The keys kept for you in this workspace were not granted by its members: a file was exchanged. Nothing was opened. Keep a copy of the workspace folder as it is, then restore from a backup.',
  );
}
