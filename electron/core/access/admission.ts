/** Whether somebody with the right password is a member, and whether their keys came from members. */
import { CustosError } from '#shared/domain/errors.ts';
import type { Reader } from '#core/store/types.ts';
import { listMemberRows, type MemberRow } from '#core/store/tables/members.ts';
import {
  entitledTo,
  isInUse,
  isSignedBy,
  type EpochsInUse,
  type Grant,
} from '#core/vault/grants.ts';
import type { WorkspaceHeader } from '#core/vault/header.ts';
import { requireGenuineEpochs } from './epochs.ts';
import { keysInUse, type KeyState } from './key-state.ts';
import { genuineRevocations, type Revocations } from './revocations.ts';
import { requireGenuine } from './statements.ts';

/**
 * The member's row, once every row, revocation and key epoch has been checked against what
 * supervisors signed. `signingPublic`: of the key that the password opened, 32 bytes.
 * Errors: NOT_ALLOWED (no member any more), WORKSPACE_DAMAGED.
 */
export function requireMember(
  header: WorkspaceHeader,
  catalogue: Reader,
  state: KeyState,
  grant: Grant,
  signingPublic: Buffer,
): MemberRow {
  const rows = listMemberRows(catalogue);
  requireGenuine(header, rows);
  const revocations = genuineRevocations(header.id, catalogue, rows);
  requireGenuineEpochs(state.epochs, rows, revocations);
  const row = rows.find((candidate) => candidate.id === grant.member);
  if (row === undefined || row.state === 'revoked') {
    throw new CustosError(
      'NOT_ALLOWED',
      'You are not a member of this workspace any more. Ask a supervisor.',
    );
  }
  if (!row.signingKey.equals(signingPublic)) throw foreignKeys();
  requireGranted(grant, row, rows, keysInUse(state), revocations);
  return row;
}

/**
 * SECURITY: a key is used only if it is one the member is entitled to, handed on by a member who
 * was entitled to hold it, and not after that member was revoked. Otherwise somebody with access
 * to the files could plant a key of his own and read what is sealed with it from then on.
 */
function requireGranted(
  grant: Grant,
  row: MemberRow,
  rows: readonly MemberRow[],
  inUse: EpochsInUse,
  revocations: Revocations,
): void {
  const entitled = entitledTo(row.roles);
  for (const part of grant.parts) {
    // What a rotation that did not come to its end has left is never used.
    if (!isInUse(inUse, part)) continue;
    const giver = rows.find((candidate) => candidate.id === part.by);
    if (
      giver === undefined ||
      !entitled.includes(part.compartment) ||
      !entitledTo(giver.roles).includes(part.compartment) ||
      (revocations.get(giver.id) ?? part.epoch) < part.epoch ||
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
