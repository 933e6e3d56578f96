/**
 * Table `cases`. `get…` expects the row to be there and throws NOT_FOUND; `find…` answers null.
 */
import { CustosError } from '#shared/domain/errors.ts';
import { insertedId, isUniqueViolation, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export interface CaseRow {
  id: number;
  ref: string;
  title: string;
  service: string;
  lawPack: string;
  /** ISO 8601 UTC. */
  createdAt: string;
  /** Member id. */
  createdBy: string;
  /** Entry of the record that the row belongs to. */
  seq: number;
}

const COLUMNS = `id, ref, title, service, law_pack AS lawPack, created_at AS createdAt,
  created_by AS createdBy, seq`;

/** Returns the new case's id. Throws ALREADY_EXISTS where the reference is in use. */
export function insertCase(db: Writer, row: Omit<CaseRow, 'id'>): number {
  try {
    const result = prepared<[Omit<CaseRow, 'id'>]>(
      db,
      `INSERT INTO cases (ref, title, service, law_pack, created_at, created_by, seq)
       VALUES (@ref, @title, @service, @lawPack, @createdAt, @createdBy, @seq)`,
    ).run(row);
    return insertedId(result, 'the cases');
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new CustosError(
      'ALREADY_EXISTS',
      `There is a case with the reference "${row.ref}" already. Choose another reference, or open that case.`,
      { cause: error },
    );
  }
}

/** All cases, newest first. */
export function listCases(db: Reader): CaseRow[] {
  return prepared<[], CaseRow>(db, `SELECT ${COLUMNS} FROM cases ORDER BY id DESC`).all();
}

export function getCase(db: Reader, id: number): CaseRow {
  const row = prepared<[number], CaseRow>(db, `SELECT ${COLUMNS} FROM cases WHERE id = ?`).get(id);
  if (!row) throw new CustosError('NOT_FOUND', 'There is no such case in this workspace.');
  return row;
}

export function findCaseByRef(db: Reader, ref: string): CaseRow | null {
  const sql = `SELECT ${COLUMNS} FROM cases WHERE ref = ?`;
  return prepared<[string], CaseRow>(db, sql).get(ref) ?? null;
}
