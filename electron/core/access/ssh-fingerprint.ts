/** The fingerprint of a signing key in the form people can compare with `ssh-keygen -l`. */
import { createHash } from 'node:crypto';

/** `publicKey`: 32 bytes, Ed25519. SHA-256 over the key's wire form (RFC 8709), base64 unpadded. */
export function sshFingerprint(publicKey: Buffer): string {
  const wire = Buffer.concat([sshString(Buffer.from('ssh-ed25519')), sshString(publicKey)]);
  const digest = createHash('sha256').update(wire).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
