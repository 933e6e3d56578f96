/** Failing system calls of a running process, one thread and one call at a time, by strace. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Everything through which storage is changed. Calls that a process never makes cost nothing. */
export const STORAGE_CALLS = [
  'write',
  'pwrite64',
  'writev',
  'pwritev',
  'pwritev2',
  'fdatasync',
  'fsync',
  'rename',
  'renameat2',
  'unlink',
  'unlinkat',
  'rmdir',
  'openat',
  'ftruncate',
  'mkdir',
] as const;
export type StorageCall = (typeof STORAGE_CALLS)[number];

/** `main` runs the program, `pool` does its waiting disk work. strace counts calls per thread. */
export type Thread = 'main' | 'pool';

/** Null where strace can be used here, else why not. */
export function whyNoStrace(): string | null {
  const run = spawnSync('strace', ['-e', 'inject=getpid:retval=7', 'true'], { timeout: 10_000 });
  if (run.error) return 'strace is not installed';
  return run.status === 0 ? null : 'strace may not trace processes here';
}

/** The two threads of a Node process that was started with one thread in its pool. */
export function threadsOf(pid: number): Record<Thread, number> {
  const pool = readdirSync(`/proc/${String(pid)}/task`).find((id) =>
    readFileSync(`/proc/${String(pid)}/task/${id}/comm`, 'utf8').startsWith('libuv-worker'),
  );
  if (pool === undefined) throw new Error('the thread that does disk work was not found');
  return { main: pid, pool: Number(pool) };
}

/** Attaches to threads; settles once it watches all of them. */
export async function attach(
  threads: readonly number[],
  args: readonly string[],
  log: string,
): Promise<ChildProcess> {
  const on = threads.flatMap((thread) => ['-p', String(thread)]);
  const strace = spawn('strace', ['-y', '-o', log, ...args, ...on], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    strace.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if ((said.match(/ attached/g) ?? []).length >= threads.length) resolve();
    });
    strace.on('close', () => reject(new Error(`strace ended before it began: ${said}`)));
  });
  return strace;
}

export interface LoggedCall {
  /** Null where only one thread was watched. */
  thread: number | null;
  name: string;
  line: string;
}

/** Calls in the order they were begun; what a call was resumed with is left out. */
export function readLog(file: string): LoggedCall[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^(?:(\d+)\s+)?([a-z0-9]+)\(/.exec(line);
      return match ? [{ thread: match[1] ? Number(match[1]) : null, name: match[2]!, line }] : [];
    });
}
