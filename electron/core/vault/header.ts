/**
 * custos.json, the public face of a workspace: what is needed before anybody has unlocked it.
 * It holds no secret and no name.
 *
 * It never changes after it was written: its digest is the identity of the workspace, sealed into
 * every member's slot, so that an exchanged header is found at the next unlocking; its short form,
 * the fingerprint, is what people compare by eye.
 */
import { createHash, randomBytes } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import { canonicalBytes, type CanonicalValue } from './canonical.ts';
import { type Fields, hex, parseFields, readOrDamaged, text } from './fields.ts';

export const HEADER_FILE = 'custos.json';
const FORMAT = 'custos-workspace';
const VERSION = 1;

export interface WorkspaceHeader {
  /** 32 hex characters. */
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly created: string;
  /** 32 bytes: makes the names of slots differ between workspaces. */
  readonly salt: Buffer;
  /** 32 bytes, X25519: whoever writes to the record seals to it. */
  readonly recordPublic: Buffer;
  /** 32 bytes, Ed25519: verifies checkpoints. */
  readonly checkpointPublic: Buffer;
  /** 32 bytes, Ed25519: where every chain of role statements ends. */
  readonly founderPublic: Buffer;
}

export function newHeader(
  created: Date,
  keys: Pick<WorkspaceHeader, 'recordPublic' | 'checkpointPublic' | 'founderPublic'>,
): WorkspaceHeader {
  return {
    id: randomBytes(16).toString('hex'),
    created: created.toISOString(),
    salt: randomBytes(32),
    recordPublic: keys.recordPublic,
    checkpointPublic: keys.checkpointPublic,
    founderPublic: keys.founderPublic,
  };
}

export function encodeHeader(header: WorkspaceHeader): string {
  return `${JSON.stringify(publicFields(header), null, 2)}\n`;
}

/** Errors: NOT_A_WORKSPACE, NEWER_WORKSPACE, WORKSPACE_DAMAGED. */
export function parseHeader(contents: string): WorkspaceHeader {
  const fields = fieldsOfWorkspace(contents);
  if (typeof fields['version'] === 'number' && fields['version'] > VERSION) {
    throw new CustosError(
      'NEWER_WORKSPACE',
      'This workspace was made by a newer version of Custos. Open it with that version; this one would not understand all of it.',
    );
  }
  return readOrDamaged('The header of this workspace (custos.json)', () => ({
    id: hex(fields, 'id', 16),
    created: text(fields, 'created'),
    salt: bytes(fields, 'salt'),
    recordPublic: bytes(fields, 'recordPublic'),
    checkpointPublic: bytes(fields, 'checkpointPublic'),
    founderPublic: bytes(fields, 'founderPublic'),
  }));
}

/** 64 hex characters: SHA-256 over every public field. The workspace's identity. */
export function identityOf(header: WorkspaceHeader): string {
  const bytes = canonicalBytes('custos/workspace/v1', publicFields(header));
  return createHash('sha256').update(bytes).digest('hex');
}

/** Eight groups of four: the first 128 bits of the identity, for people to compare. */
export function fingerprintOf(header: WorkspaceHeader): string {
  const groups = identityOf(header).slice(0, 32).match(/.{4}/g) ?? [];
  return groups.join(' ');
}

export function notAWorkspace(cause?: unknown): CustosError {
  return new CustosError(
    'NOT_A_WORKSPACE',
    'This folder is not a Custos workspace: it has no readable custos.json. Choose the folder that was made when the workspace was created.',
    { cause },
  );
}

/** What custos.json holds; the identity is over exactly these. */
export function publicFields(header: WorkspaceHeader): { readonly [key: string]: CanonicalValue } {
  return {
    format: FORMAT,
    version: VERSION,
    id: header.id,
    created: header.created,
    salt: header.salt.toString('hex'),
    recordPublic: header.recordPublic.toString('hex'),
    checkpointPublic: header.checkpointPublic.toString('hex'),
    founderPublic: header.founderPublic.toString('hex'),
  };
}

function fieldsOfWorkspace(contents: string): Fields {
  let fields: Fields;
  try {
    fields = parseFields(contents);
  } catch (cause) {
    throw notAWorkspace(cause);
  }
  if (fields['format'] !== FORMAT) throw notAWorkspace();
  return fields;
}

function bytes(fields: Fields, key: string): Buffer {
  return Buffer.from(hex(fields, key, 32), 'hex');
}
