/**
 * The file that recovery words are written to. It is made before the workspace, with room for the
 * words already on the disk, so that a workspace is never made whose words cannot be kept.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { PRIVATE_FILE } from '#core/store/files.ts';

/** 24 words of at most eight letters, with room to spare. */
const ROOM = 512;

export interface RecoveryFile {
  /** Writes the words and closes the file. Throws IO_FAILED. */
  keep(words: string): void;
  /** No workspace was made: the file goes, too. */
  giveUp(): void;
}

/** Throws ALREADY_EXISTS, USAGE (inside the workspace), IO_FAILED; no file is left then. */
export function reserveRecoveryFile(file: string, workspace: string): RecoveryFile {
  if (`${file}${path.sep}`.startsWith(`${workspace}${path.sep}`))
    throw new CustosError(
      'USAGE',
      'The recovery words must not lie in the workspace that they open. Name a file outside it.',
    );
  const descriptor = create(file);
  const giveUp = (): void => {
    closeSync(descriptor);
    rmSync(file, { force: true });
  };
  try {
    writeSync(descriptor, Buffer.alloc(ROOM, ' '), 0, ROOM, 0);
    fsyncSync(descriptor);
  } catch (error) {
    giveUp();
    throw notWritten(error);
  }
  return {
    giveUp,
    keep(words) {
      try {
        const bytes = Buffer.from(`${words}\n`);
        let written = 0;
        while (written < bytes.length)
          written += writeSync(descriptor, bytes, written, bytes.length - written, written);
        ftruncateSync(descriptor, bytes.length);
        fsyncSync(descriptor);
        closeSync(descriptor);
      } catch (error) {
        // SECURITY: the words are not told here: an error goes into logs.
        throw new CustosError(
          'IO_FAILED',
          `The workspace was created, but its recovery words could not be written (${codeOf(error)}). It holds nothing yet: remove its folder and create it again.`,
          { cause: error },
        );
      }
    },
  };
}

function create(file: string): number {
  try {
    return openSync(file, 'wx', PRIVATE_FILE);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw notWritten(error);
    throw new CustosError(
      'ALREADY_EXISTS',
      'The file for the recovery words exists already, and nothing is written over. Name a new one. No workspace was created.',
      { cause: error },
    );
  }
}

function notWritten(error: unknown): CustosError {
  return new CustosError(
    codeOf(error) === 'ENOSPC' ? 'DISK_FULL' : 'IO_FAILED',
    `The file for the recovery words cannot be written (${codeOf(error)}). Name another place. No workspace was created.`,
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
