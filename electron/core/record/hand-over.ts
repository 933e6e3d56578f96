/** Small text files that people carry between machines: checkpoints, requests, answers. */
import { existsSync } from 'node:fs';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import { nodeFiles, readAll, writeFileDurably } from './files.ts';
import { MAX_WITNESS_FILE } from './witness-files.ts';

/** UTF-8. Errors: BAD_REQUEST (longer than any such file), SOURCE_UNREADABLE. */
export function readSmallFile(file: string): string {
  try {
    const fd = nodeFiles.openSync(file, 'r');
    try {
      const { size } = nodeFiles.fstatSync(fd);
      if (size > MAX_WITNESS_FILE) {
        throw new CustosError('BAD_REQUEST', 'This file is far too long to be a checkpoint.');
      }
      const bytes = Buffer.alloc(size);
      readAll(nodeFiles, fd, bytes, 0);
      return bytes.toString('utf8');
    } finally {
      nodeFiles.closeSync(fd);
    }
  } catch (cause) {
    if (isCustosError(cause)) throw cause;
    throw new CustosError(
      'SOURCE_UNREADABLE',
      'The file could not be read. Check that it is there and that you may read it.',
      { cause },
    );
  }
}

/** Whole or not at all. Errors: ALREADY_EXISTS, IO_FAILED. */
export function writeSmallFile(file: string, text: string): void {
  if (existsSync(file)) {
    throw new CustosError(
      'ALREADY_EXISTS',
      'There is a file of this name already. Choose another.',
    );
  }
  try {
    writeFileDurably(nodeFiles, file, Buffer.from(text));
  } catch (cause) {
    throw new CustosError(
      'IO_FAILED',
      'The file could not be written there. Choose another place.',
      { cause },
    );
  }
}
