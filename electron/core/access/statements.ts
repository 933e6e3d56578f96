/**
 * Role statements: who a member is, with which keys and which roles, signed by a supervisor, whose
 * own statement is signed by another, up to the founder, whose key is part of the workspace's
 * identity (`vault/header.ts`).
 *
 * SECURITY: every member holds the key of the catalogue and could edit a row in it. Roles
 * therefore come from these statements, never from the table's columns.
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import { ROLES, type Role } from '#shared/domain/words.ts';
import type { MemberRow } from '#core/store/tables/members.ts';
import { canonicalText } from '#core/vault/canonical.ts';
import { publicKeyObject } from '#core/vault/curve-keys.ts';
import type { WorkspaceHeader } from '#core/vault/header.ts';

const PURPOSE = 'custos/role-statement/v1\0';

/** What is stated, and by whom. */
export interface Stated {
  readonly workspace: string;
  readonly member: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** 32 bytes. */
  readonly encryptionKey: Buffer;
  /** 32 bytes. */
  readonly signingKey: Buffer;
  readonly addedAt: string;
  readonly by: string;
}

export function signStatement(
  stated: Stated,
  signing: KeyObject,
): { statement: string; signature: Buffer } {
  const statement = statementText(stated);
  return { statement, signature: sign(null, signedBytes(statement), signing) };
}

/** In the order of the closed list, each once. */
export function sortedRoles(roles: readonly Role[]): Role[] {
  return ROLES.filter((role) => roles.includes(role));
}

/**
 * Checks every row against its signature and follows each chain to the founder.
 * Throws WORKSPACE_DAMAGED naming the first member whose row does not hold.
 */
export function requireGenuine(header: WorkspaceHeader, rows: readonly MemberRow[]): void {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const genuine = new Set<string>();

  const check = (row: MemberRow, above: ReadonlySet<string>): void => {
    if (genuine.has(row.id)) return;
    const signer = byId.get(row.signedBy);
    const isFounder = row.signedBy === row.id && row.signingKey.equals(header.founderPublic);
    if (signer === undefined || above.has(row.id)) throw notGenuine(row);
    if (!isFounder) {
      check(signer, new Set([...above, row.id]));
      // Checked by now, so the signer's column is what was stated about them.
      if (!signer.roles.includes('supervisor')) throw notGenuine(row);
    }
    if (row.statement !== statementText(statedBy(row, header.id))) throw notGenuine(row);
    const key = publicKeyObject('ed25519', signer.signingKey);
    if (!verify(null, signedBytes(row.statement), key, row.signature)) throw notGenuine(row);
    genuine.add(row.id);
  };
  for (const row of rows) check(row, new Set());
}

function statedBy(row: MemberRow, workspace: string): Stated {
  return {
    workspace,
    member: row.id,
    name: row.name,
    roles: row.roles,
    encryptionKey: row.encryptionKey,
    signingKey: row.signingKey,
    addedAt: row.addedAt,
    by: row.signedBy,
  };
}

function statementText(stated: Stated): string {
  return canonicalText({
    format: 'custos-role-statement',
    version: 1,
    workspace: stated.workspace,
    member: stated.member,
    name: stated.name,
    roles: stated.roles,
    encryptionKey: stated.encryptionKey.toString('hex'),
    signingKey: stated.signingKey.toString('hex'),
    addedAt: stated.addedAt,
    by: stated.by,
  });
}

function signedBytes(statement: string): Buffer {
  return Buffer.from(PURPOSE + statement, 'utf8');
}

function notGenuine(row: MemberRow): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    `The entry of member "${row.name}" is not what a supervisor signed: it was changed outside Custos. Nothing was opened. Keep a copy of the workspace folder as it is, then restore from a backup.`,
  );
}
