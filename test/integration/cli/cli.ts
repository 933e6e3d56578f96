/**
 * The command line, run inside the test: the real `main` over real workspaces, with passwords that
 * are cheap to check and streams that are kept.
 */
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import type { ExitCode } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import { forkDecoder } from '#electron/cli/decoder-host.ts';
import { createInterrupt, type Interrupt } from '#electron/cli/interrupt.ts';
import { main } from '#electron/cli/main.ts';
import type { SecretInput } from '#electron/cli/secrets.ts';
import type { Screen } from '#electron/cli/surroundings.ts';
import { temporaryFolder, testPorts, type TestPorts } from '../../support/workspace.ts';

export interface Ran {
  exit: ExitCode;
  out: string;
  err: string;
  /** The one JSON document on stdout; fails where there is anything else. */
  json<T = Record<string, unknown>>(): T;
  /** JSON lines on stdout. */
  lines<T = Record<string, unknown>>(): T[];
}

export interface RunOptions {
  stdin?: SecretInput;
  interrupt?: Interrupt;
  ports?: Partial<Ports>;
  /** Hears what is written to stderr while the command runs. */
  onErr?: (text: string) => void;
}

export interface Place {
  /** The test's own folder, in whose name are a space and a line break. */
  readonly folder: string;
  /** A path in it. */
  at(...names: string[]): string;
  /** This machine's own folder. */
  readonly machineDir: string;
  /** Runs one command. */
  custos(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Writes a password file for somebody and answers with the options that unlock as them. */
  as(name: string): string[];
  passwordFile(name: string): string;
  /** What was logged so far. */
  readonly logged: TestPorts['logged'];
  remove(): void;
}

/** Nobody sits at it. */
export const NO_TERMINAL: SecretInput = {
  isTTY: false,
  on: () => undefined,
  off: () => undefined,
  resume: () => undefined,
  pause: () => undefined,
  unshift: () => undefined,
};

export function passwordOf(name: string): string {
  return `seven otters juggle plums for ${name}`;
}

export function makePlace(): Place {
  const { dir, remove } = temporaryFolder();
  const folder = path.join(dir, 'a place\nwith ünusual names');
  const at = (...names: string[]): string => path.join(folder, ...names);
  const machineDir = path.join(dir, 'machine');
  const logged: TestPorts['logged'] = [];
  const passwordFile = (name: string): string => {
    const file = path.join(dir, `password of ${name}`);
    writeFileSync(file, `${passwordOf(name)}\n`, { mode: 0o600 });
    return file;
  };
  return {
    folder,
    machineDir,
    at,
    logged,
    passwordFile,
    as: (name) => ['--as', name, '--password-file', passwordFile(name)],
    custos: (args, options = {}) =>
      runIn(args, options, (own = machineDir) =>
        testPorts({
          machineDir: own,
          spawnDecoder: forkDecoder,
          log: (entry) => logged.push(entry),
          ...options.ports,
        }),
      ),
    remove,
  };
}

async function runIn(
  args: readonly string[],
  options: RunOptions,
  ports: (machineDir?: string) => Ports,
): Promise<Ran> {
  let out = '';
  let err = '';
  const screen = (write: (text: string) => void): Screen => ({
    write,
    isTTY: false,
    columns: undefined,
  });
  let left = 0;
  const exit = await main(args, {
    stdin: options.stdin ?? NO_TERMINAL,
    stdout: screen((text) => (out += text)),
    stderr: screen((text) => {
      err += text;
      options.onErr?.(text);
    }),
    interrupt: options.interrupt ?? createInterrupt(),
    ports,
    outputFailed: () => Promise.resolve(null),
    leave: () => (left += 1),
  });
  if (left !== 1) throw new Error(`the command line left ${left} times`);
  return {
    exit,
    out,
    err,
    json: <T>() => JSON.parse(out) as T,
    lines: <T>() =>
      out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T),
  };
}
