/** Tables `imports` and `refusals`: the balanced ledger and everything that was turned away. */
import type { ImportState } from '#shared/domain/words.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { expectChanges, insertedId, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface ImportRow {
  id: number;
  caseId: number;
  source: string;
  exhibit: string;
  /** Member id. */
  acquirer: string;
  /** Member's name. */
  acquirerName: string;
  state: ImportState;
  startedAt: string;
  endedAt: string | null;
  offered: number;
  added: number;
  duplicate: number;
  unreadable: number;
  refused: number;
  bytes: number;
  message: string | null;
  stacks: number;
}

export interface NewImport {
  caseId: number;
  source: string;
  exhibit: string;
  acquirer: string;
  startedAt: string;
  seq: number;
}

/** What one batch adds to the ledger; `offered` is their sum, kept by the statement itself. */
export interface LedgerStep {
  added: number;
  duplicate: number;
  unreadable: number;
  refused: number;
  bytes: number;
}

export interface RefusalRow {
  importId: number;
  pathRaw: Buffer;
  pathDisplay: string;
  code: string;
  reason: string;
}

const SELECT = `SELECT i.id, i.case_id AS caseId, i.source, i.exhibit, i.acquirer,
    m.name AS acquirerName, i.state, i.started_at AS startedAt, i.ended_at AS endedAt, i.offered,
    i.added, i.duplicate, i.unreadable, i.refused, i.bytes, i.message,
    (SELECT count(DISTINCT t.stack_id) FROM occurrences o JOIN items t ON t.id = o.item_id
      WHERE o.import_id = i.id) AS stacks
  FROM imports i JOIN members m ON m.id = i.acquirer`;

export function insertImport(db: Writer, row: NewImport): number {
  const result = prepared<[NewImport]>(
    db,
    `INSERT INTO imports (case_id, source, exhibit, acquirer, state, started_at, seq)
     VALUES (@caseId, @source, @exhibit, @acquirer, 'running', @startedAt, @seq)`,
  ).run(row);
  return insertedId(result, 'the imports');
}

export function addToLedger(db: Writer, id: number, step: LedgerStep): void {
  const result = prepared<[LedgerStep & { id: number }]>(
    db,
    `UPDATE imports SET added = added + @added, duplicate = duplicate + @duplicate,
       unreadable = unreadable + @unreadable, refused = refused + @refused,
       offered = offered + @added + @duplicate + @unreadable + @refused, bytes = bytes + @bytes
     WHERE id = @id AND state = 'running'`,
  ).run({ ...step, id });
  expectChanges(result, 1, 'an import');
}

export function endImport(
  db: Writer,
  id: number,
  end: { state: ImportState; endedAt: string; message: string | null },
): void {
  const result = prepared<[typeof end & { id: number }]>(
    db,
    `UPDATE imports SET state = @state, ended_at = @endedAt, message = @message
     WHERE id = @id AND state = 'running'`,
  ).run({ ...end, id });
  expectChanges(result, 1, 'an import');
}

export function getImport(db: Reader, id: number): ImportRow {
  const row = prepared<[number], ImportRow>(db, `${SELECT} WHERE i.id = ?`).get(id);
  if (!row) throw new CustosError('NOT_FOUND', 'There is no such import in this workspace.');
  return row;
}

/** Newest first. */
export function listImports(db: Reader, caseId: number): ImportRow[] {
  return prepared<[number], ImportRow>(db, `${SELECT} WHERE i.case_id = ? ORDER BY i.id DESC`).all(
    caseId,
  );
}

/** Imports that have not ended: at unlocking, those a crash has cut short. */
export function listRunningImports(db: Reader): { id: number; caseId: number }[] {
  const sql = `SELECT id, case_id AS caseId FROM imports WHERE state = 'running' ORDER BY id`;
  return prepared<[], { id: number; caseId: number }>(db, sql).all();
}

/** Files per second over the workspace's finished imports, or null where there is none yet. */
export function measuredSpeed(db: Reader): number | null {
  const row = prepared<[], { files: number | null; seconds: number | null }>(
    db,
    `SELECT sum(offered) AS files,
            sum((julianday(ended_at) - julianday(started_at)) * 86400.0) AS seconds
     FROM imports WHERE state = 'done' AND added > 0`,
  ).get();
  return row?.files && row.seconds ? row.files / row.seconds : null;
}

export function insertRefusal(db: Writer, row: RefusalRow): void {
  prepared<[RefusalRow]>(
    db,
    `INSERT INTO refusals (import_id, path_raw, path_display, code, reason)
     VALUES (@importId, @pathRaw, @pathDisplay, @code, @reason)`,
  ).run(row);
}

export interface FailureRow {
  path: string;
  outcome: 'unreadable' | 'refused';
  code: string;
  reason: string;
  itemId: number | null;
}

/**
 * What the ledger counts as refused or unreadable: refusals first, then states. Bytes that were
 * unreadable before are duplicates in a later import, as in its ledger.
 */
export function listFailures(
  db: Reader,
  importId: number,
  page: { offset: number; limit: number },
): { total: number; failures: FailureRow[] } {
  const union = `
    SELECT r.path_display AS path, 'refused' AS outcome, r.code, r.reason, NULL AS itemId, r.id
      FROM refusals r WHERE r.import_id = @importId
    UNION ALL
    SELECT o.path_display, 'unreadable', i.unreadable_code, i.unreadable_reason, i.id, o.id
      FROM occurrences o JOIN items i ON i.id = o.item_id
      WHERE o.import_id = @importId AND i.state = 'unreadable'
        AND o.id = (SELECT min(id) FROM occurrences WHERE item_id = i.id)`;
  const counted = prepared<[{ importId: number }], { total: number }>(
    db,
    `SELECT count(*) AS total FROM (${union})`,
  ).get({ importId });
  const failures = prepared<[object], FailureRow>(
    db,
    `SELECT path, outcome, code, reason, itemId FROM (${union})
     ORDER BY outcome, id LIMIT @limit OFFSET @offset`,
  ).all({ importId, ...page });
  return { total: counted?.total ?? 0, failures };
}
