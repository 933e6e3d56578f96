/**
 * Passwords: from a file, or typed at a terminal without being shown. Never from an argument or
 * the environment, which other programs on the machine can read.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { CustosError } from '#shared/domain/errors.ts';

/** The part of a terminal's input that is needed. */
export interface SecretInput {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
  on(event: 'data', listener: (data: Buffer | string) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  off(event: 'data', listener: (data: Buffer | string) => void): unknown;
  off(event: 'end', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
  unshift(data: Buffer): void;
}

export interface Asking {
  stdin: SecretInput;
  /** Where questions go. */
  write(text: string): void;
  signal: AbortSignal;
}

/** The contract's longest password; four bytes a character and a line end hold it. */
const LONGEST = 1024;
const MOST_BYTES = 4 * LONGEST + 16;
const TRIES = 3;

/** A member's password. Throws USAGE, SOURCE_UNREADABLE, CANCELLED. */
export async function readPassword(
  file: string | undefined,
  question: string,
  asking: Asking,
): Promise<string> {
  if (file !== undefined) return passwordFromFile(file);
  requireTerminal(asking, '--password-file');
  return askSecret(question, asking);
}

/** A password that is to be: typed twice, since nobody sees a slip. Throws as `readPassword`. */
export async function readNewPassword(
  file: string | undefined,
  of: { member: string; option: string },
  asking: Asking,
): Promise<string> {
  if (file !== undefined) return passwordFromFile(file);
  requireTerminal(asking, of.option);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const password = await askSecret(`New password for ${of.member}`, asking);
    if (password === (await askSecret('The same again', asking))) return password;
    asking.write('These two are not the same.\n');
  }
  throw new CustosError('USAGE', 'No password was set, and nothing was changed.');
}

function requireTerminal({ stdin }: Asking, option: string): void {
  if (stdin.isTTY) return;
  throw new CustosError(
    'USAGE',
    `There is no terminal to ask for the password at. Give ${option} FILE.`,
  );
}

/** One trailing newline is dropped, and nothing else. */
function passwordFromFile(file: string): string {
  const bytes = readStart(file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new CustosError(
      'USAGE',
      'The password file is not UTF-8 text, so what it holds cannot be told for certain. Save it as UTF-8.',
      { cause: error },
    );
  }
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new CustosError('USAGE', 'The password file is empty.');
  if (password.length > LONGEST)
    throw new CustosError(
      'USAGE',
      `The password file holds more than ${LONGEST} characters. Is it the right file?`,
    );
  return password;
}

/** No more than a password can have: the file may be a device that never ends. */
function readStart(file: string): Buffer {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(MOST_BYTES);
      let length = 0;
      for (;;) {
        const got = readSync(descriptor, bytes, length, MOST_BYTES - length, null);
        length += got;
        if (got === 0 || length === MOST_BYTES) return bytes.subarray(0, length);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CustosError(
      'SOURCE_UNREADABLE',
      `The password file cannot be read (${code}). Check its name, and that you may read it.`,
      { cause: error },
    );
  }
}

/**
 * SECURITY: the terminal is in raw mode while this waits, so that it shows nothing of what is
 * typed. Enter ends, Backspace takes back one character, Ctrl-U all of them; keys that only move a
 * cursor count for nothing.
 */
function askSecret(question: string, { stdin, write, signal }: Asking): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    const typed: string[] = [];
    let escape = '';
    const finish = (settle: () => void): void => {
      stdin.off('data', hear);
      stdin.off('end', stop);
      signal.removeEventListener('abort', stop);
      stdin.setRawMode?.(false);
      stdin.pause();
      write('\n');
      settle();
    };
    const stop = (): void =>
      finish(() =>
        reject(new CustosError('CANCELLED', 'Stopped, as you asked. Nothing was done.')),
      );
    const hear = (data: Buffer | string): void => {
      const characters = [...(typeof data === 'string' ? data : decoder.write(data))];
      for (const [at, character] of characters.entries()) {
        if (escape !== '') escape = withinEscape(escape, character);
        else if (character === '\r' || character === '\n') {
          // Pasted lines: the rest answers the next question.
          const rest = characters.slice(at + 1).join('');
          finish(() => resolve(typed.join('')));
          if (rest !== '') stdin.unshift(Buffer.from(rest));
          return;
        } else if (character === KEYS.interrupt || (character === KEYS.end && !typed.length)) {
          stop();
          return;
        } else if (character === KEYS.escape) escape = character;
        else if (character === KEYS.delete || character === KEYS.backspace) typed.pop();
        else if (character === KEYS.clear) typed.length = 0;
        else if (character >= ' ' || character === '\t') typed.push(character);
      }
    };
    // Before the question: whoever answers at once must not be shown either.
    stdin.setRawMode?.(true);
    write(`${question}: `);
    stdin.on('data', hear);
    stdin.on('end', stop);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    stdin.resume();
  });
}

const KEYS = {
  interrupt: '\u0003',
  end: '\u0004',
  backspace: '\b',
  clear: '\u0015',
  escape: '\u001b',
  delete: '\u007f',
};

/** What a terminal sends for an arrow: ESC, then `[` or `O`, then up to a letter or `~`. */
function withinEscape(before: string, character: string): string {
  if (before === KEYS.escape) return character === '[' || character === 'O' ? character : '';
  return before === '[' && !/[@-~]/.test(character) ? before : '';
}
