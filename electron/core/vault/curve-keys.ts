/**
 * X25519 and Ed25519 keys between their raw 32 bytes (what files hold) and node's KeyObject (what
 * operations take). The DER prefixes are the fixed ones of RFC 8410.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

const PRIVATE_PREFIX = {
  ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  x25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
} as const;
const PUBLIC_PREFIX = {
  ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
  x25519: Buffer.from('302a300506032b656e032100', 'hex'),
} as const;
export type Curve = keyof typeof PRIVATE_PREFIX;

export interface RawKeyPair {
  /** 32 bytes. */
  readonly privateKey: Buffer;
  /** 32 bytes. */
  readonly publicKey: Buffer;
}

export function generateRawKeyPair(curve: Curve): RawKeyPair {
  const { privateKey } =
    curve === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  return { privateKey: rawPrivateKey(privateKey), publicKey: rawPublicKey(privateKey) };
}

/** `raw`: 32 bytes. */
export function privateKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  requireLength(raw);
  const der = Buffer.concat([PRIVATE_PREFIX[curve], raw]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

/** `raw`: 32 bytes. */
export function publicKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  requireLength(raw);
  const der = Buffer.concat([PUBLIC_PREFIX[curve], raw]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

/** The 32 bytes of the public half, from either half. */
export function rawPublicKey(key: KeyObject): Buffer {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  const der = half.export({ format: 'der', type: 'spki' });
  return Buffer.from(der.subarray(der.length - 32));
}

/** The 32 bytes of a private key. */
export function rawPrivateKey(key: KeyObject): Buffer {
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const raw = Buffer.from(der.subarray(der.length - 32));
  der.fill(0);
  return raw;
}

function requireLength(raw: Uint8Array): void {
  if (raw.length !== 32) throw new RangeError('a raw key has 32 bytes');
}
