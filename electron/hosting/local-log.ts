/** The local log: a small file on this machine that rotates. It never leaves the machine. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import type { LogEntry } from '#core/ports.ts';

const LARGEST = 1_048_576;

/**
 * Writes to `custos.log` in the folder; at 1 MB it becomes `custos.log.1` and the one before is
 * dropped. Ids and codes only: what an entry may hold is laid down in `LogEntry`.
 */
export function createLocalLog(folder: string): (entry: LogEntry) => void {
  const file = path.join(folder, 'custos.log');
  let said = false;
  return (entry) => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (sizeOf(file) > LARGEST) renameSync(file, `${file}.1`);
      appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`, {
        mode: 0o600,
      });
    } catch (error) {
      // Work goes on without a log, and the person is told once why there is none.
      if (said) return;
      said = true;
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
      process.stderr.write(`Custos cannot write its local log (${code}).\n`);
    }
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
