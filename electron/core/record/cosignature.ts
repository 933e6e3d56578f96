/**
 * A witness's signature under somebody else's checkpoint: C2SP tlog-cosignature, Ed25519. Pure.
 *
 *   — <witness> <base64 of (key hash ‖ seconds since 1970 as 8 bytes ‖ signature)>
 *
 * The signature is over "cosignature/v1\n", "time <seconds>\n" and the checkpoint's own three
 * lines. It says: at this time, this was the largest record of this origin that I have seen, and
 * it continues every one I saw before. Key hash: as for a checkpoint, with 0x04 instead of 0x01.
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { publicKeyObject } from '#core/vault/curve-keys.ts';
import {
  checkpointText,
  COSIGNATURE,
  DASH,
  keyHash,
  KEY_HASH_BYTES,
  parseCheckpoint,
  SIGNATURE_BYTES,
  type Checkpoint,
  type VerifierKey,
} from './checkpoint.ts';

const TIME_BYTES = 8;

export interface WitnessKey extends VerifierKey {
  /** Ed25519. */
  privateKey: KeyObject;
}

/** `note` with the witness's line at its end. The caller has checked what it signs. */
export function cosign(note: string, checkpoint: Checkpoint, key: WitnessKey, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = sign(null, cosignedText(checkpoint, seconds), key.privateKey);
  const id = keyHash(key.name, key.publicKey, COSIGNATURE);
  const blob = Buffer.concat([id, time, signature]).toString('base64');
  return `${note}${DASH} ${key.name} ${blob}\n`;
}

/**
 * When this witness signed the note; null where it did not, or not this note. Whether the
 * checkpoint itself is signed by its own record is not judged here.
 */
export function cosignedAt(note: string, { name, publicKey }: VerifierKey): Date | null {
  const parsed = parseCheckpoint(note);
  if (!parsed) return null;
  const id = keyHash(name, publicKey, COSIGNATURE);
  const key = publicKeyObject('ed25519', publicKey);
  for (const { name: by, blob } of parsed.signatures) {
    if (by !== name || !blob.subarray(0, KEY_HASH_BYTES).equals(id)) continue;
    if (blob.length !== KEY_HASH_BYTES + TIME_BYTES + SIGNATURE_BYTES) return null;
    const seconds = Number(blob.readBigUInt64BE(KEY_HASH_BYTES));
    const text = cosignedText(parsed.checkpoint, seconds);
    const at = new Date(seconds * 1000);
    const good = verify(null, text, key, blob.subarray(KEY_HASH_BYTES + TIME_BYTES));
    return good && !Number.isNaN(at.getTime()) ? at : null;
  }
  return null;
}

function cosignedText(checkpoint: Checkpoint, seconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${checkpointText(checkpoint)}`);
}
