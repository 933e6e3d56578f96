/** Bundles and the record from a shell: who may ask, approve, build and read, and what is found. */
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BundleSummary, BundleVerification } from '#shared/contract/bundles.ts';
import type { RecordEntry, RecordVerdict } from '#shared/contract/record.ts';
import { EXIT } from '#shared/domain/errors.ts';
import { makePlace, type Place, type Ran } from './cli.ts';
import { pictures } from './evidence.ts';

let place: Place;
let recipient: string;
const workspace = (): string => place.at('work space');
const run = (person: string, ...args: string[]): Promise<Ran> =>
  place.custos([...args, ...place.as(person)]);
const ask = ['--case', 'OP-7', '--edition', 'sealed'];
const bundles = async (): Promise<BundleSummary[]> =>
  (await run('Lin', 'bundle', 'list', workspace(), '--json')).lines<BundleSummary>();

beforeAll(async () => {
  place = makePlace();
  const identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
  const made = await place.custos([
    ...['init', workspace(), '--member', 'Ada', '--roles', 'investigator,supervisor'],
    ...['--password-file', place.passwordFile('Ada')],
  ]);
  expect(made.exit).toBe(EXIT.done);
  writeFileSync(place.at('key.txt'), `${identity}\n`);
  writeFileSync(place.at('other key.txt'), `${await generateIdentity()}\n`);
  await pictures(place.at('disk'), 3);
  await run('Ada', 'case', 'create', workspace(), '--ref', 'OP-7', '--title', 'Uploads');
  const imported = await run('Ada', 'import', workspace(), place.at('disk'), '--case', 'OP-7');
  expect(imported.exit).toBe(EXIT.done);
});
afterAll(() => place.remove());

