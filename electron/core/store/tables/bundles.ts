/** Table `bundles`: what was asked for, approved and built. */
import type { BundleState, Edition } from '#shared/domain/words.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { expectChanges, insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface BundleRow {
  id: number;
  caseId: number;
  caseRef: string;
  edition: Edition;
  /** age recipients, as they were accepted. */
  recipients: string[];
  state: BundleState;
  needsApproval: boolean;
  /** Member ids and, beside them, names. */
  requestedBy: string;
  requestedByName: string;
  requestedAt: string;
  approvedBy: string | null;
  approvedByName: string | null;
  approvedAt: string | null;
  builtByName: string | null;
  builtAt: string | null;
  items: number;
  bytes: number | null;
  sha256: Buffer | null;
  message: string | null;
}

type StoredRow = Omit<BundleRow, 'recipients' | 'needsApproval'> & {
  recipients: string;
  needsApproval: number;
};

export interface NewBundle {
  caseId: number;
  edition: Edition;
  recipients: readonly string[];
  needsApproval: boolean;
  requestedBy: string;
  requestedAt: string;
  items: number;
  seq: number;
}

const SELECT = `SELECT b.id, b.case_id AS caseId, c.ref AS caseRef, b.edition, b.recipients, b.state,
    b.needs_approval AS needsApproval, b.requested_by AS requestedBy, r.name AS requestedByName,
    b.requested_at AS requestedAt, b.approved_by AS approvedBy, a.name AS approvedByName,
    b.approved_at AS approvedAt, m.name AS builtByName, b.built_at AS builtAt, b.items, b.bytes,
    b.sha256, b.message
  FROM bundles b JOIN cases c ON c.id = b.case_id JOIN members r ON r.id = b.requested_by
    LEFT JOIN members a ON a.id = b.approved_by LEFT JOIN members m ON m.id = b.built_by`;

/** Returns the new bundle's id. */
export function insertBundle(db: Writer, row: NewBundle): number {
  const result = prepared<[object]>(
    db,
    `INSERT INTO bundles (case_id, edition, recipients, state, needs_approval, requested_by,
       requested_at, items, seq)
     VALUES (@caseId, @edition, @recipients, 'requested', @needsApproval, @requestedBy,
       @requestedAt, @items, @seq)`,
  ).run({
    ...row,
    recipients: JSON.stringify(row.recipients),
    needsApproval: row.needsApproval ? 1 : 0,
  });
  return insertedId(result, 'the bundles');
}

export function getBundle(db: Reader, id: number): BundleRow {
  const row = prepared<[number], StoredRow>(db, `${SELECT} WHERE b.id = ?`).get(id);
  if (!row) throw new CustosError('NOT_FOUND', 'There is no such bundle in this workspace.');
  return fromStored(row);
}

/** Newest first; of one case, or of all where `caseId` is null. */
export function listBundleRows(db: Reader, caseId: number | null): BundleRow[] {
  const rows = prepared<[{ caseId: number | null }], StoredRow>(
    db,
    `${SELECT} WHERE @caseId IS NULL OR b.case_id = @caseId ORDER BY b.id DESC`,
  ).all({ caseId });
  return rows.map(fromStored);
}

/** Fails where the bundle was approved meanwhile. */
export function markApproved(
  db: Writer,
  id: number,
  change: { approvedBy: string; approvedAt: string; seq: number },
): void {
  const result = prepared<[object]>(
    db,
    `UPDATE bundles SET state = 'approved', approved_by = @approvedBy, approved_at = @approvedAt,
       seq = @seq
     WHERE id = @id AND state IN ('requested','failed') AND approved_by IS NULL`,
  ).run({ ...change, id });
  expectChanges(result, 1, 'a bundle');
}

/** Fails where the bundle was built meanwhile. */
export function markBuilt(
  db: Writer,
  id: number,
  change: {
    builtBy: string;
    builtAt: string;
    items: number;
    bytes: number;
    sha256: Buffer;
    seq: number;
  },
): void {
  const result = prepared<[object]>(
    db,
    `UPDATE bundles SET state = 'built', built_by = @builtBy, built_at = @builtAt, items = @items,
       bytes = @bytes, sha256 = @sha256, message = NULL, seq = @seq
     WHERE id = @id AND state <> 'built'`,
  ).run({ ...change, id });
  expectChanges(result, 1, 'a bundle');
}

/** Keeps the approval: the same request may be built again once the reason is gone. */
export function markFailed(db: Writer, id: number, change: { message: string; seq: number }): void {
  prepared<[object]>(
    db,
    `UPDATE bundles SET state = 'failed', message = @message, seq = @seq
     WHERE id = @id AND state <> 'built'`,
  ).run({ ...change, id });
}

function fromStored(row: StoredRow): BundleRow {
  return {
    ...row,
    recipients: JSON.parse(row.recipients) as string[],
    needsApproval: row.needsApproval === 1,
  };
}
