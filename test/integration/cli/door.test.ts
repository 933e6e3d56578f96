/** Making, opening and joining a workspace from a shell. */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '#shared/domain/errors.ts';
import { acquireLock } from '#core/store/workspace-lock.ts';
import { testClock } from '../../support/workspace.ts';
import { makePlace, type Place } from './cli.ts';

let place: Place;
const workspace = (): string => place.at('work space');

beforeAll(async () => {
  place = makePlace();
  const made = await place.custos([
    'init',
    workspace(),
    '--member',
    'Ada Pole',
    '--password-file',
    place.passwordFile('Ada Pole'),
    '--recovery-out',
    place.at('..', 'words.txt'),
    '--json',
  ]);
  expect(made).toMatchObject({ exit: EXIT.done, err: '' });
  expect(made.json()).toEqual({
    fingerprint: expect.stringMatching(/^([0-9a-f]{4} ){7}[0-9a-f]{4}$/),
    member: 'Ada Pole',
    roles: ['investigator', 'legal', 'supervisor'],
  });
});
afterAll(() => place.remove());

const init = (name: string, ...more: string[]): string[] => [
  'init',
  place.at(name),
  '--member',
  'Ada',
  '--password-file',
  place.passwordFile('Ada'),
  ...more,
];

/** The command fails with this code and a sentence, and says so as data with `--json`. */
async function refused(args: string[], exit: number, code: string, sentence: RegExp) {
  const told = await place.custos(args);
  expect(told.err).toMatch(sentence);
  expect(told).toMatchObject({ exit, out: '' });
  const data = await place.custos([...args, '--json']);
  expect(data.exit).toBe(exit);
  expect(data.json()).toEqual({ error: { code, message: expect.stringMatching(sentence) } });
}

describe('custos init', () => {
  it('writes the recovery words for the owner alone', () => {
    const file = place.at('..', 'words.txt');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^([a-z]+ ){23}[a-z]+\n$/);
  });

  it('shows the words once where no file was named, and never with --json', async () => {
    const shown = await place.custos(init('shown'));
    expect(shown.out).toMatch(/Recovery words, shown this once/);
    expect(shown.out).toMatch(/\n {2}([a-z]+ ){23}[a-z]+\n/);
    const silent = await place.custos(init('silent', '--json'));
    expect(Object.keys(silent.json())).toEqual(['fingerprint', 'member', 'roles']);
    expect(silent.err).toMatch(/not kept.*--recovery-out/);
  });

  it('leaves what is there alone, and nothing of its own behind', async () => {
    const words = place.at('..', 'other words.txt');
    const again = [...init('work space'), '--recovery-out', words];
    await refused(again, EXIT.usage, 'WORKSPACE_EXISTS', /something in this place already/);
    expect(existsSync(words)).toBe(false);
  });

  it('refuses before anything is made where the words cannot be kept', async () => {
    const before = readdirSync(place.folder).sort();
    writeFileSync(place.at('taken.txt'), 'mine');
    const taken = init('new', '--recovery-out', place.at('taken.txt'));
    await refused(taken, EXIT.usage, 'ALREADY_EXISTS', /nothing is written over/);
    const nowhere = init('new', '--recovery-out', place.at('no folder', 'words.txt'));
    await refused(nowhere, EXIT.io, 'IO_FAILED', /cannot be written \(ENOENT\)/);
    const inside = init('new', '--recovery-out', place.at('new', 'words.txt'));
    await refused(inside, EXIT.usage, 'USAGE', /must not lie in the workspace/);
    expect(readFileSync(place.at('taken.txt'), 'utf8')).toBe('mine');
    expect(readdirSync(place.folder).sort()).toEqual([...before, 'taken.txt'].sort());
  });

  it('needs a founder who can found, a known role and a name', async () => {
    const only = init('new', '--roles', 'supervisor');
    await refused(only, EXIT.notAllowed, 'NOT_ALLOWED', /investigator or legal as well/);
    const never = init('new', '--roles', 'investigator,legal');
    await refused(never, EXIT.notAllowed, 'NOT_ALLOWED', /at least one supervisor/);
    await refused(init('new', '--roles', 'king'), EXIT.usage, 'USAGE', /"king" is no role/);
    const nameless = ['init', place.at('new'), '--member', ' '];
    await refused(nameless, EXIT.usage, 'USAGE', /1 to 200 characters/);
    const unnamed = ['init', '', '--member', 'Ada', '--password-file', place.passwordFile('Ada')];
    await refused(unnamed, EXIT.usage, 'USAGE', /name of a file or folder is empty/);
    expect(existsSync(place.at('new'))).toBe(false);
  });

  it('takes a password from a file only as it should be', async () => {
    const file = place.at('a password');
    const args = ['init', place.at('new'), '--member', 'Ada', '--password-file', file];
    await refused(args, EXIT.io, 'SOURCE_UNREADABLE', /cannot be read \(ENOENT\)/);
    writeFileSync(file, '\n');
    await refused(args, EXIT.usage, 'USAGE', /is empty/);
    writeFileSync(file, Buffer.from('a password in latin \xfcmlauts', 'latin1'));
    await refused(args, EXIT.usage, 'USAGE', /not UTF-8/);
    writeFileSync(file, 'x'.repeat(1025));
    await refused(args, EXIT.usage, 'USAGE', /more than 1024 characters/);
    writeFileSync(file, 'too short\n');
    await refused(args, EXIT.usage, 'PASSWORD_WEAK', /at least 15/);
    const none = ['init', place.at('new'), '--member', 'Ada'];
    await refused(none, EXIT.usage, 'USAGE', /no terminal.*--password-file FILE/);
    expect(existsSync(place.at('new'))).toBe(false);
  });
});

