/**
 * Grants: which compartment keys a member holds. `keys/grants/<member id>.grant` is a JSON file:
 *
 *   { format: "custos-grant", version: 1, workspace, member,
 *     parts: [{ compartment, epoch, by, sealed, signature }] }
 *
 * `sealed` (base64): the compartment's 32 bytes by HPKE to the member's X25519 key, info =
 * "custos/grant/v1", associated data = workspace, member, compartment and epoch, canonically.
 * `signature` (base64): Ed25519 by member `by` over those fields and `sealed`.
 *
 * SECURITY: HPKE tells for whom, not from whom. Without the signature, whoever can write to the
 * folder could hand a member a key of his own choosing, and new pictures would be sealed to it.
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import type { Role } from '#shared/domain/words.ts';
import { canonicalBytes } from './canonical.ts';
import { publicKeyObject } from './curve-keys.ts';
import {
  asFields,
  BadField,
  base64,
  hex,
  parseFields,
  readOrDamaged,
  text,
  whole,
  epochNumber,
} from './fields.ts';
import { hpkeOpen, hpkeSeal } from './hpke.ts';

/** In the order they are granted. `recordPrivate` is X25519, `checkpoint` an Ed25519 seed. */
export const COMPARTMENTS = ['db', 'content', 'name', 'recordPrivate', 'checkpoint'] as const;
export type Compartment = (typeof COMPARTMENTS)[number];

