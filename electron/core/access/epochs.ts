/**
 * Epochs of the record's public keys. The header names those of the first epoch and never changes;
 * every later epoch is a statement signed by a supervisor, chained to the one before. The catalogue
 * holds the statements; `keys/epochs.json` is a copy of them for whoever has to write to the record
 * or check it before anybody is let in.
 */
import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import type { MemberRow } from '#core/store/tables/members.ts';
import { canonicalText } from '#core/vault/canonical.ts';
import { publicKeyObject } from '#core/vault/curve-keys.ts';
import {
  asFields,
  BadField,
  base64,
  epochNumber,
  hex,
  parseFields,
  readOrDamaged,
  text,
  whole,
} from '#core/vault/fields.ts';
import { identityOf, type WorkspaceHeader } from '#core/vault/header.ts';
import { FIRST_EPOCH } from '#core/vault/keyring.ts';
import type { RecordPublicKeys } from '#core/vault/types.ts';
import type { Revocations } from './revocations.ts';

const FORMAT = 'custos-epochs';
const STATEMENT_FORMAT = 'custos-epoch';
const VERSION = 1;
const PURPOSE = 'custos/epoch/v1\0';
const WHAT = 'The list of key epochs';

export interface SignedEpoch {
  /** Canonical text. */
  readonly statement: string;
  /** 64 bytes, Ed25519 by `by`. */
  readonly signature: Buffer;
}

export interface Epoch {
  readonly workspace: string;
  readonly epoch: number;
  /** 64 hex characters: SHA-256 of the statement before, or the header's identity. */
  readonly previous: string;
  /** 32 bytes each. */
  readonly recordPublic: Buffer;
  readonly checkpointPublic: Buffer;
  /** Entries of the record when this epoch began: the checkpoint key before signs no more. */
  readonly until: number;
  /** Ids of everybody whose membership had been revoked by then, sorted. */
  readonly revoked: readonly string[];
  readonly at: string;
  readonly by: string;
}

/** `previous` follows from the chain so far. */
export function signEpoch(
  header: WorkspaceHeader,
  chain: readonly SignedEpoch[],
  epoch: Omit<Epoch, 'workspace' | 'previous'>,
  signing: KeyObject,
): SignedEpoch {
  const previous = digestBefore(header, chain, chain.length);
  const statement = epochText({ ...epoch, workspace: header.id, previous });
  return { statement, signature: sign(null, Buffer.from(PURPOSE + statement), signing) };
}

/** Errors: WORKSPACE_DAMAGED. Signatures are checked by `requireGenuineEpochs`. */
export function recordKeysOf(
  header: WorkspaceHeader,
  chain: readonly SignedEpoch[],
): RecordPublicKeys {
  const earlierCheckpoints: { publicKey: Buffer; until: number }[] = [];
  const recordPublics = new Map([[FIRST_EPOCH, header.recordPublic]]);
  let { recordPublic, checkpointPublic } = header;
  let before = FIRST_EPOCH;
  chain.forEach((signed, at) => {
    const epoch = parseEpoch(signed.statement);
    const chained = epoch.previous === digestBefore(header, chain, at);
    if (epoch.workspace !== header.id || epoch.epoch <= before || !chained) throw damagedEpochs();
    earlierCheckpoints.push({ publicKey: checkpointPublic, until: epoch.until });
    recordPublics.set(epoch.epoch, epoch.recordPublic);
    ({ recordPublic, checkpointPublic } = epoch);
    before = epoch.epoch;
  });
  return { recordPublic, checkpointPublic, earlierCheckpoints, recordPublics };
}

/**
 * SECURITY: whoever could exchange these keys would have the record written to a key of their own.
 * Each epoch is signed by somebody who was a supervisor when it began, and everybody it names as
 * revoked still is. `rows` have been checked (`requireGenuine`). Throws WORKSPACE_DAMAGED.
 */
