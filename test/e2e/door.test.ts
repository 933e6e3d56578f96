/** The Door: making a workspace, getting in, being kept out. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { onEveryHost } from './support/hosts.ts';
import { smallPictures } from './support/pictures.ts';
import { emptyPlace, foundedPlace, passwordOf, type Place } from './support/place.ts';
import {
  enter,
  eventually,
  lock,
  openWindow,
  press,
  trouble,
  words,
  type Window,
} from './support/window.ts';

onEveryHost('the Door', (open) => {
  describe('a new workspace', () => {
    let place: Place;
    let window: Window;
    let recoveryWords: string[];

    beforeAll(async () => {
      place = await emptyPlace('door');
      window = await openWindow(open, {
        machineDir: place.machineDir,
        answers: { workspace: place.workspace },
      });
    });
    afterEach(() => window.calm());
    afterAll(async () => {
      await window.close();
      await place.remove();
    });

    it('says what is promised before anything is asked', async () => {
      const promises = window.page.getByRole('list', { name: 'What Custos promises' });
      expect(await promises.getByRole('listitem').count()).toBe(5);
      expect(await words(promises)).toContain('Not one packet');
    });

    it('refuses a password that is short, and one that is long but easy, each with its sentence', async () => {
      const { page } = window;
      await press(page, 'button', 'Create a workspace');
      await page.getByLabel('Your name').fill('Ada');
      await type(window, 'too short');
      const create = page.getByRole('button', { name: 'Create workspace' });
      expect(await create.isDisabled()).toBe(true);
      expect(await words(page.getByRole('main'))).toContain('9 of at least 15 characters');
      await page.keyboard.press('Enter');
      expect(await create.isVisible()).toBe(true);

      await type(window, 'passwordpassword1');
      await page.keyboard.press('Enter');
      await eventually(() => trouble(page)).toContain(
        'This password is too easy to guess. It is on every list of common passwords.',
      );
    });

    it('takes a suggested password, shows the recovery words once and has all of them typed', async () => {
      const { page } = window;
      await press(page, 'button', 'Suggest a password');
      await eventually(() => page.getByLabel('Password', { exact: true }).inputValue()).toMatch(
        /^[a-z]+(-[a-z]+){5}$/,
      );
      // The rest of the file unlocks with a password it knows.
      await type(window, passwordOf('Ada'));
      await page.keyboard.press('Enter');
      recoveryWords = await shownWords(window);
      expect(recoveryWords).toHaveLength(24);
      await press(page, 'button', 'I have written them down');

      const field = page.getByLabel('All 24 recovery words, from your paper');
      expect(await page.getByRole('list', { name: 'Recovery words' }).count()).toBe(0);
      const refused = async (typed: readonly string[], sentence: string): Promise<void> => {
        await field.fill(typed.join(' '));
        await press(page, 'button', 'Confirm the words');
        await eventually(() => trouble(page)).toContain(sentence);
      };
      await refused(recoveryWords.slice(1), 'There are 23 words; the recovery words are 24.');
      await refused(recoveryWords.with(4, 'nonsense'), 'Word 5 is not a word of the list.');
      await refused(recoveryWords.toReversed(), 'Compare them with what you wrote down.');

      // Later: nothing comes in until it was done.
      await press(page, 'button', 'Later');
      await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
      expect(await page.getByText(recoveryWords[0]!, { exact: true }).count()).toBe(0);
    });

    it('lets nothing in before the words were typed, and imports after', async () => {
      const { app, page } = window;
      await smallPictures(place.path('seized disk'), 2);
      await app.answer({ sources: [place.path('seized disk')] });
      await press(page, 'button', 'Create the first case');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Reference').fill('C-7');
      await dialog.getByLabel('Title').fill('From the first day');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: /^C-7 / }).waitFor();
      await enter(page, 'Intake');
      await page.getByRole('heading', { name: 'The recovery words, to be typed once' }).waitFor();
      expect(await page.getByRole('button', { name: /^Choose/ }).count()).toBe(0);

      // As on paper: numbered, on lines, in capitals.
      const paper = recoveryWords.map((word, index) => `${index + 1}. ${word.toUpperCase()}`);
      await page.getByLabel('All 24 recovery words, from your paper').fill(paper.join('\n'));
      await press(page, 'button', 'Confirm the words');
      await press(page, 'button', /^Choose a folder/);
      await page.getByLabel('Source label').fill('seized disk');
      await press(page, 'button', 'Import 2 files');
      await page.getByRole('table').getByRole('row').nth(1).waitFor();
      await lock(window);
    });

    it('opens for the right password only, and makes guessing slow', async () => {
      const { page } = window;
      await page.getByLabel('Member').fill('Ada');
      await page.getByLabel('Password').fill('this is not the password');
      await page.keyboard.press('Enter');
      await eventually(() => trouble(page)).toMatch(/password/i);
      const sentence = await trouble(page);

      // A member nobody has heard of is told the same.
      await page.getByLabel('Password').fill('this is not the password either');
      await page.keyboard.press('Enter');
      await eventually(() => trouble(page)).toMatch(/Wait \d+ seconds?, then try again\./);
      expect(await words(page.getByRole('main'))).toMatch(
        /The next try is possible in \d seconds?\./,
      );
      const button = page.getByRole('button', { name: 'Unlock', exact: true });
      expect(await button.isDisabled()).toBe(true);
      await eventually(() => button.isEnabled()).toBe(true);

      await page.getByLabel('Member').fill('Nobody at all');
      await page.getByLabel('Password').fill(passwordOf('Ada'));
      await page.keyboard.press('Enter');
      await eventually(() => trouble(page)).toBe(sentence);

      await page.getByLabel('Member').fill('Ada');
      await eventually(async () => {
        await page.getByLabel('Password').fill(passwordOf('Ada'));
        await page.getByLabel('Password').press('Enter');
        await page.getByRole('button', { name: 'Unlocking…' }).waitFor({ state: 'detached' });
        return page.getByRole('navigation', { name: 'Rooms' }).isVisible();
      }).toBe(true);
    });

    it('locks at a key and keeps nothing of the rooms', async () => {
      const { page } = window;
      await lock(window);
      expect(await page.getByRole('navigation', { name: 'Rooms' }).count()).toBe(0);
      expect(await window.call('cases.list', {})).toMatchObject({
        ok: false,
        error: { code: 'NOT_UNLOCKED' },
      });
    });
  });

  describe('a forgotten password', () => {
    const NEW = 'nine herons fold maps for Ada';
    let place: Place;
    let window: Window;
    let recoveryWords: string[];

    beforeAll(async () => {
      place = await emptyPlace('door-forgotten');
      window = await openWindow(open, {
        machineDir: place.machineDir,
        answers: { workspace: place.workspace },
      });
    });
    afterEach(() => window.calm());
    afterAll(async () => {
      await window.close();
      await place.remove();
    });

    it('the words are typed right at creation, and the way goes on into Cases', async () => {
      const { page } = window;
      await press(page, 'button', 'Create a workspace');
      await page.getByLabel('Your name').fill('Ada');
      await type(window, passwordOf('Ada'));
      await page.keyboard.press('Enter');
      recoveryWords = await shownWords(window);
      await press(page, 'button', 'I have written them down');
      await page.getByLabel('All 24 recovery words, from your paper').fill(recoveryWords.join(' '));
      await press(page, 'button', 'Confirm the words');
      await page.getByRole('main', { name: 'Cases' }).waitFor();
      await lock(window);
    });

    it('wrong words change nothing, each error is a sentence', async () => {
      const { page } = window;
      await page.getByLabel('Member').fill('Lin');
      await press(page, 'button', 'Forgotten password');
      const set = page.getByRole('button', { name: 'Set the new password' });
      expect(await set.isDisabled()).toBe(true);
      const field = page.getByLabel('All 24 recovery words, from your paper');
      await field.fill(recoveryWords.with(0, 'nonsense').join(' '));
      await page.getByLabel('New password', { exact: true }).fill(NEW);
      await page.getByLabel('New password again').fill(NEW);
      await page.keyboard.press('Enter');
      await eventually(() => trouble(page)).toContain('Word 1 is not a word of the list.');

      // Words of another workspace: well formed, and they open nothing here.
      await field.fill(`${'abandon '.repeat(23)}art`);
      await set.press('Enter');
      await eventually(() => trouble(page)).toMatch(/words/);
      expect(await trouble(page)).not.toContain('abandon');

      await field.fill(recoveryWords.join(' '));
      await eventually(async () => {
        await set.press('Enter');
        return trouble(page);
      }).toContain('These words belong to another member of this workspace.');
    });

    it('the right words set a new password, which opens; the old one does not', async () => {
      const { page } = window;
      await page.getByLabel('Whose words they are').fill('Ada');
      await press(page, 'button', 'Set the new password');
      await page.getByText(/A new password is set for Ada\./).waitFor();
      expect(await page.getByLabel('Member').inputValue()).toBe('Ada');
      await page.getByLabel('Password').fill(passwordOf('Ada'));
      await page.keyboard.press('Enter');
      await eventually(() => trouble(page)).toMatch(/password/i);
      await eventually(async () => {
        await page.getByLabel('Password').fill(NEW);
        await page.getByLabel('Password').press('Enter');
        await page.getByRole('button', { name: 'Unlocking…' }).waitFor({ state: 'detached' });
        return page.getByRole('navigation', { name: 'Rooms' }).isVisible();
      }).toBe(true);
      const listed = await window.call('record.list', {
        types: ['workspace.recovered', 'unlock.failed', 'recovery.confirmed'],
        before: null,
        limit: 10,
      });
      expect(listed.ok && listed.value.entries.map(({ type: kind }) => kind)).toEqual([
        'unlock.failed',
        'workspace.recovered',
        'unlock.failed',
        'recovery.confirmed',
      ]);
    });
  });

  describe('a folder that cannot be opened', () => {
    let place: Place;
    let window: Window;

    beforeAll(async () => {
      place = await foundedPlace('door-refused');
      window = await openWindow(open, { machineDir: place.machineDir });
    });
    afterEach(() => window.calm());
    afterAll(async () => {
      await window.close();
      await place.remove();
    });

    it('says so when it is no workspace', async () => {
      const { app, page } = window;
      const folder = place.path('holiday pictures');
      await mkdir(folder);
      await app.answer({ workspace: folder });
      await press(page, 'button', 'Open a workspace');
      await eventually(() => trouble(page)).toMatch(/not a Custos workspace/);
      expect(await trouble(page)).not.toContain(path.dirname(folder));
    });

    it('says so when another window or command has it open', async () => {
      const { app, page } = window;
      await app.answer({ workspace: place.workspace });
      await place.as('Sam', async () => {
        await press(page, 'button', 'Open a workspace');
        await page.getByLabel('Member').fill('Ada');
        await page.getByLabel('Password').fill(passwordOf('Ada'));
        await page.keyboard.press('Enter');
        await eventually(() => trouble(page)).toContain('open in another window or command');
      });
      await page.getByLabel('Password').fill(passwordOf('Ada'));
      await page.keyboard.press('Enter');
      await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
    });
  });

  describe('the watch over every spec', () => {
    it('notices an error on the console, an uncaught error and a request to elsewhere', async () => {
      const window = await openWindow(open);
      try {
        const { page, troubles } = window;
        await page.evaluate(() => {
          console.error('a made-up failure');
          setTimeout(() => {
            throw new Error('a made-up throw');
          });
          new Image().src = 'https://elsewhere.invalid/picture.png';
        });
        const seen = (what: RegExp) =>
          eventually(() => troubles.some((trouble) => what.test(trouble))).toBe(true);
        await seen(/^console: a made-up failure$/);
        await seen(/^page: a made-up throw$/);
        await seen(/elsewhere\.invalid/);
        expect(() => window.calm()).toThrow();
      } finally {
        await window.close();
      }
    });
  });
});

/** The words on the screen, without their numbers. */
async function shownWords({ page }: Window): Promise<string[]> {
  const list = page.getByRole('list', { name: 'Recovery words' });
  await list.waitFor();
  const shown = await list.getByRole('listitem').all();
  return Promise.all(shown.map(async (word) => (await words(word)).replace(/^\d+ /, '')));
}

/** Both password fields; the keyboard is left in the second. */
async function type({ page }: Window, password: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password again').fill(password);
}
