/** The development host's own dialogs, used by keyboard as a person would. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPageDialogs, DIALOG_ORIGIN, type PageDialogs } from '#electron/devhost/dialogs.ts';
import { checkNewName, listFolder } from '#electron/devhost/folders.ts';
import { openDevHost, type DevHost } from '#electron/devhost/host.ts';
import { temporaryFolder } from '../../hosts/app.ts';
import { anyChromium } from '../../hosts/chromium.ts';
import { createFakeCore } from '../../security/hosts/fake-core.ts';
import { writeFixtureScreen } from '../../security/hosts/fixture-screen.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let home: string;
let host: DevHost;
let dialogs: PageDialogs;

beforeAll(async () => {
  folder = await temporaryFolder('dialogs');
  home = path.join(folder.path, 'home');
  await mkdir(path.join(home, 'evidence', 'inner'), { recursive: true });
  await mkdir(path.join(home, '.hidden'));
  for (const name of ['a.jpg', 'b.jpg', '<img src=x>.png']) {
    await writeFile(path.join(home, 'evidence', name), '');
  }
  await writeFile(path.join(home, 'key.txt'), '');
  await writeFixtureScreen(folder.path);
  host = await openDevHost({
    core: createFakeCore(),
    chromium: await anyChromium(),
    headless: true,
    built: folder.path,
  });
});
afterAll(async () => {
  await host.close();
  await folder.remove();
});
beforeEach(() => {
  dialogs = createPageDialogs(home);
  dialogs.attach(host);
});

/** The key that answers also closes the window, often before the driver has let go of it. */
const closed = (error: unknown): void => {
  if (!String(error).includes('closed')) throw error;
};

/** The dialog's window once it lists the folder. */
async function dialogPage(): Promise<Page> {
  let found: Page | undefined;
  await expect
    .poll(() => (found = host.context.pages().find((p) => p.url().startsWith(DIALOG_ORIGIN))))
    .toBeDefined();
  if (!found) throw new Error('no dialog');
  await found.locator('#act:not(:empty)').waitFor();
  return found;
}

describe('a dialog', () => {
  it('lists folders first and nothing hidden, and chooses a folder', async () => {
    const chosen = dialogs.chooseWorkspace('open');
    const page = await dialogPage();
    expect(await page.locator('#entries li').allInnerTexts()).toEqual([
      '▸\nevidence',
      '·\nkey.txt',
    ]);
    await page.keyboard.press('Enter');
    await page.locator('#folder', { hasText: /evidence$/ }).waitFor();
    await page.locator('#act').press('Enter').catch(closed);
    expect(await chosen).toBe(path.join(home, 'evidence'));
  });

  it('chooses several files by keyboard and shows names as text', async () => {
    const chosen = dialogs.chooseSources('files');
    const page = await dialogPage();
    await page.keyboard.press('Enter');
    await page.locator('#folder', { hasText: /evidence$/ }).waitFor();
    expect(await page.locator('#entries img').count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press(' ');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press(' ');
    await page.locator('#note', { hasText: '2 chosen' }).waitFor();
    await page.locator('#act').press('Enter').catch(closed);
    const names = (await chosen)?.map((file) => path.basename(file)).sort();
    expect(names).toHaveLength(2);
  });

  it('goes up with Backspace and makes a new name, but never over an old one', async () => {
    const chosen = dialogs.chooseTarget('key.txt');
    const page = await dialogPage();
    await page.keyboard.press('Enter');
    await page.locator('#folder', { hasText: /evidence$/ }).waitFor();
    await page.keyboard.press('Backspace');
    await page.locator('#folder', { hasText: /home$/ }).waitFor();
    await page.locator('#name').press('Enter');
    await page.locator('#note', { hasText: 'already' }).waitFor();
    await page.locator('#name').fill('bundle.custos');
    await page.locator('#name').press('Enter').catch(closed);
    expect(await chosen).toBe(path.join(home, 'bundle.custos'));
  });

  it('chooses a bundle and goes on without a key', async () => {
    const chosen = dialogs.chooseReceived();
    const first = await dialogPage();
    await first.keyboard.press('ArrowDown');
    const gone = first.waitForEvent('close');
    await first.keyboard.press('Enter').catch(closed);
    await gone;
    const second = await dialogPage();
    await second.locator('#skip').press('Enter').catch(closed);
    expect(await chosen).toEqual({ file: path.join(home, 'key.txt'), identity: null });
  });

  it.each([
    ['Escape', (page: Page) => page.keyboard.press('Escape').catch(closed)],
    ['closing its window', (page: Page) => page.close()],
  ])('chooses nothing after %s', async (_name, act) => {
    const chosen = dialogs.chooseSources('folder');
    await act(await dialogPage());
    expect(await chosen).toBeNull();
    await expect.poll(() => host.context.pages()).toHaveLength(1);
  });

  it('cannot be reached from the app’s page', async () => {
    const chosen = dialogs.chooseWorkspace('open');
    await dialogPage();
    const reached = await host.page.evaluate(
      (origin) =>
        fetch(`${origin}/dialog.js`).then(
          () => true,
          () => false,
        ),
      DIALOG_ORIGIN,
    );
    expect(reached).toBe(false);
    expect(await host.page.evaluate(() => 'dialogWire' in window)).toBe(false);
    await (await dialogPage()).close();
    expect(await chosen).toBeNull();
  });

  it('chooses nothing before there is a window', async () => {
    expect(await createPageDialogs(home).chooseWorkspace('open')).toBeNull();
  });
});

describe('folders', () => {
  it('says so when one cannot be read', async () => {
    const listing = await listFolder(path.join(home, 'gone'));
    expect(listing).toMatchObject({ entries: [], parent: home });
    expect(listing.problem).toContain('cannot be read');
  });

  it.each(['', '  ', '.', '..', 'a/b', 'a\\b', 'a\0b', 'key.txt'])(
    'refuses the new name %j',
    async (name) => expect(await checkNewName(home, name)).not.toBeNull(),
  );
  it('accepts a free name', async () => expect(await checkNewName(home, 'new')).toBeNull());
});
