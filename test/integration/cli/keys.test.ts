/** Recovery words, passwords, revoking and changing keys, from a shell. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '#shared/domain/errors.ts';
import { makePlace, type Place, type Ran } from './cli.ts';
import { pictures } from './evidence.ts';

let place: Place;
const workspace = (): string => place.at('work space');
const NEXT = 'nine quiet otters read the tide table';

beforeAll(async () => {
  place = makePlace();
  mkdirSync(place.folder, { recursive: true });
  const made = await place.custos([
    ...['init', workspace(), '--member', 'Ada', '--recovery-out', place.at('words.txt')],
    ...['--password-file', place.passwordFile('Ada')],
  ]);
  expect(made.exit).toBe(EXIT.done);
  for (const [name, roles] of [
    ['Sam', 'supervisor'],
    ['Lin', 'legal'],
  ] as const) {
    const added = await as('Ada', 'member add', [
      ...['--member', name, '--roles', roles],
      ...['--new-password-file', place.passwordFile(name)],
    ]);
    expect(added.exit).toBe(EXIT.done);
  }
});
afterAll(() => place.remove());

const as = (name: string, command: string, options: string[] = []): Promise<Ran> =>
  place.custos([...command.split(' '), workspace(), ...options, ...place.as(name)]);
function file(name: string, contents: string): string {
  writeFileSync(place.at(name), `${contents}\n`, { mode: 0o600 });
  return place.at(name);
}

describe('recovery words', () => {
  it('that were written to a file are checked by that, so that an import needs no warning', async () => {
    await as('Ada', 'case create', ['--ref', 'OP-7', '--title', 'Flagged uploads']);
    await pictures(place.at('source'), 3);
    const ran = await place.custos([
      ...['import', workspace(), place.at('source'), '--case', 'OP-7', ...place.as('Ada')],
    ]);
    expect(ran).toMatchObject({ exit: EXIT.done, err: '' });
  });

  it('set a new password, and are replaced by new ones', async () => {
    const use = (words: string, ...more: string[]): Promise<Ran> =>
      place.custos([
        ...['recovery', 'use', workspace(), '--words-file', words],
        ...['--new-password-file', file('next', NEXT), ...more],
      ]);
    const words = readFileSync(place.at('words.txt'), 'utf8').trim().split(' ');
    const typo = await use(file('typo', words.with(6, 'evidenze').join(' ')));
    expect(typo).toMatchObject({ exit: EXIT.usage });
    expect(typo.err).toMatch(/^Word 7 is not a word of the list/);
    expect(await use(place.at('nowhere'))).toMatchObject({ exit: EXIT.io });
    expect((await use(file('long', 'x '.repeat(5000)))).exit).toBe(EXIT.usage);
    expect((await use(file('none', ' '))).exit).toBe(EXIT.usage);
    const used = await use(place.at('words.txt'), '--member', 'Ada', '--json');
    expect(used.json()).toEqual({ member: 'Ada' });
    expect((await as('Ada', 'member list')).exit).toBe(EXIT.notAllowed);

    const own = ['--as', 'Ada', '--password-file', file('own', NEXT)];
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const renewed = await place.custos([
      ...['recovery', 'renew', workspace(), '--recovery-out', place.at('new words.txt'), ...own],
    ]);
    expect(renewed.exit).toBe(EXIT.done);
    const confirm = (name: string): Promise<Ran> =>
      place.custos([
        ...['recovery', 'confirm', workspace(), '--words-file', place.at(name), ...own],
      ]);
    expect((await confirm('new words.txt')).exit).toBe(EXIT.done);
    expect((await confirm('words.txt')).exit).toBe(EXIT.notAllowed);
    const password = await place.custos([
      ...['member', 'password', workspace(), ...own],
      ...['--new-password-file', place.passwordFile('Ada')],
    ]);
    expect(password.exit).toBe(EXIT.done);
    expect((await as('Ada', 'member list')).exit).toBe(EXIT.done);
  });

  it('are asked for at a terminal only', async () => {
    const ran = await place.custos(['recovery', 'use', workspace()]);
    expect(ran).toMatchObject({ exit: EXIT.usage });
    expect(ran.err).toContain('--words-file');
  });
});

describe('revoking and changing keys', () => {
  it('does what the member can do, and says what is left for whom', async () => {
    const nobody = await as('Ada', 'member revoke', ['--member', 'Zoe']);
    expect(nobody).toMatchObject({ exit: EXIT.usage });
    expect(nobody.err).toMatch(/Members: Ada, Sam, Lin/);
    expect((await as('Sam', 'member revoke', ['--member', 'Sam'])).exit).toBe(EXIT.notAllowed);

    const revoked = await as('Sam', 'member revoke', ['--member', 'lin', '--json']);
    expect(revoked.exit).toBe(EXIT.done);
    expect(revoked.json()).toMatchObject({ left: expect.stringContaining('keys of pictures') });
    expect((await as('Sam', 'keys rotate')).exit).toBe(EXIT.notAllowed);
    const rest = await as('Ada', 'keys rotate', ['--json']);
    expect(rest.json()).toEqual({ steps: 6, left: null });
    expect((await as('Lin', 'member list')).exit).toBe(EXIT.notAllowed);
    await new Promise((resolve) => setTimeout(resolve, 1100));

    const all = await as('Ada', 'keys rotate');
    expect(all).toMatchObject({ exit: EXIT.done });
    expect(all.out).toMatch(/^Every key was changed \(6 steps on originals\)/);
    const scrubbed = await as('Ada', 'scrub', ['--full']);
    expect(scrubbed.out).toMatch(/^Nothing is wrong/);
    expect((await as('Sam', 'record verify')).exit).toBe(EXIT.done);
  });
});
