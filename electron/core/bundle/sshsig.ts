/**
 * SSHSIG (openssh/PROTOCOL.sshsig), Ed25519 and SHA-512 only: what `ssh-keygen -Y sign` writes
 * and `ssh-keygen -Y verify` checks.
 */
import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { publicKeyObject } from '#core/vault/curve-keys.ts';
import { KEY_TYPE, publicKeyBlob, rawFromBlob, sshReader, sshString } from './ssh-key.ts';

const MAGIC = Buffer.from('SSHSIG', 'latin1');
const VERSION = 1;
const HASH = 'sha512';
const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
/** Width of a base64 line as ssh-keygen writes it. */
const LINE_WIDTH = 70;
/** No Ed25519 signature file comes near this; anything longer is not read. */
export const MAX_SIGNATURE_BYTES = 4096;

/** Armoured signature over `message` for one namespace. `publicKey` is raw, 32 bytes. */
export function signSsh(
  message: Uint8Array,
  namespace: string,
  privateKey: KeyObject,
  publicKey: Uint8Array,
): string {
  const signature = sign(null, signedBytes(message, namespace), privateKey);
  const version = Buffer.alloc(4);
  version.writeUInt32BE(VERSION);
  const blob = Buffer.concat([
    MAGIC,
    version,
    sshString(publicKeyBlob(publicKey)),
    sshString(namespace),
    sshString(''),
    sshString(HASH),
    sshString(Buffer.concat([sshString(KEY_TYPE), sshString(signature)])),
  ]);
  const lines = blob.toString('base64').match(new RegExp(`.{1,${String(LINE_WIDTH)}}`, 'g')) ?? [];
  return [BEGIN, ...lines, END, ''].join('\n');
}

export type SshVerdict =
  | { good: true; publicKey: Buffer }
  /** `why` completes "The signature …". The key is given where the signature names one. */
  | { good: false; why: string; publicKey: Buffer | null };

/** Checks an armoured signature. Never throws: a signature that cannot be read is a bad one. */
export function verifySsh(message: Uint8Array, namespace: string, armored: string): SshVerdict {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(armored);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { good: false, why: `cannot be read: ${error.message}`, publicKey: null };
  }
  const { publicKey, signature } = parsed;
  // SECURITY: the namespace keeps a signature made for another purpose from passing here.
  if (parsed.namespace !== namespace) {
    return { good: false, why: 'was made for another purpose', publicKey };
  }
  const fits = verify(
    null,
    signedBytes(message, namespace),
    publicKeyObject('ed25519', publicKey),
    signature,
  );
  return fits
    ? { good: true, publicKey }
    : { good: false, why: 'does not fit the files: something was changed', publicKey };
}

function signedBytes(message: Uint8Array, namespace: string): Buffer {
  const digest = createHash(HASH).update(message).digest();
  return Buffer.concat([
    MAGIC,
    sshString(namespace),
    sshString(''),
    sshString(HASH),
    sshString(digest),
  ]);
}

function parse(armored: string): { publicKey: Buffer; namespace: string; signature: Buffer } {
  const reader = sshReader(unarmor(armored));
  if (reader.uint32() !== VERSION) throw new RangeError('its version is not known');
  const publicKey = rawFromBlob(reader.next());
  const namespace = reader.next().toString('utf8');
  if (reader.next().length !== 0) throw new RangeError('its reserved field is not empty');
  if (reader.next().toString('latin1') !== HASH) throw new RangeError('its hash is not SHA-512');
  const inner = sshReader(reader.next());
  reader.end();
  if (inner.next().toString('latin1') !== KEY_TYPE) throw new RangeError('it is not Ed25519');
  const signature = inner.next();
  inner.end();
  if (signature.length !== 64) throw new RangeError('it is not 64 bytes long');
  return { publicKey, namespace, signature };
}

/** The bytes after the magic. Strict, because Buffer's base64 forgives what must not be forgiven. */
function unarmor(armored: string): Buffer {
  if (armored.length > MAX_SIGNATURE_BYTES) throw new RangeError('it is too long');
  const match = new RegExp(
    `^${BEGIN}\\r?\\n([A-Za-z0-9+/=\\r\\n]+)\\r?\\n${END}(?:\\r?\\n)?$`,
  ).exec(armored);
  const text = match?.[1]?.replaceAll(/[\r\n]/g, '') ?? '';
  const blob = Buffer.from(text, 'base64');
  if (blob.length === 0 || blob.toString('base64') !== text) {
    throw new RangeError('it is not armoured as OpenSSH does it');
  }
  if (!blob.subarray(0, MAGIC.length).equals(MAGIC)) throw new RangeError('it is of another kind');
  return blob.subarray(MAGIC.length);
}
