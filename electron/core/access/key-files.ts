/** Where the header, slots and grants of a workspace lie, and reading and writing them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { asCustosError, systemCode } from '#core/store/errors.ts';
import { makeFolder, removeFileDurably, writeFileDurably } from '#core/store/files.ts';
import { encodeGrant, parseGrant, type Grant } from '#core/vault/grants.ts';
import {
  encodeHeader,
  fingerprintOf,
  HEADER_FILE,
  notAWorkspace,
  parseHeader,
  type WorkspaceHeader,
} from '#core/vault/header.ts';
import type { RecordPublicKeys } from '#core/vault/types.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { encodeEpochs, parseEpochs, recordKeysOf, type SignedEpoch } from './epochs.ts';

/** No file here is ever larger; anything else is not ours. */
const MAX_BYTES = 64 * 1024;

/** What is known of a workspace before anybody has unlocked it. */
export interface WorkspaceFace {
  readonly id: string;
  /** The folder's own name. */
  readonly name: string;
  readonly fingerprint: string;
  readonly created: string;
}

/** Errors: NOT_A_WORKSPACE, NEWER_WORKSPACE, WORKSPACE_DAMAGED, IO_FAILED. */
export function describeWorkspace(dir: string): WorkspaceFace {
  return faceOf(dir, readHeader(dir));
}

export function faceOf(dir: string, header: WorkspaceHeader): WorkspaceFace {
  return {
    id: header.id,
    name: path.basename(path.resolve(dir)),
    fingerprint: fingerprintOf(header),
    created: header.created,
  };
}

/** Errors: NOT_A_WORKSPACE, NEWER_WORKSPACE, WORKSPACE_DAMAGED, IO_FAILED. */
export function readHeader(dir: string): WorkspaceHeader {
  const contents = readSmallFile(path.join(dir, HEADER_FILE));
  if (contents === null) throw notAWorkspace();
  return parseHeader(contents);
}

/**
 * SECURITY: the header as it was at unlocking. A new member is bound to the header that is found
 * now; one exchanged meanwhile would have them seal the record to somebody else's key.
 */
export function headerOf(workspace: { dir: string; fingerprint: string }): WorkspaceHeader {
  const header = readHeader(workspace.dir);
  if (fingerprintOf(header) === workspace.fingerprint) return header;
  throw new CustosError(
    'WORKSPACE_DAMAGED',
    'The header of this workspace (custos.json) was changed or exchanged since you unlocked it. Nothing was done. Restore the file from a backup.',
  );
}

export function writeHeader(dir: string, header: WorkspaceHeader): void {
  writeFileDurably(path.join(dir, HEADER_FILE), encodeHeader(header));
}

export function makeKeyFolders(dir: string): void {
  makeFolder(path.join(dir, 'keys', 'grants'));
}

/** The one slot that opens by password, or null where there are several (or none). */
export function onlySlotId(dir: string): string | null {
  const ids = readdirSync(path.join(dir, 'keys'))
    .map((file) => /^([0-9a-f]{32})\.slot$/.exec(file)?.[1])
    .filter((id) => id !== undefined);
  return ids.length === 1 ? (ids[0] ?? null) : null;
}

/** Null where there is no such slot. */
export function readSlot(dir: string, slotId: string): string | null {
  return readSmallFile(slotPath(dir, slotId));
}

export function writeSlot(dir: string, slotId: string, contents: string): void {
  writeFileDurably(slotPath(dir, slotId), contents);
}

export function removeSlot(dir: string, slotId: string): void {
  removeFileDurably(slotPath(dir, slotId));
}

/** Errors: KEY_UNAVAILABLE where the member has no grant, WORKSPACE_DAMAGED. */
export function readGrant(dir: string, workspace: string, member: string): Grant {
  const contents = readSmallFile(grantPath(dir, member));
  if (contents === null) {
    throw new CustosError(
      'KEY_UNAVAILABLE',
      'The file with the keys granted to this member is missing. Restore it from a backup, or ask a supervisor to add the member again.',
    );
  }
  return parseGrant(contents, workspace, member);
}

export function writeGrant(dir: string, grant: Grant): void {
  writeFileDurably(grantPath(dir, grant.member), encodeGrant(grant));
}

/** Takes away the keys of a member who is none, or none any more. */
export function removeKeyFiles(dir: string, slotId: string, member: string): void {
  removeFileDurably(slotPath(dir, slotId));
  removeFileDurably(grantPath(dir, member));
}

/** The record's key epochs as they are known before anybody unlocks; none where there is no file. */
export function readEpochs(dir: string, workspace: string): SignedEpoch[] {
  const contents = readSmallFile(epochsPath(dir));
  return contents === null ? [] : parseEpochs(contents, workspace);
}

/** What the checkpoints of a record are signed with, from the public files beside it. */
export function checkpointKeysIn(
  dir: string,
): Pick<RecordPublicKeys, 'checkpointPublic' | 'earlierCheckpoints'> {
  const header = readHeader(dir);
  const { checkpointPublic, earlierCheckpoints } = recordKeysOf(header, readEpochs(dir, header.id));
  return { checkpointPublic, earlierCheckpoints };
}

/** Makes the file say what the catalogue says. Returns whether that changed anything. */
export function writeEpochs(
  dir: string,
  workspace: string,
  epochs: readonly SignedEpoch[],
): boolean {
  const contents = epochs.length === 0 ? null : encodeEpochs(workspace, epochs);
  if (readSmallFile(epochsPath(dir)) === contents) return false;
  if (contents === null) removeFileDurably(epochsPath(dir));
  else writeFileDurably(epochsPath(dir), contents);
  return true;
}

export function attemptsPath(dir: string): string {
  return path.join(dir, 'keys', 'attempts.json');
}

/** Null where there is no such file; a folder or a huge file in its place is no file of ours. */
export function readSmallFile(file: string): string | null {
  try {
    const { size } = statSync(file);
    return size > MAX_BYTES ? null : readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error))) return null;
    throw asCustosError(error, 'reading a file of the workspace');
  }
}

function epochsPath(dir: string): string {
  return path.join(dir, 'keys', 'epochs.json');
}

function slotPath(dir: string, slotId: string): string {
  return path.join(dir, 'keys', `${slotId}.slot`);
}

function grantPath(dir: string, member: string): string {
  return path.join(dir, 'keys', 'grants', `${member}.grant`);
}
