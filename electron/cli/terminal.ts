/**
 * What the command line says and asks. With `--json` stdout holds JSON and nothing else; progress
 * and questions always go to stderr.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CustosError } from '#shared/domain/errors.ts';

export interface Terminal {
  readonly json: boolean;
  /** The command's answer: the document with `--json`, else the text. */
  answer(document: unknown, text: string): void;
  /** One line of a list, as JSON lines with `--json`. */
  line(document: unknown, text: string): void;
  /** A line about work under way; replaced in place where stderr is a terminal. */
  progress(text: string): void;
  endProgress(): void;
}

export function createTerminal(json: boolean): Terminal {
  const live = process.stderr.isTTY === true;
  let lastLength = 0;
  const out = (document: unknown, text: string): void => {
    process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${text}\n`);
  };
  return {
    json,
    answer: out,
    line: out,
    progress(text) {
      if (!live) return;
      process.stderr.write(`\r${text.padEnd(lastLength)}`);
      lastLength = text.length;
    },
    endProgress() {
      if (live && lastLength > 0) process.stderr.write('\n');
      lastLength = 0;
    },
  };
}

/**
 * A password from a file (one trailing newline dropped) or typed without echo. Never from an
 * argument or the environment. Throws USAGE, SOURCE_UNREADABLE.
 */
export async function readPassword(file: string | undefined, question: string): Promise<string> {
  if (file !== undefined) return passwordFromFile(file);
  if (!process.stdin.isTTY)
    throw new CustosError(
      'USAGE',
      'There is no terminal to ask for the password at. Give --password-file FILE.',
    );
  return ask(`${question}: `);
}

function passwordFromFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CustosError('SOURCE_UNREADABLE', `The password file cannot be read (${code}).`, {
      cause: error,
    });
  }
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new CustosError('USAGE', 'The password file is empty.');
  return password;
}

function ask(question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const input = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
    // SECURITY: what is typed is never echoed.
    (input as unknown as { _writeToOutput: (text: string) => void })._writeToOutput = (text) => {
      if (text.startsWith(question)) process.stderr.write(question);
    };
    input.question(question, (answer) => {
      process.stderr.write('\n');
      input.close();
      resolve(answer);
    });
    input.on('SIGINT', () => {
      input.close();
      reject(new CustosError('CANCELLED', 'Nothing was done.'));
    });
  });
}
