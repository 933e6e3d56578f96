/**
 * A slot: one member's own keys, wrapped by their password, or, for the founder, by the recovery
 * words as well. On disk a JSON file:
 *
 *   { format: "custos-slot", version: 1, workspace, id, kind: "password" | "recovery",
 *     kdf: { name: "argon2id", cost, memoryKiB, passes, lanes, salt }
 *        | { name: "hkdf-sha256", salt },
 *     nonce, sealed }
 *
 * `sealed` (base64) is AES-256-GCM over the member's secrets as JSON, padded to 2,048 bytes so that
 * its size does not tell the length of a name; associated data = every other field, canonically.
 * A password slot's id is an HMAC of the member's name, so that no name is on disk.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import { canonicalBytes, type CanonicalValue } from './canonical.ts';
import {
  asFields,
  BadField,
  base64,
  type Fields,
  hex,
  parseFields,
  readOrDamaged,
  text,
  whole,
} from './fields.ts';
import type { WorkspaceHeader } from './header.ts';
import type { KdfParameters } from './password.ts';

const FORMAT = 'custos-slot';
const VERSION = 1;
const PADDED_BYTES = 2048;
const TAG_BYTES = 16;
/** The subject of sentences about a slot that is not as it should be. */
export const SLOT_WORDS = 'The key file of a member';

/** What a slot holds. Buffers are zeroed by whoever opened the slot. */
export interface MemberSecrets {
  /** 32 hex characters. */
  readonly memberId: string;
  readonly name: string;
  /** 32 bytes, X25519 private. */
  readonly encryption: Buffer;
  /** 32 bytes, Ed25519 private. */
  readonly signing: Buffer;
  /**
   * Identity of the workspace as it was when the slot was made (`identityOf`), 64 hex characters.
   * SECURITY: sealed under the password, so a header exchanged on disk does not go unnoticed.
   */
  readonly identity: string;
}

export type SlotKdf =
  | (KdfParameters & { readonly name: 'argon2id' })
  | { readonly name: 'hkdf-sha256'; readonly salt: Buffer };

export interface Slot {
  readonly workspace: string;
  readonly id: string;
  readonly kdf: SlotKdf;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
}

/** Wraps with a key of 32 bytes, which is zeroed. */
export function sealUnder(
  key: Buffer,
  header: WorkspaceHeader,
  id: string,
  kdf: SlotKdf,
  secrets: MemberSecrets,
): string {
  const nonce = randomBytes(12);
  const plain = encodeSecrets(secrets);
  const fields = publicFields({ workspace: header.id, id, kdf, nonce });
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(canonicalBytes('custos/slot/v1', fields));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  plain.fill(0);
  key.fill(0);
  return `${JSON.stringify({ ...fields, sealed: sealed.toString('base64') }, null, 2)}\n`;
}

/** Unwraps with a key of 32 bytes, which is zeroed. `refusal`: what a wrong key is called. */
export function openUnder(
  key: Buffer,
  header: WorkspaceHeader,
  slot: Slot,
  refusal: (cause?: unknown) => CustosError,
): MemberSecrets {
  if (slot.workspace !== header.id) throw damagedSlot();
  const cut = slot.sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, slot.nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(canonicalBytes('custos/slot/v1', publicFields(slot)));
  decipher.setAuthTag(slot.sealed.subarray(cut));
  let plain: Buffer;
  try {
    plain = Buffer.concat([decipher.update(slot.sealed.subarray(0, cut)), decipher.final()]);
  } catch (cause) {
    throw refusal(cause);
  } finally {
    key.fill(0);
  }
  const secrets = readOrDamaged(SLOT_WORDS, () => decodeSecrets(plain));
  plain.fill(0);
  return secrets;
}

function publicFields(slot: Omit<Slot, 'sealed'>): { readonly [key: string]: CanonicalValue } {
  return {
    format: FORMAT,
    version: VERSION,
    workspace: slot.workspace,
    id: slot.id,
    kind: slot.kdf.name === 'argon2id' ? 'password' : 'recovery',
    kdf: { ...slot.kdf, salt: slot.kdf.salt.toString('hex') },
    nonce: slot.nonce.toString('hex'),
  };
}

export function parseSlot(contents: string): Slot {
  return readOrDamaged(SLOT_WORDS, () => {
    const fields = parseFields(contents);
    if (text(fields, 'format') !== FORMAT) throw new BadField('format');
    if (whole(fields, 'version') > VERSION) {
      throw new CustosError(
        'NEWER_WORKSPACE',
        'The key file of this member was written by a newer version of Custos. Open the workspace with that version.',
      );
    }
    const sealed = base64(fields, 'sealed');
    if (sealed.length !== PADDED_BYTES + TAG_BYTES) throw new BadField('sealed');
    return {
      workspace: hex(fields, 'workspace', 16),
      id: text(fields, 'id'),
      kdf: parseKdf(asFields(fields['kdf'])),
      nonce: Buffer.from(hex(fields, 'nonce', 12), 'hex'),
      sealed,
    };
  });
}

function parseKdf(fields: Fields): SlotKdf {
  const name = text(fields, 'name');
  if (name === 'hkdf-sha256') return { name, salt: Buffer.from(hex(fields, 'salt', 32), 'hex') };
  const cost = text(fields, 'cost');
  if (name !== 'argon2id' || (cost !== 'product' && cost !== 'test')) throw new BadField('kdf');
  return {
    name,
    cost,
    memoryKiB: whole(fields, 'memoryKiB'),
    passes: whole(fields, 'passes'),
    lanes: whole(fields, 'lanes'),
    salt: Buffer.from(hex(fields, 'salt', 16), 'hex'),
  };
}

function encodeSecrets(secrets: MemberSecrets): Buffer {
  const json = JSON.stringify({
    memberId: secrets.memberId,
    name: secrets.name,
    encryption: secrets.encryption.toString('hex'),
    signing: secrets.signing.toString('hex'),
    identity: secrets.identity,
  });
  const padded = Buffer.alloc(PADDED_BYTES, ' ');
  if (Buffer.byteLength(json) > PADDED_BYTES) {
    throw new CustosError('BAD_REQUEST', 'This name is too long. Use a shorter one.');
  }
  padded.write(json, 'utf8');
  return padded;
}

function decodeSecrets(plain: Buffer): MemberSecrets {
  const fields = parseFields(plain.toString('utf8'));
  return {
    memberId: hex(fields, 'memberId', 16),
    name: text(fields, 'name'),
    encryption: Buffer.from(hex(fields, 'encryption', 32), 'hex'),
    signing: Buffer.from(hex(fields, 'signing', 32), 'hex'),
    identity: hex(fields, 'identity', 32),
  };
}

export function damagedSlot(): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    `${SLOT_WORDS} belongs to something else and was not used. Copy the whole workspace folder to another disk first, then restore from a backup.`,
  );
}
