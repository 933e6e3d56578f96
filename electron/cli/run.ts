/** One run of the command line: where it answers, what it asks, how it ends. */
import type { ExitCode } from '#shared/domain/errors.ts';
import type { Asking } from './secrets.ts';
import type { Surroundings } from './surroundings.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { oneLine } from './words.ts';

export interface JsonOption {
  json?: boolean;
}

/** One run of the command line, as its commands see it. */
export interface Run {
  readonly around: Surroundings;
  readonly asking: Asking;
  /** A check found something wrong, or work ended early: the code to end with, without an error. */
  found(code: ExitCode): void;
  /** A sentence for the person, whatever stdout is used for. */
  tell(sentence: string): void;
  terminal(options: JsonOption): Terminal;
}

export function createRun(around: Surroundings, found: (code: ExitCode) => void): Run {
  const { stdin, stderr, interrupt } = around;
  return {
    around,
    found,
    asking: { stdin, write: (text) => stderr.write(text), signal: interrupt.signal },
    tell: (sentence) => stderr.write(`${oneLine(sentence)}\n`),
    terminal: (options) => createTerminal(options.json ?? false, around),
  };
}
