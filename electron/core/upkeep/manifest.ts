/**
 * What a backup says about itself. One folder holds the originals once, and the states that were
 * backed up, each whole with them (docs/formats.md):
 *
 *   custos-backup.json          whose backup it is
 *   blobs/ab/abcd….evb          sealed originals, shared by all states
 *   states/<name>/files.txt     SHA-256 of every file of the state, as `sha256sum -c` reads it
 *   states/<name>/state.json    signed by the member who made it
 *   states/<name>/…             catalogue.db derived.db custos.json keys/ record/
 */
import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { namesIn } from '#core/store/blob-files.ts';
import { systemCode, typed } from '#core/store/errors.ts';
import { canonicalBytes, type CanonicalValue } from '#core/vault/canonical.ts';
import { publicKeyObject } from '#core/vault/curve-keys.ts';

export const MARK_FILE = 'custos-backup.json';
export const STATE_FILE = 'state.json';
export const FILES_FILE = 'files.txt';
export const STATES_FOLDER = 'states';
const MARK_FORMAT = 'custos-backup';
const STATE_FORMAT = 'custos-backup-state';
const VERSION = 1;
const PURPOSE = 'custos/backup-state/v1';
const STATE_NAME = /^\d{8}T\d{9}Z$/;
/** In a state, or (an original) in the folder that all states share. SECURITY: no way out of it. */
const OWN_FILE =
  /^(custos\.json|catalogue\.db|derived\.db|(keys|record)\/([a-z]+\/)?[A-Za-z0-9_-][A-Za-z0-9._-]*)$/;
const SHARED_FILE = /^\.\.\/\.\.\/(blobs\/[0-9a-f]{2}\/[0-9a-f]{64}\.evb)$/;

export interface StateHead {
  readonly workspace: string;
  /** Folder's name: the moment it was made, `20261122T100000000Z`. */
  readonly state: string;
  /** ISO 8601 UTC. */
  readonly madeAt: string;
  /** Member id, and their Ed25519 public key in hex. */
  readonly member: string;
  readonly signing: string;
  /** The newest checkpoint of the record in the backup; root in hex. */
  readonly entries: number;
  readonly root: string;
  /** Of `files.txt`. */
  readonly files: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ListedFile {
  /** As in `files.txt`: relative to the state's folder. */
  readonly path: string;
  readonly sha256: string;
}

export function stateName(at: Date): string {
  return at.toISOString().replaceAll(/[-:.]/g, '');
}

export function momentOf(state: string): Date {
  return new Date(state.replace(/^(....)(..)(..)T(..)(..)(..)(...)Z$/, '$1-$2-$3T$4:$5:$6.$7Z'));
}

export function stateFolder(backup: string, state: string): string {
  return path.join(backup, STATES_FOLDER, state);
}

/** Whole states, newest last. One that was never finished has another name. */
export function listStates(backup: string): string[] {
  return namesIn(path.join(backup, STATES_FOLDER)).filter((name) => STATE_NAME.test(name));
}

export function encodeMark(workspace: string): string {
  return `${JSON.stringify({ format: MARK_FORMAT, version: VERSION, workspace })}\n`;
}

/** The id of the workspace that a folder is a backup of; null where it is no backup. */
export function readMark(backup: string): string | null {
  const text = readText(path.join(backup, MARK_FILE));
  if (text === null) return null;
  const { format, version, workspace } = parse(text);
  if (format !== MARK_FORMAT || version !== VERSION || typeof workspace !== 'string') return null;
  return workspace;
}

export function encodeFiles(files: readonly ListedFile[]): string {
  return files.map(({ path: name, sha256 }) => `${sha256}  ${name}\n`).join('');
}

/** Throws BUNDLE_INVALID for a line that is none, or names a file outside the backup. */
export function parseFiles(text: string): ListedFile[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw invalid('its list of files is cut short');
  return lines.map((line) => {
    const [, sha256, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (sha256 === undefined || name === undefined) throw invalid('its list of files is damaged');
    if (!OWN_FILE.test(name) && !SHARED_FILE.test(name)) {
      throw invalid('its list names a file that a backup cannot hold');
    }
    return { path: name, sha256 };
  });
}

/** `blobs/ab/….evb` of a shared original; null for a file of the state itself. */
export function sharedPath(listed: ListedFile): string | null {
  return SHARED_FILE.exec(listed.path)?.[1] ?? null;
}

export function encodeState(head: StateHead, signing: KeyObject): string {
  const signature = sign(null, signedBytes(head), signing).toString('base64');
  return `${JSON.stringify({ ...fieldsOf(head), signature }, null, 2)}\n`;
}

/** The newest state, or the one that is named. Throws NOT_FOUND, BUNDLE_INVALID. */
export function readState(backup: string, wanted: string | null): StateHead {
  const state = wanted ?? listStates(backup).at(-1);
  if (state === undefined || !STATE_NAME.test(state)) throw noBackup();
  const text = readText(path.join(stateFolder(backup, state), STATE_FILE));
  if (text === null) throw noBackup();
  const { signature, ...fields } = parse(text);
  const head = fields as unknown as StateHead;
  const isWhole =
    fields['format'] === STATE_FORMAT &&
    fields['version'] === VERSION &&
    [head.workspace, head.state, head.madeAt, head.member, head.root, head.sha256].every(
      (value) => typeof value === 'string',
    ) &&
    [head.entries, head.files, head.bytes].every((value) => Number.isSafeInteger(value)) &&
    /^[0-9a-f]{64}$/.test(String(head.signing));
  // One way to write it only: what is not signed could else be changed without being found.
  const isPlain = `${JSON.stringify({ ...fieldsOf(head), signature }, null, 2)}\n` === text;
  if (!isWhole || !isPlain || head.state !== state)
    throw invalid('what it says about itself is damaged');
  const key = publicKeyObject('ed25519', Buffer.from(head.signing, 'hex'));
  const signed = Buffer.from(typeof signature === 'string' ? signature : '', 'base64');
  if (!verify(null, signedBytes(head), key, signed)) throw invalid('its signature does not hold');
  return head;
}

/** The files of a state, held against its signed head. Throws BUNDLE_INVALID. */
export function readFiles(backup: string, head: StateHead): ListedFile[] {
  const text = readText(path.join(stateFolder(backup, head.state), FILES_FILE));
  if (text === null || digestOf(text) !== head.sha256) {
    throw invalid('its list of files is not the one that was signed');
  }
  const files = parseFiles(text);
  if (files.length !== head.files) throw invalid('its list of files is cut short');
  return files;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function fieldsOf(head: StateHead): Record<string, CanonicalValue> {
  const { workspace, state, madeAt, member, signing, entries, root, files, bytes, sha256 } = head;
  const said = { workspace, state, madeAt, member, signing, entries, root, files, bytes, sha256 };
  return { format: STATE_FORMAT, version: VERSION, ...said };
}

function signedBytes(head: StateHead): Buffer {
  return canonicalBytes(PURPOSE, fieldsOf(head));
}

function readText(file: string): string | null {
  return typed('reading a backup', () => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return null;
      throw error;
    }
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw invalid('a file that says what it is cannot be read', error);
  }
  throw invalid('a file that says what it is cannot be read');
}

function invalid(what: string, cause?: unknown): CustosError {
  return new CustosError(
    'BUNDLE_INVALID',
    `This backup does not hold: ${what}. Nothing of it was used. Take an earlier state, or another backup.`,
    { cause },
  );
}

function noBackup(): CustosError {
  return new CustosError(
    'NOT_FOUND',
    'There is no finished backup in this folder. Choose the folder that a backup was made into.',
  );
}
