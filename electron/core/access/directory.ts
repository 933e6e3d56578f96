/** Who a member is, for the record: by what supervisors signed, never by the table's columns. */
import type { KnownMember, MemberDirectory } from '#core/record/member-proof.ts';
import { listMemberRows } from '#core/store/tables/members.ts';
import type { Reader } from '#core/store/types.ts';
import type { WorkspaceHeader } from '#core/vault/header.ts';
import { requireGenuine } from './statements.ts';

/**
 * Members past and present. Looks into the catalogue when it meets somebody new, so that it also
 * knows whoever is added later. Throws WORKSPACE_DAMAGED where the catalogue is not what was signed.
 */
export function memberDirectory(header: WorkspaceHeader, catalogue: Reader): MemberDirectory {
  let known = new Map<string, KnownMember>();
  return (id) => {
    const found = known.get(id);
    if (found) return found;
    const rows = listMemberRows(catalogue);
    requireGenuine(header, rows);
    known = new Map(rows.map((row) => [row.id, row]));
    return known.get(id) ?? null;
  };
}