describe('opening a workspace', () => {
  const list = (dir: string, ...more: string[]): string[] => ['case', 'list', dir, ...more];

  it('names no member where there is one, and lists nothing as nothing', async () => {
    const file = place.passwordFile('Ada Pole');
    const told = await place.custos(list(workspace(), '--password-file', file));
    expect(told).toMatchObject({ exit: EXIT.done, out: 'There is no case yet.\n', err: '' });
    const data = await place.custos(list(workspace(), '--password-file', file, '--json'));
    expect(data).toMatchObject({ exit: EXIT.done, out: '', err: '' });
  });

  it('refuses what is no workspace, or a newer one', async () => {
    const nowhere = list(place.at('nowhere'), ...place.as('Ada'));
    await refused(nowhere, EXIT.usage, 'NOT_A_WORKSPACE', /not a Custos workspace/);
    await refused(list(place.folder), EXIT.usage, 'NOT_A_WORKSPACE', /not a Custos workspace/);
    expect(existsSync(place.at('lock.db'))).toBe(false);

    mkdirSync(place.at('newer'));
    const header = readFileSync(place.at('work space', 'custos.json'), 'utf8');
    writeFileSync(
      place.at('newer', 'custos.json'),
      header.replace(/"version": \d+/, '"version": 99'),
    );
    await refused(list(place.at('newer')), EXIT.usage, 'NEWER_WORKSPACE', /newer/);
  });

  it('is busy while somebody else has it open', async () => {
    const lock = acquireLock(workspace());
    try {
      const args = list(workspace(), ...place.as('Ada Pole'));
      await refused(args, EXIT.busy, 'WORKSPACE_BUSY', /open in another window or command/);
    } finally {
      lock.release();
    }
  });

  it('tells a wrong name from a wrong password in nothing, and slows down', async () => {
    const clock = testClock(new Date(Date.now() + 60_000).toISOString());
    const attempt = async (name: string, passwordOf: string) => {
      const file = place.passwordFile(passwordOf);
      const args = list(workspace(), '--as', name, '--password-file', file);
      const { exit, out, err } = await place.custos(args, { ports: { clock } });
      return { exit, out, err };
    };
    const wrong = await attempt('Ada Pole', 'somebody else');
    expect(wrong).toMatchObject({ exit: EXIT.notAllowed, out: '' });
    expect(wrong.err).toMatch(/name or the password is not right/);
    const soon = await attempt('Ada Pole', 'Ada Pole');
    expect(soon).toMatchObject({
      exit: EXIT.notAllowed,
      err: expect.stringMatching(/Wait 1 second/),
    });
    clock.advance(1_000);
    expect(await attempt('Nobody', 'Ada Pole')).toEqual(wrong);
    clock.advance(1_000);
    expect((await attempt('Ada Pole', 'Ada Pole')).err).toMatch(/Wait 1 second/);
    clock.advance(1_000);
    const right = await attempt('Ada Pole', 'Ada Pole');
    expect(right).toMatchObject({ exit: EXIT.done });
    expect(right.err).toBe('2 failed attempts to unlock came before this one.\n');
  });
});

