/** The demo: a whole case without a window, and what it leaves behind. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseFigures } from '#shared/contract/values.ts';
import { EXIT } from '#shared/domain/errors.ts';
import { createInterrupt } from '#electron/cli/interrupt.ts';
import { makePlace, type Place, type Ran } from './cli.ts';

let place: Place;
let told: Ran;
const demo = (): string => place.at('the demo');

beforeAll(async () => {
  place = makePlace();
  told = await place.custos(['demo', demo(), '--pictures', '6', '--no-screens']);
});
afterAll(() => place.remove());

describe('custos demo', () => {
  it('tells the case from the first file to the verified bundle', () => {
    expect(told).toMatchObject({ exit: EXIT.done, err: '' });
    const steps = told.out.split('\n').filter((line) => /^\d\. /.test(line));
    expect(steps).toHaveLength(6);
    expect(told.out).toMatch(/1\. A made-up disk: \d+ files\. 6 distinct pictures/);
    expect(told.out).toMatch(/good \(Encryption, Structure, Hashes, .*Table\)\./);
    expect(told.out).toMatch(/6\. Sam verifies the record: \d+ entries, .*, intact\./);
    expect(told.out).toMatch(/Looks in colour per distinct picture: \d\.\d\d {3}\(/);
    expect(told.out).toMatch(/No pictures of the rooms: none were asked for\./);
  });

  it('tells numbers that the workspace bears out', async () => {
    const ask = async (...args: string[]): Promise<Ran> =>
      place.custos([
        ...args,
        ...['--as', 'Ada', '--password-file', path.join(demo(), 'passwords', 'ada.txt')],
      ]);
    const workspace = path.join(demo(), 'workspace');
    const report = await ask('report', workspace, '--case', 'DEMO-1', '--json');
    const figures = report.json<CaseFigures>();
    const [, offered, added, duplicate, unreadable] =
      /: (\d+) offered = (\d+) new \+ (\d+) duplicate \+ (\d+) unreadable \+ 0 refused/
        .exec(told.out)!
        .map(Number);
    expect(offered).toBe(added! + duplicate! + unreadable!);
    expect(figures).toMatchObject({ items: added! + unreadable!, unreadable, undecided: 0 });
    expect(told.out).toContain(`with ${figures.looks} looks, ${figures.colourLooks} of them`);
    expect(told.out).toContain(`Ada decides ${figures.stacks} stacks (${figures.decided} items)`);
    expect(told.out).toContain(
      `Decided without any look: ${figures.decidedWithoutLook} · looked at once: ${figures.decidedWithOneLook} · more than once: ${figures.decidedWithMoreLooks} · again with a reason: ${figures.relooks}`,
    );
    expect(told.out).toContain(
      `distinct picture: ${(figures.colourLooks / figures.distinctPictures).toFixed(2)} `,
    );
  });

  it('lets nobody else read its passwords and its key', () => {
    expect(statSync(demo()).mode & 0o777).toBe(0o700);
    const secret = ['recipient-key.txt', ...passwords()];
    expect(secret).toHaveLength(4);
    for (const name of secret)
      expect(statSync(path.join(demo(), name)).mode & 0o777, name).toBe(0o600);
  });

  it('refuses a folder that holds something, and a number that is none', async () => {
    const again = await place.custos(['demo', demo(), '--json']);
    expect(again).toMatchObject({ exit: EXIT.usage });
    expect(again.json()).toMatchObject({ error: { code: 'WORKSPACE_EXISTS' } });
    const file = await place.custos(['demo', place.passwordFile('Ada')]);
    expect(file).toMatchObject({ exit: EXIT.usage, out: '' });
    const some = await place.custos(['demo', place.at('new'), '--pictures', 'some']);
    expect(some).toMatchObject({ exit: EXIT.usage, out: '' });
    expect(some.err).toMatch(/"some" is not a number of pictures/);
    expect(readdirSync(place.folder)).not.toContain('new');
  });

  it('prints one document with --json, and says why there are no pictures of the rooms', async () => {
    // A Chromium that is named and not there is none, whether the screens are built or not.
    process.env['CUSTOS_CHROMIUM'] = place.at('no such chromium');
    try {
      const ran = await place.custos(['demo', place.at('data'), '--pictures', '3', '--json']);
      expect(ran).toMatchObject({ exit: EXIT.done, err: '' });
      expect(ran.json()).toMatchObject({
        good: true,
        made: { distinct: 3, broken: 3 },
        ledger: { unreadable: 3, refused: 0 },
        figures: { undecided: 0, relooks: 1 },
        bundle: { good: true },
        record: { good: true },
        screens: [],
        noScreens: expect.stringMatching(/no Chromium was found|screens are not built/),
      });
    } finally {
      delete process.env['CUSTOS_CHROMIUM'];
    }
  });

  it('stops when it is asked to', async () => {
    const interrupt = createInterrupt();
    interrupt.fire();
    const ran = await place.custos(['demo', place.at('stopped')], { interrupt });
    expect(ran).toMatchObject({ exit: EXIT.wrong });
    expect(ran.err).toMatch(/Stopped, as you asked/);
  });
});

function passwords(): string[] {
  return readdirSync(path.join(demo(), 'passwords')).map((name) => path.join('passwords', name));
}
