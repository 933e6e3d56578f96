/** Table `members`: who may open the workspace, and the signed statement each row rests on. */
import { CustosError } from '#shared/domain/errors.ts';
import { ROLES, type Role } from '#shared/domain/words.ts';
import { expectChanges, isUniqueViolation, prepared } from '../sql.ts';
import type { Reader, Writer } from '../types.ts';

export type MemberState = 'active' | 'waiting' | 'revoked';

export interface MemberRow {
  /** 32 hex characters. */
  id: string;
  name: string;
  /**
   * As the column says. What a member may do is decided by the verified statement, never by this
   * (`access/statements.ts`).
   */
  roles: Role[];
  state: MemberState;
  /** 32 bytes, X25519 public. */
  encryptionKey: Buffer;
  /** 32 bytes, Ed25519 public. */
  signingKey: Buffer;
  /** Canonical JSON that was signed. */
  statement: string;
  /** 64 bytes. */
  signature: Buffer;
  /** Member id; the founder's own. */
  signedBy: string;
  /** ISO 8601 UTC. */
  addedAt: string;
  seq: number;
}

type StoredRow = Omit<MemberRow, 'roles'> & { roles: string };

const COLUMNS = `id, name, roles, state, encryption_key AS encryptionKey,
  signing_key AS signingKey, statement, signature, signed_by AS signedBy, added_at AS addedAt, seq`;

/** Errors: ALREADY_EXISTS. */
export function insertMember(db: Writer, row: MemberRow): void {
  try {
    const result = prepared<[StoredRow]>(
      db,
      `INSERT INTO members (id, name, roles, state, encryption_key, signing_key, statement,
         signature, signed_by, added_at, seq)
       VALUES (@id, @name, @roles, @state, @encryptionKey, @signingKey, @statement,
         @signature, @signedBy, @addedAt, @seq)`,
    ).run({ ...row, roles: JSON.stringify(row.roles) });
    expectChanges(result, 1, 'the members');
  } catch (error) {
    if (isUniqueViolation(error)) throw memberExists(row.name, error);
    throw error;
  }
}

export function setMemberState(db: Writer, id: string, state: MemberState): void {
  const sql = 'UPDATE members SET state = ? WHERE id = ?';
  const result = prepared<[MemberState, string]>(db, sql).run(state, id);
  expectChanges(result, 1, 'a member');
}

/** In the order they were added. */
export function listMemberRows(db: Reader): MemberRow[] {
  const sql = `SELECT ${COLUMNS} FROM members ORDER BY seq, id`;
  return prepared<[], StoredRow>(db, sql).all().map(fromStored);
}

/** Errors: NOT_FOUND. */
export function getMember(db: Reader, id: string): MemberRow {
  const sql = `SELECT ${COLUMNS} FROM members WHERE id = ?`;
  const row = prepared<[string], StoredRow>(db, sql).get(id);
  if (!row) throw new CustosError('NOT_FOUND', 'There is no such member in this workspace.');
  return fromStored(row);
}

/** For lists that name who did something. Errors: NOT_FOUND. */
export function memberName(db: Reader, id: string): string {
  return getMember(db, id).name;
}

/** Members who can open the workspace, now or once their keys are complete. */
export function countMembers(db: Reader): number {
  const sql = `SELECT count(*) AS n FROM members WHERE state <> 'revoked'`;
  return prepared<[], { n: number }>(db, sql).get()?.n ?? 0;
}

export function memberExists(name: string, cause?: unknown): CustosError {
  return new CustosError(
    'ALREADY_EXISTS',
    `There is a member called "${name}" already. Names differ by more than case and spaces; choose another.`,
    { cause },
  );
}

function fromStored(row: StoredRow): MemberRow {
  return { ...row, roles: readRoles(row.roles) };
}

/** A column that is no list of roles reads as none: the signed statement then disagrees with it. */
function readRoles(column: string): Role[] {
  return ROLES.filter((role) => column.includes(JSON.stringify(role)));
}