/** One compartment's key of one epoch. */
export interface HeldKey {
  readonly compartment: Compartment;
  readonly epoch: number;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** Which epochs of each compartment are needed, newest first. */
export type EpochsInUse = Readonly<Record<Compartment, readonly [number, ...number[]]>>;

const ENTITLEMENTS: Record<Role, readonly Compartment[]> = {
  investigator: ['db', 'content', 'name', 'checkpoint'],
  legal: ['db', 'content', 'name', 'checkpoint'],
  // SECURITY: a supervisor audits looks without being able to take one (security.md 1, P4).
  supervisor: ['db', 'recordPrivate', 'checkpoint'],
};

const FORMAT = 'custos-grant';
const VERSION = 1;
const INFO = Buffer.from('custos/grant/v1');
const SEALED_BYTES = 32 + 32 + 16;

export interface GrantPart {
  readonly compartment: Compartment;
  readonly epoch: number;
  /** Member id of whoever handed the key on. */
  readonly by: string;
  readonly sealed: Buffer;
  readonly signature: Buffer;
}

export interface Grant {
  readonly workspace: string;
  readonly member: string;
  readonly parts: readonly GrantPart[];
}

/** What somebody with these roles is to hold: the union over the roles. */
export function entitledTo(roles: readonly Role[]): Compartment[] {
  return COMPARTMENTS.filter((compartment) =>
    roles.some((role) => ENTITLEMENTS[role].includes(compartment)),
  );
}

type KeyName = Pick<HeldKey, 'compartment' | 'epoch'>;

export function isInUse(inUse: EpochsInUse, { compartment, epoch }: KeyName): boolean {
  return inUse[compartment].includes(epoch);
}

/** Of the keys in use that somebody is entitled to, those that this grant does not hold yet. */
export function missingFrom(grant: Grant, roles: readonly Role[], inUse: EpochsInUse): KeyName[] {
  return entitledTo(roles).flatMap((compartment) =>
    inUse[compartment]
      .filter((epoch) => !grant.parts.some((part) => isSameKey(part, { compartment, epoch })))
      .map((epoch) => ({ compartment, epoch })),
  );
}

export function isSameKey(a: KeyName, b: KeyName): boolean {
  return a.compartment === b.compartment && a.epoch === b.epoch;
}

/** Seals and signs every key given. */
export function grantParts(
  to: { workspace: string; member: string; encryptionPublic: Buffer },
  keys: readonly HeldKey[],
  from: { member: string; signing: KeyObject },
): GrantPart[] {
  return keys.map(({ compartment, epoch, key }) => {
    const aad = sealedFields(to.workspace, to.member, compartment, epoch);
    const sealed = hpkeSeal(to.encryptionPublic, INFO, aad, key);
    const unsigned = { compartment, epoch, by: from.member, sealed };
    const signature = sign(null, signedBytes(to.workspace, to.member, unsigned), from.signing);
    return { ...unsigned, signature };
  });
}

/** `encryptionPrivate`: the member's X25519 key. Errors: KEY_UNAVAILABLE. */
export function openGrant(grant: Grant, encryptionPrivate: Buffer): HeldKey[] {
  return grant.parts.map(({ compartment, epoch, sealed }) => {
    const aad = sealedFields(grant.workspace, grant.member, compartment, epoch);
    return { compartment, epoch, key: hpkeOpen(encryptionPrivate, INFO, aad, sealed) };
  });
}

/** Whether `part` of `grant` was signed by the owner of this key (32 bytes, Ed25519 public). */
export function isSignedBy(grant: Grant, part: GrantPart, signingPublic: Buffer): boolean {
  const bytes = signedBytes(grant.workspace, grant.member, part);
  return verify(null, bytes, publicKeyObject('ed25519', signingPublic), part.signature);
}

export function encodeGrant(grant: Grant): string {
  const parts = grant.parts.map((part) => ({
    compartment: part.compartment,
    epoch: part.epoch,
    by: part.by,
    sealed: part.sealed.toString('base64'),
    signature: part.signature.toString('base64'),
  }));
  const { workspace, member } = grant;
  return `${JSON.stringify({ format: FORMAT, version: VERSION, workspace, member, parts }, null, 2)}\n`;
}

/** Errors: WORKSPACE_DAMAGED, also where the grant is another workspace's or member's. */
export function parseGrant(contents: string, workspace: string, member: string): Grant {
  return readOrDamaged('The file that holds the keys granted to a member', () => {
    const fields = parseFields(contents);
    if (text(fields, 'format') !== FORMAT) throw new BadField('format');
    if (whole(fields, 'version') > VERSION) {
      throw new CustosError(
        'NEWER_WORKSPACE',
        'The keys of this member were granted by a newer version of Custos. Open the workspace with that version.',
      );
    }
    if (hex(fields, 'workspace', 16) !== workspace) throw new BadField('workspace');
    if (hex(fields, 'member', 16) !== member) throw new BadField('member');
    if (!Array.isArray(fields['parts'])) throw new BadField('parts');
    const parts = fields['parts'].map(parsePart);
    if (parts.some((part, at) => parts.findIndex((other) => isSameKey(other, part)) !== at)) {
      throw new BadField('parts');
    }
    return { workspace, member, parts };
  });
}

function parsePart(value: unknown): GrantPart {
  const fields = asFields(value);
  const compartment = COMPARTMENTS.find((known) => known === fields['compartment']);
  const sealed = base64(fields, 'sealed');
  const signature = base64(fields, 'signature');
  if (compartment === undefined) throw new BadField('compartment');
  if (sealed.length !== SEALED_BYTES || signature.length !== 64) throw new BadField(compartment);
  return {
    compartment,
    epoch: epochNumber(fields, 'epoch'),
    by: hex(fields, 'by', 16),
    sealed,
    signature,
  };
}

function sealedFields(
  workspace: string,
  member: string,
  compartment: Compartment,
  epoch: number,
): Buffer {
  return canonicalBytes('custos/grant/v1', { workspace, member, compartment, epoch });
}

function signedBytes(
  workspace: string,
  member: string,
  part: Omit<GrantPart, 'signature'>,
): Buffer {
  return canonicalBytes('custos/grant-signature/v1', {
    workspace,
    member,
    compartment: part.compartment,
    epoch: part.epoch,
    by: part.by,
    sealed: part.sealed.toString('base64'),
  });
}
