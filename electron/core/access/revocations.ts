/**
 * Revoked memberships: a statement signed by a supervisor, kept in the catalogue beside the role
 * statements. It names the epoch of keys that was in force, so that nothing the member hands on or
 * signs afterwards counts.
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import { getMeta, setMeta } from '#core/store/meta.ts';
import type { MemberRow } from '#core/store/tables/members.ts';
import type { Reader, Writer } from '#core/store/types.ts';
import { canonicalText } from '#core/vault/canonical.ts';
import { publicKeyObject } from '#core/vault/curve-keys.ts';
import {
  base64,
  BadField,
  epochNumber,
  hex,
  parseFields,
  readOrDamaged,
  text,
} from '#core/vault/fields.ts';

const PURPOSE = 'custos/revocation/v1\0';

/** By member id: the last epoch in which what they handed on counts. */
export type Revocations = ReadonlyMap<string, number>;

export interface Revoked {
  readonly workspace: string;
  readonly member: string;
  readonly epoch: number;
  readonly at: string;
  readonly by: string;
}

export interface SignedRevocation {
  readonly statement: string;
  readonly signature: Buffer;
}

export function signRevocation(revoked: Revoked, signing: KeyObject): SignedRevocation {
  const statement = revocationText(revoked);
  return { statement, signature: sign(null, signedBytes(statement), signing) };
}

export function storeRevocation(tx: Writer, member: string, signed: SignedRevocation): void {
  const { statement, signature } = signed;
  setMeta(
    tx,
    metaKey(member),
    JSON.stringify({ statement, signature: signature.toString('base64') }),
  );
}

/**
 * SECURITY: a row's state is a column that every member could edit; revoked is whoever a supervisor
 * signed a revocation for, and nobody else. `rows` have been checked (`requireGenuine`).
 * Throws WORKSPACE_DAMAGED naming the first member whose state does not hold.
 */
export function genuineRevocations(
  workspace: string,
  catalogue: Reader,
  rows: readonly MemberRow[],
): Revocations {
  const revocations = new Map<string, number>();
  for (const row of rows) {
    const stored = getMeta(catalogue, metaKey(row.id));
    const revoked = stored === null ? null : readRevocation(stored, row, workspace, rows);
    if ((revoked !== null) !== (row.state === 'revoked')) throw notGenuine(row);
    if (revoked !== null) revocations.set(row.id, revoked.epoch);
  }
  return revocations;
}

function readRevocation(
  stored: string,
  row: MemberRow,
  workspace: string,
  rows: readonly MemberRow[],
): Revoked {
  return readOrDamaged(`The revocation of member "${row.name}"`, () => {
    const fields = parseFields(stored);
    const statement = text(fields, 'statement');
    const stated = parseFields(statement);
    const revoked: Revoked = {
      workspace,
      member: row.id,
      epoch: epochNumber(stated, 'epoch'),
      at: text(stated, 'at'),
      by: hex(stated, 'by', 16),
    };
    const signer = rows.find(({ id }) => id === revoked.by);
    if (!signer?.roles.includes('supervisor') || revocationText(revoked) !== statement) {
      throw new BadField('statement');
    }
    const key = publicKeyObject('ed25519', signer.signingKey);
    if (!verify(null, signedBytes(statement), key, base64(fields, 'signature'))) {
      throw new BadField('signature');
    }
    return revoked;
  });
}

function metaKey(member: string): string {
  return `revoked/${member}`;
}

function revocationText(revoked: Revoked): string {
  const { workspace, member, epoch, at, by } = revoked;
  return canonicalText({
    format: 'custos-revocation',
    version: 1,
    workspace,
    member,
    epoch,
    at,
    by,
  });
}

function signedBytes(statement: string): Buffer {
  return Buffer.from(PURPOSE + statement, 'utf8');
}

function notGenuine(row: MemberRow): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    `Whether member "${row.name}" is revoked is not what a supervisor signed: it was changed outside Custos. Nothing was opened. Keep a copy of the workspace folder as it is, then restore from a backup.`,
  );
}
