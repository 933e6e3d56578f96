/**
 * What travels between a workspace and its witness, as text files (on a stick, by hand). Pure.
 *
 *   custos/witness-request/v1\n         custos/witness-answer/v1\n
 *   <key of the record>\n               <key of the witness>\n
 *   old <entries>\n                     \n
 *   <base64 of a hash>\n  (0 … 63)      <checkpoint, signed and co-signed>
 *   \n
 *   <signed checkpoint>
 *
 * From its third line on, a request is the body of C2SP tlog-witness `add-checkpoint`. Keys are
 * written as C2SP verifier keys.
 */
import { CustosError } from '#shared/domain/errors.ts';
import {
  COSIGNATURE,
  decodeBase64,
  ED25519,
  parseCheckpoint,
  parseVerifierKey,
  type Checkpoint,
  type VerifierKey,
} from './checkpoint.ts';
import { HASH_BYTES, sha256 } from './sha.ts';

const REQUEST = 'custos/witness-request/v1';
const ANSWER = 'custos/witness-answer/v1';
const MAX_PROOF = 63;
/** A checkpoint, its signatures and a proof are a few kilobytes. */
export const MAX_WITNESS_FILE = 64 * 1024;

export interface WitnessRequest {
  /** As `verifierKey` writes it. */
  key: string;
  /** Entries of the checkpoint that this witness is thought to have co-signed last; 0 for none. */
  old: number;
  /** RFC 6962, section 2.1.2: from `old` to the checkpoint. */
  proof: readonly Buffer[];
  note: string;
}

export interface WitnessAnswer {
  key: string;
  note: string;
}

export function encodeRequest({ key, old, proof, note }: WitnessRequest): string {
  const hashes = proof.map((hash) => `${hash.toString('base64')}\n`).join('');
  return `${REQUEST}\n${key}\nold ${old}\n${hashes}\n${note}`;
}

export interface ParsedRequest extends Omit<WitnessRequest, 'key'> {
  key: VerifierKey;
  checkpoint: Checkpoint;
}

/** Throws BAD_REQUEST for anything that is not exactly a request. */
export function parseRequest(text: string): ParsedRequest {
  const split = text.indexOf('\n\n');
  const [magic, keyLine = '', oldLine = '', ...hashes] = text
    .slice(0, Math.max(0, split))
    .split('\n');
  const note = text.slice(split + 2);
  const key = parseVerifierKey(keyLine, ED25519);
  const old = /^old (0|[1-9]\d{0,14})$/.exec(oldLine)?.[1];
  const proof = hashes.map(decodeBase64);
  const checkpoint = parseCheckpoint(note)?.checkpoint;
  if (
    split < 0 ||
    magic !== REQUEST ||
    !key ||
    old === undefined ||
    proof.length > MAX_PROOF ||
    !proof.every((hash) => hash?.length === HASH_BYTES) ||
    checkpoint?.origin !== key.name ||
    Number(old) > checkpoint.size
  ) {
    throw unreadable('a request to a witness');
  }
  return { key, old: Number(old), proof: proof as Buffer[], note, checkpoint };
}

export function encodeAnswer({ key, note }: WitnessAnswer): string {
  return `${ANSWER}\n${key}\n\n${note}`;
}

export interface ParsedAnswer extends WitnessAnswer {
  witness: VerifierKey;
  checkpoint: Checkpoint;
}

/** Throws BAD_REQUEST for anything that is not exactly an answer. */
export function parseAnswer(text: string): ParsedAnswer {
  const split = text.indexOf('\n\n');
  const [magic, key = '', ...more] = text.slice(0, Math.max(0, split)).split('\n');
  const note = text.slice(split + 2);
  const witness = parseVerifierKey(key, COSIGNATURE);
  const parsed = parseCheckpoint(note);
  if (split < 0 || magic !== ANSWER || more.length > 0 || !witness || !parsed) {
    throw unreadable('the answer of a witness');
  }
  return { key, note, witness, checkpoint: parsed.checkpoint };
}

/** Eight groups of four: what people compare when two machines meet for the first time. */
export function keyFingerprint(publicKey: Buffer): string {
  const hex = sha256(publicKey).toString('hex', 0, 16);
  return (hex.match(/.{4}/g) ?? []).join(' ');
}

function unreadable(what: string): CustosError {
  return new CustosError(
    'BAD_REQUEST',
    `This file is not ${what}, or not all of it. Take the file exactly as Custos wrote it.`,
  );
}
