/** The file of an export while it is written: lines, their digest, whole or not at all. */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';
import { nodeFiles, syncDir, writeAll } from './files.ts';

const FLUSH_BYTES = 1024 * 1024;

export interface ExportFile {
  line(value: Record<string, unknown>): void;
  /** SHA-256 of all lines so far, hex. */
  digest(): string;
  /** Durable under its own name when this returns. */
  finish(): { bytes: number; sha256: string };
  discard(): void;
}

/** Errors, here and later: ALREADY_EXISTS, DISK_FULL, IO_FAILED. */
export function createExportFile(file: string): ExportFile {
  if (existsSync(file)) {
    throw new CustosError(
      'ALREADY_EXISTS',
      'There is a file of this name already. Choose another.',
    );
  }
  const temporary = `${file}.part`;
  const fd = typed(() => nodeFiles.openSync(temporary, 'w', 0o600));
  const hash = createHash('sha256');
  let waiting: string[] = [];
  let waitingLength = 0;
  let written = 0;
  let open = true;

  function flush(): void {
    const bytes = Buffer.from(waiting.join(''));
    waiting = [];
    waitingLength = 0;
    hash.update(bytes);
    typed(() => writeAll(nodeFiles, fd, bytes, written));
    written += bytes.length;
  }

  function close(): void {
    if (open) nodeFiles.closeSync(fd);
    open = false;
  }

  return {
    line(value) {
      const text = `${JSON.stringify(value)}\n`;
      waiting.push(text);
      waitingLength += text.length;
      if (waitingLength >= FLUSH_BYTES) flush();
    },
    digest() {
      flush();
      return hash.copy().digest('hex');
    },
    finish() {
      flush();
      typed(() => {
        nodeFiles.fsyncSync(fd);
        close();
        nodeFiles.renameSync(temporary, file);
        syncDir(nodeFiles, path.dirname(file));
      });
      return { bytes: written, sha256: hash.digest('hex') };
    },
    discard() {
      close();
      rmSync(temporary, { force: true });
    },
  };
}

function typed<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const full = ['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? '');
    throw full
      ? new CustosError('DISK_FULL', 'The disk is full, so the file was not written.', { cause })
      : new CustosError('IO_FAILED', 'The file could not be written there. Choose another place.', {
          cause,
        });
  }
}
