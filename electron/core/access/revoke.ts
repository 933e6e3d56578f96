/** Ending a membership. */
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import { listMemberRows, setMemberState, type MemberRow } from '#core/store/tables/members.ts';
import { entitledTo } from '#core/vault/grants.ts';
import { RECOVERY_SLOT_ID, slotIdOf } from '#core/vault/slot.ts';
import { forgetKeyFiles } from './key-digests.ts';
import { headerOf, removeKeyFiles, removeSlot } from './key-files.ts';
import { readKeyState, writeKeyState, nextEpoch } from './key-state.ts';
import { forgetRecovery, recoveryMember } from './recovery-state.ts';
import { signRevocation, storeRevocation } from './revocations.ts';
import type { Session } from './types.ts';

/**
 * From here on the member's password opens nothing, and every key they held is due to be changed.
 * What they have seen or copied before is theirs: that is not promised to be taken back.
 * Errors: NOT_ALLOWED (no supervisor; oneself; the last who holds the keys to pictures), NOT_FOUND,
 * and those of `Session.act`.
 */
export function revokeMember(session: Session, ports: Ports, id: string): void {
  const rows = listMemberRows(session.catalogue);
  const row = requireRevocable(session, rows, id);
  const { dir, id: workspace } = session.workspace;
  const header = headerOf(session.workspace);
  const state = readKeyState(session.catalogue);
  const due = nextEpoch(state);
  const signed = signRevocation(
    {
      workspace,
      member: id,
      epoch: due - 1,
      at: ports.clock.now().toISOString(),
      by: session.member.id,
    },
    session.keys.signing,
  );
  const recovers = recoveryMember(session.catalogue, rows) === id;
  const { name, roles } = row;
  const slotId = slotIdOf(header, name);
  const detail = { member: id, name, roles, statement: signed.statement };
  session.act({ type: 'member.revoked', detail }, (tx) => {
    setMemberState(tx, id, 'revoked');
    storeRevocation(tx, id, signed);
    writeKeyState(tx, { ...state, due });
    forgetKeyFiles(tx, [`${slotId}.slot`, `grants/${id}.grant`]);
    if (recovers) {
      forgetRecovery(tx);
      forgetKeyFiles(tx, [`${RECOVERY_SLOT_ID}.slot`]);
    }
  });
  try {
    removeKeyFiles(dir, slotId, id);
    if (recovers) removeSlot(dir, RECOVERY_SLOT_ID);
  } catch (error) {
    // Revoked all the same: the next opening removes them.
    const code = isCustosError(error) ? error.code : 'INTERNAL';
    ports.log({ level: 'warning', text: `key files of somebody revoked stayed: ${code}` });
  }
}

function requireRevocable(session: Session, rows: readonly MemberRow[], id: string): MemberRow {
  if (!session.member.roles.includes('supervisor')) {
    throw notAllowed('Only a supervisor can revoke a membership. Ask one to do it.');
  }
  if (id === session.member.id) {
    // This also keeps the last supervisor: whoever revokes is one, and stays.
    throw notAllowed('You cannot revoke your own membership. Another supervisor does that.');
  }
  const row = rows.find((candidate) => candidate.id === id && candidate.state !== 'revoked');
  if (row === undefined) {
    throw new CustosError('NOT_FOUND', 'There is no such member in this workspace any more.');
  }
  const others = rows.filter((other) => other.state === 'active' && other.id !== id);
  if (holdsPictures(row) && !others.some(holdsPictures)) {
    throw notAllowed(
      `${row.name} is the last who holds the keys to pictures: without them no original could ever be opened again. Add another investigator or legal member first, and have ${row.name} unlock once to hand the keys on.`,
    );
  }
  return row;
}

function holdsPictures(row: MemberRow): boolean {
  return entitledTo(row.roles).includes('content');
}

function notAllowed(why: string): CustosError {
  return new CustosError('NOT_ALLOWED', why);
}
