/**
 * Sealing a few bytes to somebody's public key: HPKE (RFC 9180), base mode, single shot, with
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. Any HPKE implementation opens it.
 *
 * A sealed value is `enc (32) ‖ ciphertext ‖ tag (16)`.
 */
import { createCipheriv, createDecipheriv, createHmac, diffieHellman } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import {
  generateRawKeyPair,
  privateKeyObject,
  publicKeyObject,
  rawPublicKey,
  type RawKeyPair,
} from './curve-keys.ts';

/** AEAD identifiers of RFC 9180, section 7.3. Custos writes only 2; 1 is there for the RFC's vector. */
export interface Aead {
  readonly id: 1 | 2;
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm';
  readonly keyBytes: 16 | 32;
}
const AES_256_GCM: Aead = { id: 2, cipher: 'aes-256-gcm', keyBytes: 32 };

const KEM_ID = 0x0020;
const KDF_ID = 0x0001;
const MODE_BASE = 0;
const ENC_BYTES = 32;
const TAG_BYTES = 16;
const NONE = Buffer.alloc(0);

/** `recipientPublic`: 32 raw bytes. */
export function hpkeSeal(
  recipientPublic: Buffer,
  info: Buffer,
  aad: Buffer,
  plaintext: Uint8Array,
): Buffer {
  return sealWith(generateRawKeyPair('x25519'), AES_256_GCM, recipientPublic, info, aad, plaintext);
}

/**
 * `recipientPrivate`: 32 raw bytes. Throws KEY_UNAVAILABLE where the value was sealed to another
 * key, for another purpose (`info`, `aad`), or was changed.
 */
export function hpkeOpen(
  recipientPrivate: Buffer,
  info: Buffer,
  aad: Buffer,
  sealed: Uint8Array,
): Buffer {
  return openWith(AES_256_GCM, recipientPrivate, info, aad, sealed);
}

/** As `hpkeSeal` with a given ephemeral pair and AEAD: only so that public vectors can be checked. */
export function sealWith(
  ephemeral: RawKeyPair,
  aead: Aead,
  recipientPublic: Buffer,
  info: Buffer,
  aad: Buffer,
  plaintext: Uint8Array,
): Buffer {
  const dh = diffieHellman({
    privateKey: privateKeyObject('x25519', ephemeral.privateKey),
    publicKey: publicKeyObject('x25519', recipientPublic),
  });
  const secret = kemSecret(dh, ephemeral.publicKey, recipientPublic);
  const { key, nonce } = keySchedule(secret, info, aead);
  const cipher = createCipheriv(aead.cipher, key, nonce);
  cipher.setAAD(aad);
  const body = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  wipe(dh, secret, key, ephemeral.privateKey);
  return Buffer.concat([ephemeral.publicKey, body]);
}

/** As `hpkeOpen` with a given AEAD: only so that public vectors can be checked. */
export function openWith(
  aead: Aead,
  recipientPrivate: Buffer,
  info: Buffer,
  aad: Buffer,
  sealed: Uint8Array,
): Buffer {
  if (sealed.length < ENC_BYTES + TAG_BYTES) throw notOpened();
  const bytes = Buffer.from(sealed);
  const enc = bytes.subarray(0, ENC_BYTES);
  const body = bytes.subarray(ENC_BYTES, bytes.length - TAG_BYTES);
  const tag = bytes.subarray(bytes.length - TAG_BYTES);
  try {
    const privateKey = privateKeyObject('x25519', recipientPrivate);
    // Fails for the points of small order, whose secret would be known to everybody.
    const dh = diffieHellman({ privateKey, publicKey: publicKeyObject('x25519', enc) });
    const secret = kemSecret(dh, enc, rawPublicKey(privateKey));
    const { key, nonce } = keySchedule(secret, info, aead);
    const decipher = createDecipheriv(aead.cipher, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(aad);
    decipher.setAuthTag(tag);
    const plaintext = Buffer.concat([decipher.update(body), decipher.final()]);
    wipe(dh, secret, key);
    return plaintext;
  } catch (cause) {
    throw notOpened(cause);
  }
}

/** ExtractAndExpand of RFC 9180, section 4.1. */
export function kemSecret(dh: Buffer, enc: Buffer, recipientPublic: Buffer): Buffer {
  const suite = Buffer.concat([Buffer.from('KEM'), u16(KEM_ID)]);
  const prk = labeledExtract(suite, NONE, 'eae_prk', dh);
  const context = Buffer.concat([enc, recipientPublic]);
  return labeledExpand(suite, prk, 'shared_secret', context, 32);
}

/** KeySchedule of RFC 9180, section 5.1, in base mode (no pre-shared key). */
export function keySchedule(
  sharedSecret: Buffer,
  info: Buffer,
  aead: Aead,
): { key: Buffer; nonce: Buffer } {
  const suite = Buffer.concat([Buffer.from('HPKE'), u16(KEM_ID), u16(KDF_ID), u16(aead.id)]);
  const context = Buffer.concat([
    Buffer.from([MODE_BASE]),
    labeledExtract(suite, NONE, 'psk_id_hash', NONE),
    labeledExtract(suite, NONE, 'info_hash', info),
  ]);
  const secret = labeledExtract(suite, sharedSecret, 'secret', NONE);
  return {
    key: labeledExpand(suite, secret, 'key', context, aead.keyBytes),
    nonce: labeledExpand(suite, secret, 'base_nonce', context, 12),
  };
}

function labeledExtract(suite: Buffer, salt: Buffer, label: string, ikm: Buffer): Buffer {
  const labeled = Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm]);
  return createHmac('sha256', salt).update(labeled).digest();
}

/** At most 32 bytes: one block of HKDF-Expand is all HPKE ever needs with SHA-256 here. */
function labeledExpand(
  suite: Buffer,
  prk: Buffer,
  label: string,
  info: Buffer,
  length: number,
): Buffer {
  const labeled = Buffer.concat([
    u16(length),
    Buffer.from('HPKE-v1'),
    suite,
    Buffer.from(label),
    info,
    Buffer.from([1]),
  ]);
  return createHmac('sha256', prk).update(labeled).digest().subarray(0, length);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function wipe(...secrets: Buffer[]): void {
  for (const secret of secrets) secret.fill(0);
}

function notOpened(cause?: unknown): CustosError {
  return new CustosError(
    'KEY_UNAVAILABLE',
    'A sealed key does not open with the key at hand: it was meant for somebody else, or its file was changed.',
    { cause },
  );
}