export function requireGenuineEpochs(
  chain: readonly SignedEpoch[],
  rows: readonly MemberRow[],
  revocations: Revocations,
): void {
  for (const { statement, signature } of chain) {
    const { by, epoch, revoked } = parseEpoch(statement);
    const signer = rows.find((row) => row.id === by);
    if (
      !signer?.roles.includes('supervisor') ||
      (revocations.get(by) ?? epoch) < epoch ||
      !verify(
        null,
        Buffer.from(PURPOSE + statement),
        publicKeyObject('ed25519', signer.signingKey),
        signature,
      ) ||
      !revoked.every((id) => revocations.has(id))
    ) {
      throw damagedEpochs();
    }
  }
}

/** The contents of `keys/epochs.json`. */
export function encodeEpochs(workspace: string, chain: readonly SignedEpoch[]): string {
  const epochs = chain.map(storedEpoch);
  return `${JSON.stringify({ format: FORMAT, version: VERSION, workspace, epochs }, null, 2)}\n`;
}

/** Errors: WORKSPACE_DAMAGED. */
export function parseEpochs(contents: string, workspace: string): SignedEpoch[] {
  return readOrDamaged(WHAT, () => {
    const fields = parseFields(contents);
    if (text(fields, 'format') !== FORMAT) throw new BadField('format');
    if (whole(fields, 'version') > VERSION) {
      throw new CustosError(
        'NEWER_WORKSPACE',
        'The keys of this workspace were last changed by a newer version of Custos. Open it with that version.',
      );
    }
    if (hex(fields, 'workspace', 16) !== workspace) throw new BadField('workspace');
    return readStoredEpochs(fields['epochs']);
  });
}

/** An epoch as it stands in a JSON file or value. */
export function storedEpoch({ statement, signature }: SignedEpoch): Record<string, string> {
  return { statement, signature: signature.toString('base64') };
}

/** Throws BadField. */
export function readStoredEpochs(value: unknown): SignedEpoch[] {
  if (!Array.isArray(value)) throw new BadField('epochs');
  return value.map((entry) => {
    const fields = asFields(entry);
    const signature = base64(fields, 'signature');
    if (signature.length !== 64) throw new BadField('signature');
    return { statement: text(fields, 'statement'), signature };
  });
}

/** Errors: WORKSPACE_DAMAGED, also for a second way to write the same down. */
function parseEpoch(statement: string): Epoch {
  return readOrDamaged(WHAT, () => {
    const fields = parseFields(statement);
    const revoked = fields['revoked'];
    if (!Array.isArray(revoked)) throw new BadField('revoked');
    const epoch: Epoch = {
      workspace: hex(fields, 'workspace', 16),
      epoch: epochNumber(fields, 'epoch'),
      previous: hex(fields, 'previous', 32),
      recordPublic: Buffer.from(hex(fields, 'recordPublic', 32), 'hex'),
      checkpointPublic: Buffer.from(hex(fields, 'checkpointPublic', 32), 'hex'),
      until: whole(fields, 'until'),
      revoked: revoked.map(String),
      at: text(fields, 'at'),
      by: hex(fields, 'by', 16),
    };
    if (epochText(epoch) !== statement) throw new BadField('statement');
    return epoch;
  });
}

function epochText(epoch: Epoch): string {
  return canonicalText({
    format: STATEMENT_FORMAT,
    version: VERSION,
    workspace: epoch.workspace,
    epoch: epoch.epoch,
    previous: epoch.previous,
    recordPublic: epoch.recordPublic.toString('hex'),
    checkpointPublic: epoch.checkpointPublic.toString('hex'),
    until: epoch.until,
    revoked: epoch.revoked,
    at: epoch.at,
    by: epoch.by,
  });
}

function digestBefore(header: WorkspaceHeader, chain: readonly SignedEpoch[], at: number): string {
  const before = chain[at - 1];
  if (before === undefined) return identityOf(header);
  return createHash('sha256')
    .update(PURPOSE + before.statement)
    .digest('hex');
}

function damagedEpochs(): CustosError {
  return new CustosError(
    'WORKSPACE_DAMAGED',
    `${WHAT} is not what supervisors of this workspace signed: it was changed outside Custos. Nothing was opened. Keep a copy of the workspace folder as it is, then restore from a backup.`,
  );
}
