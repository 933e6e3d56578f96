/** A process that is attacked: started ahead of time, let go at a moment, its words kept. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Acknowledged } from './acknowledge.ts';

export const CHILDREN = fileURLToPath(new URL('../children/', import.meta.url));

/** Stripped and compiled once: the start of a process is most of what a trial costs. */
const COMPILED = path.join(tmpdir(), 'custos-rig-compiled');

export interface Child {
  readonly pid: number;
  /** Told so far, in order. */
  readonly acknowledged: Acknowledged[];
  /** Its other words, in order: `ready`, `opened`, `done`, `failed <step> <code>`. */
  readonly words: string[];
  /** What it wrote on its standard error. */
  readonly complaints: () => string;
  /** Settles when it has said the word, or is over. */
  said(word: string): Promise<void>;
  /** Settles when it has acknowledged so many changes, or is over. */
  told(changes: number): Promise<void>;
  go(): void;
  kill(signal?: NodeJS.Signals): void;
  /** Settles when it is gone and all it said was read. */
  readonly over: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface ChildOptions {
  /** Command and arguments to put before the program. */
  under?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Starts `children/<name>.child.ts` with `what` as its one argument. */
export function startChild(name: string, what: object, options: ChildOptions = {}): Child {
  const program = [process.execPath, path.join(CHILDREN, `${name}.child.ts`), JSON.stringify(what)];
  const [command = '', ...args] = [...(options.under ?? []), ...program];
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...options.env },
  });
  const acknowledged: Acknowledged[] = [];
  const words: string[] = [];
  const waiting = new Set<() => void>();
  let complaints = '';
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{')) acknowledged.push(JSON.parse(line) as Acknowledged);
      else words.push(line);
    }
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  // A child that is gone cannot be told to go; how it ended says so.
  child.stdin.on('error', () => undefined);
  const over: Child['over'] = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  const until = (heard: () => boolean): Promise<void> => {
    const heeded = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!heard()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
    return Promise.race([heeded, over.then(() => undefined)]);
  };
  return {
    pid: child.pid ?? -1,
    acknowledged,
    words,
    complaints: () => complaints,
    said: (word) => until(() => words.includes(word)),
    told: (changes) => until(() => acknowledged.length >= changes),
    go() {
      child.stdin.write('go\n');
    },
    kill(signal = 'SIGKILL') {
      child.kill(signal);
    },
    over,
  };
}