describe('a bundle of one person alone', () => {
  const build = (...more: string[]): Promise<Ran> =>
    run('Ada', 'bundle', 'build', workspace(), ...more);

  it.each([
    ['no recipient', () => [...ask, '--out', place.at('x')], EXIT.usage, /at least one --to/],
    [
      'a recipient with a wrong letter',
      () => [...ask, '--to', recipient, '--to', `${recipient}q`, '--out', place.at('x')],
      EXIT.usage,
      /Recipient 2 \(age1.*checksum/,
    ],
    [
      'an edition that is none',
      () => ['--case', 'OP-7', '--edition', 'gold', '--to', recipient, '--out', place.at('x')],
      EXIT.usage,
      /"gold" is no edition. Known: sealed/,
    ],
    [
      'a case that is none',
      () => ['--case', 'OP-99', '--to', recipient, '--out', place.at('x')],
      EXIT.usage,
      /no case "OP-99"/,
    ],
    [
      'a file that is there',
      () => [...ask, '--to', recipient, '--out', place.at('key.txt')],
      EXIT.usage,
      /nothing is written over/,
    ],
    [
      'a folder that is not',
      () => [...ask, '--to', recipient, '--out', place.at('nowhere', 'x')],
      EXIT.usage,
      /folder for the bundle does not exist/,
    ],
    ['a number that is none', () => ['abc', '--out', place.at('x')], EXIT.usage, /"abc" is not/],
    ['an unknown number', () => ['99', '--out', place.at('x')], EXIT.usage, /no such bundle/],
    [
      'a number and a case',
      () => ['1', '--case', 'OP-7', '--out', place.at('x')],
      EXIT.usage,
      /either the number of a bundle, or/,
    ],
  ])('is not asked for with %s', async (_, args, exit, sentence) => {
    const before = readFileSync(place.at('key.txt'));
    const ran = await build(...args());
    expect(ran).toMatchObject({ exit, out: '' });
    expect(ran.err).toMatch(sentence);
    expect(existsSync(place.at('x'))).toBe(false);
    expect(readFileSync(place.at('key.txt'))).toEqual(before);
    expect((await run('Ada', 'bundle', 'list', workspace())).out).toBe('');
  });

  it('never repeats a secret key that was pasted for a recipient', async () => {
    const secret = readFileSync(place.at('key.txt'), 'utf8').trim();
    const ran = await build(...ask, '--to', secret, '--out', place.at('x'), '--json');
    expect(ran).toMatchObject({ exit: EXIT.usage });
    expect(ran.err).toMatch(/is a secret key/);
    expect(ran.out + ran.err).not.toContain(secret.slice(20, 40));
  });

  it('is asked for and built in one step', async () => {
    const out = place.at('alone.tar.age');
    const ran = await build(...ask, '--to', recipient, '--out', out, '--json');
    expect(ran).toMatchObject({ exit: EXIT.done, err: '' });
    expect(ran.json()).toMatchObject({ id: 1, state: 'built', needsApproval: false, items: 3 });
    const again = await build(...ask, '--to', recipient, '--out', out);
    expect(again).toMatchObject({ exit: EXIT.usage });
    expect(again.err).toMatch(/nothing is written over/);
    const twice = await build('1', '--out', place.at('twice'));
    expect(twice.err).toMatch(/built already/);
  });
});

describe('a bundle of two people', () => {
  beforeAll(async () => {
    for (const [name, roles] of [
      ['Lin', 'legal'],
      ['Sam', 'supervisor'],
    ] as const)
      await run(
        'Ada',
        ...['member', 'add', workspace(), '--member', name, '--roles', roles],
        ...['--new-password-file', place.passwordFile(name)],
      );
  });

  it('is not built in one step, and no request is left behind', async () => {
    const before = await bundles();
    const out = place.at('hasty.tar.age');
    const args = ['bundle', 'build', workspace(), ...ask, '--to', recipient, '--out', out];
    const ran = await run('Lin', ...args, '--json');
    expect(ran).toMatchObject({ exit: EXIT.notAllowed });
    expect(ran.json()).toMatchObject({ error: { code: 'APPROVAL_REQUIRED' } });
    expect(await bundles()).toEqual(before);
    expect(existsSync(out)).toBe(false);
  });

  it('is requested, approved by somebody else, and built', async () => {
    const requested = await run('Lin', 'bundle', 'request', workspace(), ...ask, '--to', recipient);
    expect(requested.out).toMatch(/^2\nBundle 2 was requested\. A supervisor has to approve it/);
    const out = place.at('approved.tar.age');
    const early = await run('Lin', 'bundle', 'build', workspace(), '2', '--out', out);
    expect(early).toMatchObject({ exit: EXIT.notAllowed });
    expect(early.err).toMatch(/waits for approval/);
    expect(existsSync(out)).toBe(false);

    const legal = await run('Lin', 'bundle', 'approve', workspace(), '2');
    expect(legal).toMatchObject({ exit: EXIT.notAllowed });
    expect(legal.err).toMatch(/needs the role supervisor/);
    const approved = await run('Sam', 'bundle', 'approve', workspace(), '2', '--json');
    expect(approved.json()).toMatchObject({ state: 'approved', approvedBy: 'Sam' });
    const again = await run('Sam', 'bundle', 'approve', workspace(), '2');
    expect(again).toMatchObject({ exit: EXIT.usage });

    const supervisor = await run('Sam', 'bundle', 'build', workspace(), '2', '--out', out);
    expect(supervisor).toMatchObject({ exit: EXIT.notAllowed });
    const built = await run('Lin', 'bundle', 'build', workspace(), '2', '--out', out);
    expect(built).toMatchObject({ exit: EXIT.done });
    expect(built.out).toMatch(/^Bundle 2: 3 items, .*SHA-256 [0-9a-f]{64}\n$/);
    expect(readdirSync(place.folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('is never approved by whoever asked for it', async () => {
    const request = ['bundle', 'request', workspace(), ...ask, '--to', recipient, '--json'];
    const { id } = (await run('Ada', ...request)).json<BundleSummary>();
    const own = await run('Ada', 'bundle', 'approve', workspace(), String(id));
    expect(own).toMatchObject({ exit: EXIT.notAllowed });
    expect(own.err).toMatch(/asked for this bundle yourself/);
  });
});

describe('custos bundle verify', () => {
  const verify = (...args: string[]): Promise<Ran> => place.custos(['bundle', 'verify', ...args]);
  const key = (): string[] => ['--identity', place.at('key.txt')];
  const good = (): string => place.at('alone.tar.age');

  it('finds a good bundle good, as data and in words', async () => {
    const data = await verify(good(), ...key(), '--json');
    expect(data).toMatchObject({ exit: EXIT.done, err: '' });
    expect(data.json()).toMatchObject({ good: true, caseRef: 'OP-7', edition: 'sealed', items: 3 });
    const told = await verify(good(), ...key());
    expect(told.out).toMatch(
      /^The bundle is good\.\n {2}case OP-7, sealed edition, 3 items, signed/,
    );
    expect(told.out).not.toMatch(/not among the keys you trust/);
  });

  it('finds one bad that was changed, cut short or written to somebody else', async () => {
    const bytes = readFileSync(good());
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1]! ^= 1;
    writeFileSync(place.at('flipped'), flipped);
    writeFileSync(place.at('cut'), bytes.subarray(0, bytes.length - 1000));
    copyFileSync(good(), place.at('whole'));
    for (const [file, identity] of [
      ['flipped', 'key.txt'],
      ['cut', 'key.txt'],
      ['whole', 'other key.txt'],
    ] as const) {
      const ran = await verify(place.at(file), '--identity', place.at(identity), '--json');
      expect(ran, file).toMatchObject({ exit: EXIT.wrong, err: '' });
      expect(ran.json<BundleVerification>().good, file).toBe(false);
      const told = await verify(place.at(file), '--identity', place.at(identity));
      expect(told.out, file).toMatch(/^The bundle is not good\.\n {2}bad: Encryption/);
    }
  });

  it.each([
    ['no bundle at all', () => [place.at('disk')], EXIT.wrong, /not a Custos bundle/],
    ['a picture', () => [place.at('disk', 'picture 000.jpg')], EXIT.wrong, /not a Custos bundle/],
    ['nothing', () => [place.at('nowhere'), ...key()], EXIT.io, /no bundle at that place/],
    ['no key', () => [good()], EXIT.usage, /encrypted. Give the key file/],
    [
      'a key file that is not there',
      () => [good(), '--identity', place.at('nowhere')],
      EXIT.io,
      /The key file cannot be read \(ENOENT\)/,
    ],
    [
      'a key file that is none',
      () => [good(), '--identity', place.passwordFile('Ada')],
      EXIT.usage,
      /Line 1 of the key file is not/,
    ],
    [
      'a list of signers that is none',
      () => [good(), ...key(), '--signers', place.passwordFile('Ada')],
      EXIT.usage,
      /Line 1 of the list of signers/,
    ],
  ])('says what is wrong with %s', async (_, args, exit, sentence) => {
    const ran = await verify(...args());
    expect(ran).toMatchObject({ exit, out: '' });
    expect(ran.err).toMatch(sentence);
  });
});

describe('custos record', () => {
  it('lists to supervisors only, newest first, and as many as asked for', async () => {
    const list = (person: string, ...more: string[]): Promise<Ran> =>
      run(person, 'record', 'list', workspace(), ...more);
    const entries = (await list('Sam', '--json')).lines<RecordEntry>();
    expect(entries.at(-1)!.seq).toBe(0);
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, at) => entries[0]!.seq - at));
    for (const type of ['import.begun', 'bundle.approved', 'call.refused', 'record.read'])
      expect(entries.map((entry) => entry.type as string)).toContain(type);
    const three = await list('Sam', '--limit', '3');
    expect(three.out.trimEnd().split('\n')).toHaveLength(3);
    expect((await list('Sam', '--limit', 'all')).err).toMatch(/"all" is not a number of entries/);
    expect(await list('Sam', '--limit', '0')).toMatchObject({ exit: EXIT.usage, out: '' });
    const lin = await list('Lin', '--json');
    expect(lin).toMatchObject({ exit: EXIT.notAllowed });
    expect(lin.json()).toMatchObject({ error: { code: 'NOT_ALLOWED' } });
  });

  it('is found intact, and signs a checkpoint to take away', async () => {
    const ran = await run('Lin', 'record', 'verify', workspace(), '--json');
    expect(ran).toMatchObject({ exit: EXIT.done, err: '' });
    expect(ran.json()).toMatchObject({ good: true, findings: [], anchor: 'agrees' });
    const told = await run('Sam', 'record', 'verify', workspace());
    expect(told.out).toMatch(/^The record is intact: \d+ entries/);
    const note = await run('Sam', 'record', 'checkpoint', workspace());
    expect(note.out).toMatch(/^custos\/record\/[0-9a-f]{32}\n\d+\n\S{44}\n\n— custos\/record\//);
  });

  it('is found wrong once a byte of it was changed, and says so to everybody', async () => {
    const segment = path.join(workspace(), 'record', '000001.evl');
    const bytes = readFileSync(segment);
    const changed = Buffer.from(bytes);
    changed[bytes.length >> 1]! ^= 1;
    writeFileSync(segment, changed);
    try {
      for (const person of ['Sam', 'Lin']) {
        const ran = await run(person, 'record', 'verify', workspace(), '--json');
        expect(ran).toMatchObject({ exit: EXIT.wrong });
        const verdict = ran.json<RecordVerdict>();
        expect(verdict.good).toBe(false);
        expect(verdict.findings[0]).toMatch(/^Entry \d+ of the record does not hold/);
        expect(ran.err).toMatch(/open for reading only/);
      }
      const told = await run('Lin', 'record', 'verify', workspace());
      expect(told.out).toMatch(/^The record is not intact\.\n {2}Entry \d+/);
      const change = await run('Ada', 'import', workspace(), place.at('disk'), '--case', 'OP-7');
      expect(change).toMatchObject({ exit: EXIT.wrong, out: '' });
      expect((await run('Lin', 'items', workspace(), '--case', 'OP-7')).exit).toBe(EXIT.done);
    } finally {
      writeFileSync(segment, bytes);
    }
    expect(await run('Lin', 'record', 'verify', workspace())).toMatchObject({ exit: EXIT.done });
  });
});
