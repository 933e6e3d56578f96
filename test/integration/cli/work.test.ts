/** A case from a shell: import, list, decide, report. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '#shared/domain/errors.ts';
import { createInterrupt } from '#electron/cli/interrupt.ts';
import { makePlace, type Place, type Ran, type RunOptions } from './cli.ts';
import { mixedFolder, pictures } from './evidence.ts';

interface Ledger {
  offered: number;
  new: number;
  duplicate: number;
  unreadable: number;
  refused: number;
  stacks: number;
  matched: number;
  bytes: number;
  seconds: number;
  failures: { path: string; reason: string }[];
  error?: { code: string };
}
interface Item {
  sha256: string;
  state: string;
  stack: number | null;
  category: string | null;
  basis: string | null;
  looks: number;
  occurrences: { path: string; source: string; exhibit: string }[];
  [key: string]: unknown;
}

let place: Place;
const workspace = (): string => place.at('work space');

beforeAll(async () => {
  place = makePlace();
  const made = await place.custos([
    ...['init', workspace(), '--member', 'Ada'],
    ...['--password-file', place.passwordFile('Ada')],
  ]);
  expect(made.exit).toBe(EXIT.done);
  await mixedFolder(place.at('seized disk'));
});
afterAll(() => place.remove());

const ada = (args: string[], options?: RunOptions): Promise<Ran> =>
  place.custos([...args, '--password-file', place.passwordFile('Ada')], options);
const createCase = async (ref: string, ...more: string[]): Promise<Ran> =>
  ada(['case', 'create', workspace(), '--ref', ref, '--title', `Case ${ref}`, ...more]);
const bringIn = (ref: string, paths: string[], ...more: string[]): Promise<Ran> =>
  ada(['import', workspace(), ...paths, '--case', ref, ...more]);
const itemsOf = async (ref: string): Promise<Item[]> =>
  (await ada(['items', workspace(), '--case', ref, '--json'])).lines<Item>();
const balances = ({ offered, new: added, duplicate, unreadable, refused }: Ledger): boolean =>
  offered === added + duplicate + unreadable + refused;

describe('custos case', () => {
  it('creates and lists', async () => {
    const made = await createCase('OP-7', '--service', 'example.net', '--json');
    expect(made.json()).toMatchObject({ ref: 'OP-7', title: 'Case OP-7', lawPack: 'uk' });
    const listed = await ada(['case', 'list', workspace(), '--json']);
    expect(listed.lines()).toMatchObject([{ ref: 'OP-7', service: 'example.net' }]);
  });

  it('refuses a reference that is taken, empty or too long, and an unknown law pack', async () => {
    expect((await createCase('OP-7')).err).toMatch(/a case with the reference "OP-7" already/);
    expect(await createCase('OP-7')).toMatchObject({ exit: EXIT.usage });
    expect((await createCase('')).err).toMatch(/1 to 60 characters/);
    expect((await createCase('x'.repeat(61))).err).toMatch(/1 to 60 characters/);
    expect((await createCase('OP-8', '--law-pack', 'mars')).err).toMatch(/no law pack "mars".*uk/);
  });

  it('takes no title that moves a cursor, and shows one that turns the line around', async () => {
    const title = (text: string): Promise<Ran> =>
      ada(['case', 'create', workspace(), '--ref', 'OP-8', '--title', text]);
    for (const text of ['red \u001b[31m', 'a\nOP-99  all decided'])
      expect((await title(text)).err).toMatch(/title stands on one line, without control/);
    expect(await title('gpj.\u202eOP-8')).toMatchObject({ exit: EXIT.done });
    const { out } = await ada(['case', 'list', workspace()]);
    expect(out).toContain('gpj.⟨U+202E⟩OP-8');
  });

  it('says which cases there are where a command names another', async () => {
    const ran = await ada(['items', workspace(), '--case', 'OP-99', '--json']);
    expect(ran).toMatchObject({ exit: EXIT.usage });
    expect(ran.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(ran.err).toMatch(/no case "OP-99".*OP-7/);
  });
});

describe('custos import', () => {
  it('counts and keeps nothing on a dry run', async () => {
    const dry = await bringIn('OP-7', [place.at('seized disk')], '--dry-run', '--json');
    expect(dry.json()).toMatchObject({ files: 10, refused: 2, truncated: false });
    const told = await bringIn('OP-7', [place.at('seized disk')], '--dry-run');
    expect(told.out).toMatch(/^10 files, .*8 jpg/);
    expect(told.out).toMatch(/Nothing was kept\.\n$/);
    const report = await ada(['report', workspace(), '--case', 'OP-7', '--json']);
    expect(report.json()).toMatchObject({ items: 0, imports: [] });
  });

  it('answers with a balanced ledger that names every failure', async () => {
    const ran = await bringIn(
      'OP-7',
      [place.at('seized disk')],
      ...['--source', 'seized disk', '--exhibit', 'JD/1', '--json'],
    );
    expect(ran.exit).toBe(EXIT.done);
    // The words were only shown, and nobody has typed them again.
    expect(ran.err).toMatch(/^The recovery words of this workspace were never checked[^\n]*\n$/);
    const { failures, ...ledger } = ran.json<Ledger>();
    expect(ledger).toEqual({
      offered: 12,
      new: 5,
      duplicate: 2,
      unreadable: 3,
      refused: 2,
      stacks: expect.any(Number),
      matched: 0,
      bytes: expect.any(Number),
      seconds: expect.any(Number),
    });
    expect(failures.map(({ path: file }) => path.basename(file)).sort()).toEqual([
      'cut short.jpg',
      'dangling',
      'empty.png',
      'link.jpg',
      'notes.jpg',
    ]);
    for (const { reason } of failures) expect(reason).toMatch(/^[A-Z].*\.$/s);
  });

  it('adds places, not items, the second time', async () => {
    const ran = await bringIn('OP-7', [place.at('seized disk')]);
    expect(ran).toMatchObject({ exit: EXIT.done });
    expect(ran.out).toMatch(
      /^12 files offered = 0 new \+ 10 duplicate \+ 0 unreadable \+ 2 refused\n/,
    );
    expect(ran.out).toMatch(/\n {2}refused: .*link\.jpg: A link is not followed/);
    expect(await itemsOf('OP-7')).toHaveLength(8);
  });

  it.each([
    ['a source that is not there', () => [place.at('gone')], EXIT.io, /is not there/],
    ['one of several', () => [place.at('seized disk'), place.at('gone')], EXIT.io, /not there/],
    ['an empty name', () => [''], EXIT.usage, /name of a file or folder is empty/],
    ['the workspace itself', () => [workspace()], EXIT.io, /inside this workspace/],
    ['the running system', () => ['/proc'], EXIT.io, /running system/],
  ])('keeps nothing of %s', async (_, paths, exit, sentence) => {
    const before = await ada(['report', workspace(), '--case', 'OP-7', '--json']);
    const ran = await bringIn('OP-7', paths(), '--json');
    expect(ran).toMatchObject({ exit });
    expect(ran.err).toMatch(sentence);
    expect(ran.json()).toMatchObject({ error: { message: expect.stringMatching(sentence) } });
    const after = await ada(['report', workspace(), '--case', 'OP-7', '--json']);
    expect(after.json()).toEqual(before.json());
  });

  it('stopped in the middle keeps what was finished, balanced, and goes on later', async () => {
    await createCase('OP-STOP');
    await pictures(place.at('many'), 30);
    const interrupt = createInterrupt();
    // As soon as the work has begun; where exactly it is met is the point of the ledger.
    const ran = await ada(
      ['import', workspace(), place.at('many'), '--case', 'OP-STOP', '--json'],
      {
        interrupt: { ...interrupt, check: () => setTimeout(() => interrupt.fire(), 60) },
      },
    );
    expect(ran).toMatchObject({ exit: EXIT.wrong });
    expect(ran.err).toMatch(/The import was stopped. \d+ files? w.* run it again/);
    const ledger = ran.json<Ledger>();
    expect(ledger.error).toMatchObject({ code: 'CANCELLED' });
    expect(balances(ledger)).toBe(true);
    expect(ledger.offered).toBeLessThan(30);
    expect(await itemsOf('OP-STOP')).toHaveLength(ledger.offered);

    const rest = (await bringIn('OP-STOP', [place.at('many')], '--json')).json<Ledger>();
    expect(rest).toMatchObject({ offered: 30, duplicate: ledger.offered, unreadable: 0 });
    expect(await itemsOf('OP-STOP')).toHaveLength(30);
  });
});

describe('custos items', () => {
  it('prints one JSON line an item, with every place', async () => {
    const items = await itemsOf('OP-7');
    const copied = items.find(({ occurrences }) => occurrences.length === 6)!;
    expect(Object.keys(copied)).toEqual([
      ...['sha256', 'md5', 'sha1', 'pdq', 'quality', 'mime', 'width', 'height', 'bytes'],
      ...['stack', 'state', 'category', 'basis', 'looks', 'occurrences'],
    ]);
    expect(copied).toMatchObject({ state: 'undecided', category: null, looks: 0 });
    expect(copied.occurrences.map(({ source }) => source)).toEqual([
      ...Array<string>(3).fill('seized disk'),
      ...Array<string>(3).fill(''),
    ]);
    expect(copied.occurrences.map((o) => o.path).join()).toContain(
      'line⟨U+000A⟩break ⟨U+001B⟩[31m.jpg',
    );
    const unread = items.filter(({ state }) => state === 'unreadable');
    expect(unread.map((item) => item['unreadable'])).toContain('This is text, not a picture.');
  });

  it('loses no place of an item that was found everywhere', async () => {
    await createCase('OP-MANY');
    mkdirSync(place.at('everywhere'));
    for (let copy = 0; copy < 450; copy += 1)
      writeFileSync(place.at('everywhere', `copy ${copy}.jpg`), 'The same text again and again.');
    await bringIn('OP-MANY', [place.at('everywhere')]);
    const [item] = await itemsOf('OP-MANY');
    expect(new Set(item!.occurrences.map((found) => found.path)).size).toBe(450);
    const { out } = await ada(['items', workspace(), '--case', 'OP-MANY']);
    expect(out).toMatch(/copy 0\.jpg \(and 449 more\)\n$/);
  });

  it('is a line an item for a person, with the whole hash', async () => {
    const { out } = await ada(['items', workspace(), '--case', 'OP-7']);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(8);
    for (const line of lines) expect(line).toMatch(/^[0-9a-f]{64} {2}(undecided|unreadable) /);
    expect(out).not.toContain('\u001b');
  });
});

describe('custos decide', () => {
  let item: Item;
  beforeAll(async () => {
    item = (await itemsOf('OP-7')).find(({ stack }) => stack !== null)!;
  });
  const decide = (...more: string[]): Promise<Ran> =>
    ada(['decide', workspace(), '--case', 'OP-7', ...more]);
  const about = (...more: string[]): Promise<Ran> =>
    decide('--sha256', item.sha256, '--reason', 'An empty bottle.', ...more);

  it.each([
    [['--fact', 'relevantly=no'], /no fact "relevantly".*ageBand/],
    [['--fact', 'relevant=maybe'], /"maybe" is not a value of relevant. Known: yes, no/],
    [['--fact', 'relevant'], /"relevant" is not a fact. Write key=value/],
    [['--fact', 'relevant=no:perhaps'], /"perhaps" is no certainty/],
    [['--fact', 'relevant=no', '--fact', 'relevant=yes'], /relevant is given more than once/],
    [['--category', 'uk.nonsense'], /no category "uk.nonsense".*uk.indecent.A/],
    [[], /settle no category/],
  ])('says what is wrong with %j, and decides nothing', async (more, sentence) => {
    const ran = await about(...more);
    expect(ran).toMatchObject({ exit: EXIT.usage, out: '' });
    expect(ran.err).toMatch(sentence);
    const found = (await itemsOf('OP-7')).find(({ sha256 }) => sha256 === item.sha256);
    expect(found).toMatchObject({ state: 'undecided' });
  });

  it('refuses a hash that is none, or of no item, and a reason that is none', async () => {
    const reason = ['--reason', 'An empty bottle.', '--fact', 'relevant=no'];
    expect((await decide('--sha256', 'abc', ...reason)).err).toMatch(/64 hexadecimal/);
    const nobody = await decide('--sha256', 'f'.repeat(64), ...reason);
    expect(nobody).toMatchObject({ exit: EXIT.usage });
    expect(nobody.err).toMatch(/No item of this case has this SHA-256/);
    const hasty = await decide('--sha256', item.sha256, '--reason', 'x', '--fact', 'relevant=no');
    expect(hasty.err).toMatch(/A reason has 3 to 2000 characters/);
  });

  it('has nothing to decide about what is no picture', async () => {
    const text = (await itemsOf('OP-7')).find(({ state }) => state === 'unreadable')!;
    for (const more of [[], ['--stack']]) {
      const args = ['--sha256', text.sha256, '--reason', 'No picture.', '--fact', 'relevant=no'];
      const ran = await decide(...args, ...more);
      expect(ran).toMatchObject({ exit: EXIT.wrong });
      expect(ran.err).toMatch(/could not be read as a picture/);
    }
  });

  it('derives the category from facts, for one item and for a stack', async () => {
    const made = await about('--fact', 'relevant=no:likely', '--json');
    expect(made).toMatchObject({ exit: EXIT.done, err: '' });
    expect(made.json()).toMatchObject({
      items: 1,
      decision: { category: 'uk.notRelevant', basis: 'described', reason: 'An empty bottle.' },
    });
    const again = await about('--category', 'uk.undetermined', '--stack');
    expect(again.out).toMatch(/^Undetermined: 1 item\.\n$/i);
    const found = (await itemsOf('OP-7')).find(({ sha256 }) => sha256 === item.sha256);
    expect(found).toMatchObject({ state: 'decided', category: 'uk.undetermined', looks: 0 });
  });
});

describe('custos report', () => {
  it('prints the figures product.md names, as data and in words', async () => {
    const data = await ada(['report', workspace(), '--case', 'OP-7', '--json']);
    expect(data.json()).toMatchObject({
      ref: 'OP-7',
      items: 8,
      unreadable: 3,
      decided: 1,
      undecided: 4,
      byCategory: { 'uk.undetermined': 1 },
      looks: 0,
      relooks: 0,
      looksPerDistinctPicture: 0,
    });
    const told = await ada(['report', workspace(), '--case', 'OP-7']);
    expect(told.out).toMatch(/^OP-7 {2}Case OP-7\n8 items in \d stacks, 1 decided, 4 undecided/);
    expect(told.out).toMatch(/looks in colour per distinct picture: 0\.00/);
  });
});

describe('a source that vanishes while it is read', () => {
  it('is a refusal in the ledger, not the end', async () => {
    await createCase('OP-GONE');
    await pictures(place.at('going'), 3);
    mkdirSync(place.at('behind'));
    writeFileSync(place.at('behind', 'a.txt'), 'text');
    symlinkSync(place.at('behind'), place.at('going', 'zz'));
    rmSync(place.at('behind'), { recursive: true });
    const ran = await bringIn('OP-GONE', [place.at('going')], '--json');
    expect(ran).toMatchObject({ exit: EXIT.done });
    expect(ran.json()).toMatchObject({ offered: 4, new: 3, refused: 1 });
  });
});
