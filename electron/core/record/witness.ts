/**
 * Being a witness: another workstation (or a stick with a machine folder of its own) that
 * remembers how far it has seen somebody's record, and co-signs only what continues it.
 *
 *   <machine folder>/witness/key.json                       this witness's own key
 *   <machine folder>/witness/<record>/000001.json, …        every checkpoint it co-signed, in order
 *
 * <record>: first 16 bytes of SHA-256 of the origin, in hex. Nothing is ever overwritten.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import { generateRawKeyPair, privateKeyObject, rawPublicKey } from '#core/vault/curve-keys.ts';
import { COSIGNATURE, verifierKey, verifyCheckpoint } from './checkpoint.ts';
import { cosign, type WitnessKey } from './cosignature.ts';
import { nodeFiles, syncDir, writeFileDurably } from './files.ts';
import { sha256 } from './sha.ts';
import { verifyConsistency } from './tree.ts';
import { encodeAnswer, keyFingerprint, parseRequest, type ParsedRequest } from './witness-files.ts';

export interface Witnessed {
  /** The file to carry back. */
  answer: string;
  origin: string;
  size: number;
  /** Entries that this witness had seen before; 0 where it sees the record for the first time. */
  before: number;
  /** The witness's own name and fingerprint, which the other side shows. */
  witness: string;
  fingerprint: string;
}

/** What this witness saw last of one record. */
interface Memory {
  /** From 1. */
  number: number;
  origin: string;
  /** Public key of the record, hex. */
  key: string;
  size: number;
  /** Hex. */
  root: string;
}

/**
 * Checks a request against everything this witness has seen and co-signs its checkpoint.
 * `trust`: fingerprint of the record's key as a person compared it; needed at the first meeting.
 * Errors: BAD_REQUEST (no request, or made for another state than the one remembered),
 * NOT_ALLOWED (a record never seen before that nobody vouched for), RECORD_TAMPERED (rolled back,
 * forked, or signed with another key), IO_FAILED.
 */
export function witness(
  machineDir: string,
  request: string,
  options: { trust: string | null; now: Date },
): Witnessed {
  const asked = parseRequest(request);
  const { checkpoint, key } = asked;
  if (!verifyCheckpoint(asked.note, checkpoint.origin, key.publicKey)) {
    throw new CustosError(
      'RECORD_TAMPERED',
      'The checkpoint in this file is not signed with the key beside it. It was changed; nothing was co-signed.',
    );
  }
  const place = memoryDir(machineDir, checkpoint.origin);
  const last = recall(place, checkpoint.origin);
  if (last) requireContinuation(asked, last, options.trust);
  else requireTrusted(asked, options.trust);

  const own = ownKey(machineDir);
  // SECURITY: remembered durably before anything is signed, so that a crash can only make this
  // witness more careful, and never lets it sign two roots for one size.
  if (last?.size !== checkpoint.size) {
    remember(place, {
      number: (last?.number ?? 0) + 1,
      origin: checkpoint.origin,
      key: key.publicKey.toString('hex'),
      size: checkpoint.size,
      root: checkpoint.root.toString('hex'),
    });
  }
  return {
    answer: encodeAnswer({
      key: verifierKey(own.name, own.publicKey, COSIGNATURE),
      note: cosign(asked.note, checkpoint, own, options.now),
    }),
    origin: checkpoint.origin,
    size: checkpoint.size,
    before: last?.size ?? 0,
    witness: own.name,
    fingerprint: keyFingerprint(own.publicKey),
  };
}

function isTrusted({ key }: ParsedRequest, trust: string | null): boolean {
  const fingerprint = keyFingerprint(key.publicKey).replaceAll(' ', '');
  return trust?.replaceAll(/\s/g, '').toLowerCase() === fingerprint;
}

function requireTrusted(asked: ParsedRequest, trust: string | null): void {
  if (!isTrusted(asked, trust)) {
    const fingerprint = keyFingerprint(asked.key.publicKey);
    throw new CustosError(
      'NOT_ALLOWED',
      `This witness has never seen this record. Its key says: ${fingerprint}. Compare that with what the other workstation showed; if it is the same, run this again with --trust "${fingerprint}".`,
    );
  }
  if (asked.old !== 0) throw madeForOther(0);
}

/** SECURITY: the order of these checks is that of C2SP tlog-witness; each one refuses. */
function requireContinuation(asked: ParsedRequest, last: Memory, trust: string | null): void {
  const { key, old, proof } = asked;
  const { size, root } = asked.checkpoint;
  if (key.publicKey.toString('hex') !== last.key && !isTrusted(asked, trust)) {
    throw refused(
      `is signed with another key than the one this witness knows for it. If its keys were rotated, compare the new one and say --trust "${keyFingerprint(key.publicKey)}"`,
    );
  }
  if (size < last.size) {
    throw refused(
      `has ${size} entries, but this witness has seen ${last.size}: it was cut off, or put back to an earlier state`,
    );
  }
  const same = root.toString('hex') === last.root;
  if (size === last.size) {
    if (!same) throw forked(last.size);
    return;
  }
  if (old !== last.size) throw madeForOther(last.size);
  const fromRoot = Buffer.from(last.root, 'hex');
  if (!verifyConsistency({ from: old, fromRoot, to: size, toRoot: root, proof })) {
    throw forked(last.size);
  }
}

