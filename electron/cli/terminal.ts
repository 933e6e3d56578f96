/**
 * What the command line says. With `--json` stdout holds JSON and nothing else; progress always
 * goes to stderr.
 */
import type { Screen } from './surroundings.ts';
import { oneLine, visible } from './words.ts';

/** Whoever watches work that takes a while. */
export interface Progress {
  /** A line about work under way; replaced in place where stderr is a terminal. */
  progress(text: string): void;
  endProgress(): void;
}

export interface Terminal extends Progress {
  readonly json: boolean;
  /** The command's answer: the document with `--json`, else the text. */
  answer(document: unknown, text: string): void;
  /** One line of a list, as JSON lines with `--json`. */
  line(document: unknown, text: string): void;
}

/** For work so short that nobody needs to be told of it. */
export const unwatched: Progress = { progress: () => undefined, endProgress: () => undefined };

/** Where stderr is kept in a file, a line of progress this often says that work goes on. */
const MILLISECONDS_BETWEEN_LINES = 10_000;

export function createTerminal(
  json: boolean,
  { stdout, stderr }: { stdout: Screen; stderr: Screen },
): Terminal {
  let shown = '';
  let lastLine: number | null = null;
  const out = (document: unknown, text: string): void => {
    stdout.write(json ? `${JSON.stringify(document)}\n` : `${text}\n`);
  };
  return {
    json,
    answer: (document, text) => out(document, visible(text)),
    line: (document, text) => out(document, oneLine(text)),
    progress(text) {
      if (stderr.isTTY) {
        // A line that wraps could not be replaced in place.
        const fitting = oneLine(text).slice(0, Math.max(20, (stderr.columns ?? 80) - 1));
        stderr.write(`\r${fitting.padEnd(shown.length)}`);
        shown = fitting;
        return;
      }
      const now = performance.now();
      lastLine ??= now;
      if (now - lastLine < MILLISECONDS_BETWEEN_LINES) return;
      stderr.write(`${oneLine(text)}\n`);
      lastLine = now;
    },
    endProgress() {
      if (shown !== '') stderr.write('\n');
      shown = '';
      lastLine = null;
    },
  };
}
