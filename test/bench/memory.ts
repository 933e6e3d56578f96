/** Peak resident memory of this process and everything it started, sampled from /proc. */
import { readFileSync, readdirSync } from 'node:fs';

export interface MemoryWatch {
  /** Bytes; null where the platform has no /proc. */
  stop(): number | null;
}

export function watchMemory(everyMs = 50): MemoryWatch {
  let peak: number | null = null;
  const sample = (): void => {
    const now = familyBytes();
    if (now !== null) peak = Math.max(peak ?? 0, now);
  };
  sample();
  const timer = setInterval(sample, everyMs);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return peak;
    },
  };
}

function familyBytes(): number | null {
  if (process.platform !== 'linux') return null;
  const parents = new Map<number, number>();
  const resident = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      parents.set(pid, Number(fields[1]));
      resident.set(pid, Number(fields[21]) * 4096);
    } catch {
      // A process that ended between the listing and the reading uses no memory.
    }
  }
  let bytes = 0;
  for (const [pid, size] of resident) if (descends(pid, parents)) bytes += size;
  return bytes;
}

function descends(pid: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
    if (at === process.pid) return true;
  return false;
}
