/**
 * What happens when the record cannot be written. One rule for every write of it:
 *
 * - A full disk is tried again once, after `onFull` has freed the ballast. If that does not help,
 *   the write fails, nothing of it stays, and a later write may succeed.
 * - After any other failure, and after every failed flush whatever its reason, nobody knows what
 *   is on the disk. The record is then broken for as long as it is open: the next opening reads
 *   what is really there.
 */
import { CustosError } from '#shared/domain/errors.ts';
import type { RecordFiles } from './files.ts';

export interface WriteGuard {
  /** The system calls to use inside `run`; a failed flush is remembered. */
  readonly files: RecordFiles;
  readonly broken: boolean;
  /** Throws RECORD_UNWRITABLE. `work` must leave nothing behind when it throws. */
  run<T>(work: () => T): T;
}

export function createGuard(plain: RecordFiles, onFull: (() => void) | undefined): WriteGuard {
  let broken = false;

  /** SECURITY: a failed flush is never retried: the kernel may have dropped the bytes and say yes. */
  function flushing(flush: (fd: number) => void): (fd: number) => void {
    return (fd) => {
      try {
        flush(fd);
      } catch (error) {
        broken = true;
        throw error;
      }
    };
  }
  const files: RecordFiles = {
    ...plain,
    fsyncSync: flushing(plain.fsyncSync),
    fdatasyncSync: flushing(plain.fdatasyncSync),
  };

  function failed(error: unknown): CustosError {
    const full = isFull(error);
    if (!full) broken = true;
    return new CustosError(
      'RECORD_UNWRITABLE',
      full && !broken
        ? 'The disk is full, so the record cannot be written and nothing may be shown or changed. Free some space and try again.'
        : 'The record could not be written to the disk. Nothing more is shown or changed; close the workspace, check the disk and open it again.',
      { cause: error },
    );
  }

  return {
    files,
    get broken() {
      return broken;
    },
    run(work) {
      if (broken) throw failed(undefined);
      try {
        return work();
      } catch (error) {
        if (broken || !isFull(error) || !onFull) throw failed(error);
      }
      try {
        onFull();
        return work();
      } catch (error) {
        throw failed(error);
      }
    },
  };
}

function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