function forked(size: number): CustosError {
  return refused(`does not begin with the ${size} entries this witness has seen`);
}

function refused(what: string): CustosError {
  return new CustosError(
    'RECORD_TAMPERED',
    `The record ${what}. Nothing was co-signed. Keep this file, and tell a supervisor who was not at that workstation.`,
  );
}

function madeForOther(size: number): CustosError {
  return new CustosError(
    'BAD_REQUEST',
    `This witness has seen ${size} entries of that record, and the file was made for another number. Make it again with --old ${size}.`,
  );
}

function memoryDir(machineDir: string, origin: string): string {
  // Named by a hash: an origin read from a file never becomes part of a path.
  const name = sha256(Buffer.from(origin)).toString('hex', 0, 16);
  return path.join(machineDir, 'witness', name);
}

/** Null where this record was never seen. Throws IO_FAILED for a memory that has gaps or damage. */
function recall(place: string, origin: string): Memory | null {
  const names = filesIn(place).sort();
  if (names.length === 0) return null;
  if (names.some((name, i) => name !== fileName(i + 1))) throw forgotten();
  const text = readFileSync(path.join(place, names.at(-1) as string), 'utf8');
  const { version, ...memory } = (parseJson(text) ?? {}) as Memory & { version?: number };
  const whole =
    version === 1 &&
    memory.number === names.length &&
    memory.origin === origin &&
    Number.isSafeInteger(memory.size) &&
    [memory.key, memory.root].every((hex) => /^[0-9a-f]{64}$/.test(hex));
  if (!whole) throw forgotten();
  return memory;
}

function filesIn(place: string): string[] {
  try {
    return readdirSync(place).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw forgotten(error);
  }
}

function fileName(number: number): string {
  return `${String(number).padStart(6, '0')}.json`;
}

/** SECURITY: a damaged memory is never taken for "not seen before". */
function forgotten(cause?: unknown): CustosError {
  return new CustosError(
    'IO_FAILED',
    'What this witness remembers of that record is damaged or incomplete, so it cannot co-sign. Restore its `witness` folder from a backup.',
    { cause },
  );
}

/** Throws WORKSPACE_BUSY where another process was first: of two requests one is refused. */
function remember(place: string, memory: Memory): void {
  const target = path.join(place, fileName(memory.number));
  const temporary = path.join(place, `${randomBytes(8).toString('hex')}.part`);
  onDisk(() => {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const text = `${JSON.stringify({ version: 1, ...memory })}\n`;
    writeFileDurably(nodeFiles, temporary, Buffer.from(text));
    try {
      // A link fails where the name is taken: unlike a rename, it never replaces.
      linkSync(temporary, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw busy();
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
    syncDir(nodeFiles, place);
  });
}

function busy(): CustosError {
  return new CustosError(
    'WORKSPACE_BUSY',
    'Another request for the same record was co-signed at this moment. Run this again.',
  );
}

/** Made at first use. Kept in clear, readable by this user alone: a witness has no password. */
function ownKey(machineDir: string): WitnessKey {
  const file = path.join(machineDir, 'witness', 'key.json');
  const found = readKey(file);
  const pair = found ?? generateRawKeyPair('ed25519').privateKey;
  if (!found) {
    const text = `${JSON.stringify({ version: 1, privateKey: pair.toString('hex') })}\n`;
    onDisk(() => {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
      writeFileDurably(nodeFiles, file, Buffer.from(text));
    });
  }
  const privateKey = privateKeyObject('ed25519', pair);
  const publicKey = rawPublicKey(privateKey);
  return { name: `custos/witness/${publicKey.toString('hex', 0, 8)}`, publicKey, privateKey };
}

function readKey(file: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw forgotten(error);
  }
  const { privateKey } = (parseJson(text) ?? {}) as { privateKey?: unknown };
  if (typeof privateKey !== 'string' || !/^[0-9a-f]{64}$/.test(privateKey)) throw forgotten();
  return Buffer.from(privateKey, 'hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the caller says what is damaged
  }
}

function onDisk(work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (isCustosError(cause)) throw cause;
    throw new CustosError(
      'IO_FAILED',
      'This witness could not keep what it saw, so it co-signed nothing. Its folder must be writable and on a file system with links (not FAT).',
      { cause },
    );
  }
}
