/**
 * Every failure Custos can name. The list is closed: a code crosses process boundaries as data,
 * its sentence is shown to a person, its exit code ends the command line. A sentence says what
 * happened, what it means and what can be done; it never holds a secret.
 */

/** Exit codes of the command line (product.md 6). */
export const EXIT = { done: 0, wrong: 1, usage: 2, notAllowed: 3, busy: 4, io: 5 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const ERROR_EXITS = {
  // credentials and permission
  WRONG_CREDENTIALS: EXIT.notAllowed,
  SLOWED_DOWN: EXIT.notAllowed,
  NOT_UNLOCKED: EXIT.notAllowed,
  NOT_ALLOWED: EXIT.notAllowed,
  APPROVAL_REQUIRED: EXIT.notAllowed,
  KEY_UNAVAILABLE: EXIT.notAllowed,
  LEASE_INVALID: EXIT.notAllowed,
  REASON_REQUIRED: EXIT.usage,
  PASSWORD_WEAK: EXIT.usage,
  // the request
  USAGE: EXIT.usage,
  BAD_REQUEST: EXIT.usage,
  UNKNOWN_CHANNEL: EXIT.usage,
  NOT_FOUND: EXIT.usage,
  ALREADY_EXISTS: EXIT.usage,
  UNKNOWN_RECIPIENT: EXIT.usage,
  LAW_PACK_INVALID: EXIT.usage,
  NOTHING_TO_UNDO: EXIT.usage,
  CANCELLED: EXIT.wrong,
  // the workspace
  NOT_A_WORKSPACE: EXIT.usage,
  NEWER_WORKSPACE: EXIT.usage,
  WORKSPACE_EXISTS: EXIT.usage,
  WORKSPACE_BUSY: EXIT.busy,
  WORKSPACE_DAMAGED: EXIT.wrong,
  READ_ONLY: EXIT.wrong,
  RECORD_TAMPERED: EXIT.wrong,
  RECORD_UNWRITABLE: EXIT.io,
  BLOB_DAMAGED: EXIT.wrong,
  BUNDLE_INVALID: EXIT.wrong,
  // the outside
  SOURCE_UNREADABLE: EXIT.io,
  SOURCE_CHANGED: EXIT.io,
  SOURCE_REFUSED: EXIT.io,
  DISK_FULL: EXIT.io,
  IO_FAILED: EXIT.io,
  RUNTIME_UNSUITABLE: EXIT.io,
  // pictures
  NOT_A_PICTURE: EXIT.wrong,
  PICTURE_UNREADABLE: EXIT.wrong,
  PICTURE_TOO_LARGE: EXIT.wrong,
  DECODE_TIMEOUT: EXIT.wrong,
  DECODE_KILLED: EXIT.wrong,
  // ours
  INTERNAL: EXIT.io,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof ERROR_EXITS;
export const ERROR_CODES = Object.keys(ERROR_EXITS) as [ErrorCode, ...ErrorCode[]];

/** A failure as it crosses a boundary: plain data, no stack. */
export interface ErrorData {
  code: ErrorCode;
  /** One or two sentences a person can act on. */
  message: string;
  /** Set for INTERNAL: names the entry in the local log that holds the stack. */
  incident?: string;
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: ErrorData };

/** The only error class thrown on purpose anywhere below the screens. */
export class CustosError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CustosError';
    this.code = code;
  }
  toData(): ErrorData {
    return { code: this.code, message: this.message };
  }
}

export function isCustosError(error: unknown): error is CustosError {
  return error instanceof CustosError;
}
