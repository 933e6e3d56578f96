/**
 * Checkpoints: C2SP tlog-checkpoint in a C2SP signed note, Ed25519. Pure.
 *
 *   custos/record/<workspace id>\n      origin, also the name of the key
 *   <entries>\n
 *   <base64 of the root>\n
 *   \n
 *   — <name> <base64 of (key hash ‖ signature)>\n
 *
 * The signature is over the first three lines. Key hash: the first 4 bytes of
 * SHA-256(name ‖ "\n" ‖ 0x01 ‖ 32-byte public key).
 */
import { sign, verify, type KeyObject } from 'node:crypto';
import { publicKeyObject } from '#core/vault/curve-keys.ts';
import { HASH_BYTES, sha256 } from './sha.ts';

/** Kinds of key, as signed notes number them: a log's own, and a witness's. */
export const ED25519 = 1;
export const COSIGNATURE = 4;
export type KeyKind = typeof ED25519 | typeof COSIGNATURE;
export const KEY_HASH_BYTES = 4;
export const SIGNATURE_BYTES = 64;
export const DASH = '\u2014';

export interface Checkpoint {
  origin: string;
  size: number;
  /** 32 bytes. */
  root: Buffer;
}

export function checkpointOrigin(workspaceId: string): string {
  return `custos/record/${workspaceId}`;
}

/** The key as other tools of this format take it: `name+key hash+base64(kind ‖ public key)`. */
export function verifierKey(name: string, publicKey: Buffer, kind: KeyKind = ED25519): string {
  const keyed = Buffer.concat([Buffer.from([kind]), publicKey]).toString('base64');
  return `${name}+${keyHash(name, publicKey, kind).toString('hex')}+${keyed}`;
}

export interface VerifierKey {
  name: string;
  /** 32 bytes. */
  publicKey: Buffer;
}

/** Null for anything but a whole key of this kind whose key hash is its own. */
export function parseVerifierKey(text: string, kind: KeyKind): VerifierKey | null {
  // The name may hold no "+" and no space; base64 may hold "+".
  const [name = '', , ...rest] = text.split('+');
  const keyed = decodeBase64(rest.join('+'));
  if (!isKeyName(name) || keyed?.length !== 1 + HASH_BYTES || keyed[0] !== kind) return null;
  const publicKey = keyed.subarray(1);
  return verifierKey(name, publicKey, kind) === text ? { name, publicKey } : null;
}

function isKeyName(name: string): boolean {
  return /^[\x21-\x2a\x2c-\x7e]{1,200}$/.test(name);
}

export function signCheckpoint(checkpoint: Checkpoint, key: KeyObject, publicKey: Buffer): string {
  const text = checkpointText(checkpoint);
  const signature = sign(null, Buffer.from(text), key);
  const blob = Buffer.concat([keyHash(checkpoint.origin, publicKey, ED25519), signature]);
  return `${text}\n${DASH} ${checkpoint.origin} ${blob.toString('base64')}\n`;
}

/**
 * What a note says, if it is well formed, of this origin, and signed by this key; else null.
 * Other people's signatures (witnesses) beside ours are allowed and not judged here.
 */
export function verifyCheckpoint(
  note: string,
  origin: string,
  publicKey: Buffer,
): Checkpoint | null {
  const parsed = parseCheckpoint(note);
  if (parsed?.checkpoint.origin !== origin) return null;
  const text = Buffer.from(checkpointText(parsed.checkpoint));
  const wanted = keyHash(origin, publicKey, ED25519);
  const key = publicKeyObject('ed25519', publicKey);
  const ours = parsed.signatures.filter(
    ({ name, blob }) => name === origin && blob.subarray(0, KEY_HASH_BYTES).equals(wanted),
  );
  const good = ours.every(
    ({ blob }) =>
      blob.length === KEY_HASH_BYTES + SIGNATURE_BYTES &&
      verify(null, text, key, blob.subarray(KEY_HASH_BYTES)),
  );
  return ours.length > 0 && good ? parsed.checkpoint : null;
}

interface ParsedNote {
  checkpoint: Checkpoint;
  signatures: { name: string; blob: Buffer }[];
}

/** Null for anything but exactly this format: nothing signed may have two spellings. */
export function parseCheckpoint(note: string): ParsedNote | null {
  const split = note.indexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return null;
  const [origin, size, root, ...more] = note.slice(0, split).split('\n');
  if (!origin || !size || !root || more.length > 0 || !/^(0|[1-9]\d{0,15})$/.test(size))
    return null;
  const rootBytes = decodeBase64(root);
  if (rootBytes?.length !== HASH_BYTES || !Number.isSafeInteger(Number(size))) return null;
  const signatures: ParsedNote['signatures'] = [];
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const [dash, name, encoded, ...rest] = line.split(' ');
    const blob = encoded === undefined ? null : decodeBase64(encoded);
    if (dash !== DASH || !name || !blob || rest.length > 0) return null;
    signatures.push({ name, blob });
  }
  return { checkpoint: { origin, size: Number(size), root: rootBytes }, signatures };
}

/** What is signed: the note without its signatures. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** 4 bytes that tell keys of a note apart. */
export function keyHash(name: string, publicKey: Buffer, kind: KeyKind): Buffer {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([kind]), publicKey]);
  return sha256(input).subarray(0, KEY_HASH_BYTES);
}

/** Null for anything but the one canonical spelling. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null;
}