describe('custos member', () => {
  it('adds, lists, and then asks who one is', async () => {
    const add = (name: string, roles: string, ...more: string[]) =>
      place.custos([
        ...['member', 'add', workspace(), '--member', name, '--roles', roles],
        ...['--new-password-file', place.passwordFile(name)],
        ...['--password-file', place.passwordFile('Ada Pole'), ...more],
      ]);
    const added = await add('Sam', 'supervisor', '--json');
    expect(added.json()).toMatchObject({ name: 'Sam', roles: ['supervisor'], state: 'active' });
    expect((await add('Lin', 'legal')).err).toMatch(/more than one member.*--as NAME/);
    const lin = await add('Lin', 'legal', '--as', 'Ada Pole');
    expect(lin).toMatchObject({ exit: EXIT.done, out: 'Lin was added (legal).\n' });
    const twice = await add('lin', 'legal', '--as', 'Ada Pole');
    expect(twice).toMatchObject({ exit: EXIT.usage });
    expect((await add('Eve', 'legal', '--as', ' ')).err).toMatch(/--as needs the name/);

    const listed = await place.custos([
      'member',
      'list',
      workspace(),
      ...place.as('Sam'),
      '--json',
    ]);
    expect(listed.lines().map(({ name, roles }) => [name, roles])).toEqual([
      ['Ada Pole', ['investigator', 'legal', 'supervisor']],
      ['Sam', ['supervisor']],
      ['Lin', ['legal']],
    ]);
    const text = await place.custos(['member', 'list', workspace(), ...place.as('Sam')]);
    expect(text.out).toMatch(/^name +roles +state/);
    expect(text.out).toMatch(/^Lin +legal +active +SHA256:/m);
  });

  it('is for supervisors to add to', async () => {
    const args = ['member', 'add', workspace(), '--member', 'Eve', '--roles', 'legal'];
    const refusal = await place.custos([
      ...args,
      '--new-password-file',
      place.passwordFile('Eve'),
      ...place.as('Lin'),
    ]);
    expect(refusal).toMatchObject({ exit: EXIT.notAllowed, out: '' });
    expect(refusal.err).toMatch(/needs the role supervisor/);
  });
});

describe('usage', () => {
  it.each([
    [[], /Usage: custos/],
    [['bundle'], /Usage: custos bundle/],
    [['nonsense'], /unknown command 'nonsense'/],
    [['items'], /--case|missing required argument/],
    [['items', 'a', 'b', '--case', 'x'], /too many arguments/],
    [['items', 'a', '--case', 'x', '--password', 'secret'], /unknown option '--password'/],
  ])('%j is told on stderr, with code 2', async (args, sentence) => {
    const ran = await place.custos(args);
    expect(ran).toMatchObject({ exit: EXIT.usage, out: '' });
    expect(ran.err).toMatch(sentence);
    if (args.length > 1) {
      const data = await place.custos([...args, '--json']);
      expect(data.json()).toMatchObject({ error: { code: 'USAGE' } });
      expect(data.exit).toBe(EXIT.usage);
    }
  });

  it('prints help and version on stdout, with code 0', async () => {
    const help = await place.custos(['--help']);
    expect(help).toMatchObject({ exit: EXIT.done, err: '' });
    for (const command of ['init', 'member', 'case', 'import', 'items', 'decide', 'report'])
      expect(help.out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(help.out).toMatch(/Exit codes: 0 done/);
    expect((await place.custos(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await place.custos(['bundle', 'verify', '--help'])).out).toMatch(/needs no workspace/);
  });
});
