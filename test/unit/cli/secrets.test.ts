/** What is typed at a terminal for a password: heard in full, shown never. */
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { readNewPassword, readPassword, type SecretInput } from '#electron/cli/secrets.ts';

/** A keyboard, and everything that was written to the screen. */
function terminal() {
  const keys = new EventEmitter();
  const raw: boolean[] = [];
  let shown = '';
  let ahead: Buffer | null = null;
  const controller = new AbortController();
  const stdin = Object.assign(keys, {
    isTTY: true,
    setRawMode: (on: boolean) => raw.push(on),
    resume: () => {
      const data = ahead;
      ahead = null;
      if (data) queueMicrotask(() => keys.emit('data', data));
    },
    pause: () => undefined,
    unshift: (data: Buffer) => (ahead = data),
  }) as unknown as SecretInput;
  return {
    asking: {
      stdin,
      signal: controller.signal,
      write(text: string) {
        // SECURITY: while a question stands there, the terminal itself must not show the answer.
        if (text.endsWith(': ')) expect(raw.at(-1)).toBe(true);
        shown += text;
      },
    },
    type: (...pieces: (string | Buffer)[]) => {
      for (const piece of pieces) keys.emit('data', Buffer.from(piece));
    },
    hangUp: () => keys.emit('end'),
    stop: () => controller.abort(),
    isRaw: () => raw.at(-1) ?? false,
    shown: () => shown,
  };
}

describe('a password that is typed', () => {
  it.each([
    ['as it is', ['seven otters\r'], 'seven otters'],
    ['with a line feed', ['seven otters\n'], 'seven otters'],
    ['letter by letter', [...'ottér\r'], 'ottér'],
    ['a letter cut in two', [Buffer.from([0xc3]), Buffer.from([0xbc]), '\r'], 'ü'],
    ['with Backspace', ['ottet\u007frs\u007f\u007f\u007f\bx\r'], 'otx'],
    ['with Backspace over one character of two units', ['a\u{1f9a6}\u007f\r'], 'a'],
    ['begun anew with Ctrl-U', ['wrong\u0015right\r'], 'right'],
    ['with arrows and other keys', ['a\u001b[Db\u001bOCc\u001b[3~d\u001bxe\r'], 'abcde'],
    ['with spaces and tabs', [' a\tb \r'], ' a\tb '],
    ['empty', ['\r'], ''],
  ])('%s', async (_, pieces, expected) => {
    const place = terminal();
    const answer = readPassword(undefined, 'Password of Ada', place.asking);
    place.type(...pieces);
    expect(await answer).toBe(expected);
    expect(place.shown()).toBe('Password of Ada: \n');
    expect(place.isRaw()).toBe(false);
  });

  it.each([
    ['Ctrl-C', (place: ReturnType<typeof terminal>) => place.type('half\u0003')],
    ['Ctrl-D', (place: ReturnType<typeof terminal>) => place.type('\u0004')],
    ['a terminal that goes away', (place: ReturnType<typeof terminal>) => place.hangUp()],
    ['being asked to stop', (place: ReturnType<typeof terminal>) => place.stop()],
  ])('is given up on %s', async (_, act) => {
    const place = terminal();
    const answer = readPassword(undefined, 'Password', place.asking);
    act(place);
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(place.isRaw()).toBe(false);
  });

  it('is not asked for where there is no terminal', async () => {
    const { asking } = terminal();
    const piped = { ...asking, stdin: { ...asking.stdin, isTTY: false } };
    await expect(readPassword(undefined, 'Password', piped)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/--password-file FILE/),
    });
  });
});

describe('a new password', () => {
  const of = { member: 'Ada', option: '--new-password-file' };

  it('is typed twice, also where both lines were pasted at once', async () => {
    const place = terminal();
    const answer = readNewPassword(undefined, of, place.asking);
    place.type('seven otters\rseven otters\r');
    expect(await answer).toBe('seven otters');
    expect(place.shown()).toBe('New password for Ada: \nThe same again: \n');
  });

  it('is not taken after three tries that differ', async () => {
    const place = terminal();
    const answer = readNewPassword(undefined, of, place.asking);
    place.type('a\rb\rc\rd\re\rf\r');
    await expect(answer).rejects.toMatchObject({ code: 'USAGE' });
    expect(place.shown().match(/not the same/g)).toHaveLength(3);
  });
});
