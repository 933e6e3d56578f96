/** Settings: the password, the recovery words, and looking for damage. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { onEveryHost } from './support/hosts.ts';
import { smallPictures } from './support/pictures.ts';
import { caseWith, foundedPlace, passwordOf, type Place } from './support/place.ts';
import {
  as,
  enter,
  eventually,
  lock,
  openAs,
  press,
  unlock,
  words,
  type Window,
} from './support/window.ts';

const NEW = 'nine herons fold maps for Ada';

onEveryHost('Settings', (open) => {
  let place: Place;
  let window: Window;

  beforeAll(async () => {
    place = await foundedPlace('settings', async (client, { path: at }) => {
      await smallPictures(at('files'), 3);
      await caseWith(client, at('files'));
    });
    window = await openAs(open, place, 'Ada');
  });
  afterEach(() => window.calm());
  afterAll(async () => {
    await window?.close();
    await place?.remove();
  });

  const section = (name: string) => window.page.getByRole('region', { name, exact: true });
  const result = () => section('Integrity').getByRole('group', { name: /^Result/ });

  it('a quick check says that nothing is wrong, and what it looked at', async () => {
    const { page } = window;
    await enter(page, 'Settings');
    await page.getByText('Not checked yet.').waitFor();
    await page.keyboard.press('q');
    await result().waitFor();
    expect(await words(result())).toMatch(/^Nothing is wrong .*Quick check.* by Ada/);
    expect(await words(result())).toContain('3 originals');
    expect(await page.getByRole('heading', { name: 'Damaged originals' }).count()).toBe(0);
  });

  it('a full check finds an original that is gone and names its item', async () => {
    const { page } = window;
    await rm(await anOriginal(place.workspace));
    await page.keyboard.press('f');
    await eventually(() => words(result())).toMatch(/^1 original is damaged .*Full check/);
    expect(await words(result())).toMatch(/\d+ pages of the databases proved\./);
    expect(await words(result())).toMatch(/\d+ entries of the record proved\./);
    const row = page.getByRole('table', { name: 'Damaged originals of C-1' }).getByRole('row');
    await row.nth(1).waitFor();
    expect(await row.count()).toBe(2);
    expect(await words(row.nth(1))).toMatch(/^C-1 \d+ /);
  });

  it('a backup says what it holds, what is missing, and refuses a folder in use', async () => {
    const { app, page } = window;
    const newest = section('Backup').getByRole('group', { name: 'Newest backup' });
    await app.answer({ sources: [place.path('files')] });
    await page.keyboard.press('b');
    await eventually(() => words(section('Backup'))).toContain(
      'There is something else in this folder.',
    );
    expect(await newest.count()).toBe(0);

    await mkdir(place.path('elsewhere'));
    await app.answer({ sources: [place.path('elsewhere')] });
    await press(page, 'button', /^Back up into a folder/);
    await newest.waitFor();
    expect(await words(newest)).toMatch(/^Backed up without 1 original .* by Ada /);
    expect(await words(newest)).toMatch(/The record as of \d+ entries\./);
    expect((await readdir(place.path('elsewhere'))).length).toBeGreaterThan(0);
  });

  it('a member without the keys to pictures is told what could not be checked', async () => {
    await as(window, 'Sam');
    await enter(window.page, 'Settings');
    expect(await window.page.getByRole('button', { name: 'New recovery words' }).count()).toBe(0);
    await window.page.keyboard.press('q');
    await eventually(() => words(result())).toMatch(/Quick check.* by Sam .*Not checked: /);
    await as(window, 'Ada');
  });

  it('new recovery words: shown once, then typed, and only then confirmed', async () => {
    const { page } = window;
    await enter(page, 'Settings');
    await page.getByText('The recovery words in force were typed again from paper.').waitFor();
    await press(page, 'button', 'New recovery words');
    await page.getByRole('dialog').getByLabel('Your password').fill('not the password at all');
    await page.keyboard.press('Enter');
    await eventually(() => page.getByRole('dialog').getByRole('alert').count()).toBe(1);
    // The next try has to wait a second; the sentence and the button say so.
    const list = page.getByRole('dialog').getByRole('list', { name: 'Recovery words' });
    const own = page.getByRole('dialog').getByLabel('Your password');
    await eventually(async () => {
      if (await own.isVisible()) {
        await own.fill(passwordOf('Ada'));
        await own.press('Enter');
        await page.getByRole('button', { name: 'Making words…' }).waitFor({ state: 'detached' });
      }
      return list.isVisible();
    }).toBe(true);
    const shown = await Promise.all(
      (await list.getByRole('listitem').all()).map(async (word) => words(word)),
    );
    expect(shown).toHaveLength(24);
    await press(page, 'button', 'I have written them down');
    await page.getByRole('heading', { name: 'The recovery words, to be typed once' }).waitFor();
    expect(await list.count()).toBe(0);
    // With their numbers, as they were read.
    await page.getByLabel('All 24 recovery words, from your paper').fill(shown.join('\n'));
    await press(page, 'button', 'Confirm the words');
    await page.getByText('The recovery words in force were typed again from paper.').waitFor();
  });

  it('changes the password: a wrong one is told, and the new one unlocks', async () => {
    const { page } = window;
    await page.getByRole('heading', { name: 'Settings', exact: true }).click();
    await page.keyboard.press('p');
    const dialog = page.getByRole('dialog', { name: 'Change my password' });
    await dialog.getByLabel('Your password now').fill('not the password at all');
    await dialog.getByLabel('New password', { exact: true }).fill(NEW);
    await dialog.getByLabel('New password again').fill(NEW);
    await page.keyboard.press('Enter');
    await eventually(() => dialog.getByRole('alert').count()).toBe(1);
    await dialog.getByLabel('Your password now').fill(passwordOf('Ada'));
    await eventually(async () => {
      await page.keyboard.press('Enter');
      return dialog.isVisible();
    }).toBe(false);
    await lock(window);
    await page.getByLabel('Member').fill('Ada');
    await page.getByLabel('Password').fill(NEW);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
    await lock(window);
    const done = await place.record(['member.password', 'recovery.renewed', 'recovery.confirmed']);
    expect(done.map(({ type }) => type)).toEqual([
      'recovery.confirmed',
      'recovery.renewed',
      'recovery.confirmed',
      'member.password',
    ]);
    await unlock(window, 'Sam');
  });
});

/** The sealed file of one original. */
async function anOriginal(workspace: string): Promise<string> {
  const files = await readdir(workspace, { recursive: true, withFileTypes: true });
  const sealed = files.filter((file) => file.isFile() && /^[0-9a-f]{64}/.test(file.name));
  return path.join(sealed[0]!.parentPath, sealed[0]!.name);
}
