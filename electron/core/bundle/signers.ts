/** Whose signatures a workspace recognises. */
import type { Session } from '#core/access/types.ts';
import { listMemberRows } from '#core/store/tables/members.ts';
import type { KnownSigner } from './ssh-key.ts';

/** Members of the workspace, past ones too: what they signed they signed. */
export function allowedSigners(session: Session): KnownSigner[] {
  const rows = listMemberRows(session.catalogue);
  return rows.map((row) => ({ name: row.name, publicKey: row.signingKey }));
}
