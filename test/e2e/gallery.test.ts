/** The gallery at the keyboard: covered tiles, filters that count right, re-looks with a reason. */
import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { onEveryHost } from './support/hosts.ts';
import { hold, pictures, release } from './support/looking.ts';
import { smallPictures } from './support/pictures.ts';
import { caseWith, foundedPlace, type Place } from './support/place.ts';
import { enter, eventually, lock, openAs, openCase, words, type Window } from './support/window.ts';

const PICTURES = 180;
const BROKEN = 2;
const ITEMS = PICTURES + BROKEN;
const NOT_RELEVANT = 12;
const NOBODY = 8;

onEveryHost('the gallery', (open) => {
  let place: Place;
  let window: Window;

  const cell = (index: number) => window.page.locator(`[data-cell="${index}"]`);
  const focused = () =>
    window.page.evaluate(() => Number(document.activeElement?.getAttribute('data-cell') ?? -1));
  const grid = (items: number) =>
    window.page.getByRole('grid', { name: new RegExp(`^${items}.items?$`) });
  const chip = (name: RegExp) =>
    window.page.getByRole('group', { name: /^(State|Category)$/ }).getByRole('button', { name });

  beforeAll(async () => {
    place = await foundedPlace('gallery', async (client, { path }) => {
      await smallPictures(path('files'), PICTURES);
      for (let index = 0; index < BROKEN; index++)
        await writeFile(path('files', `broken-${index}.jpg`), `no picture, number ${index}\n`);
      const caseId = await caseWith(client, path('files'));
      const { entries } = await client.call('review.queue', { caseId });
      for (const [index, { stackId }] of entries.slice(0, NOT_RELEVANT + NOBODY).entries())
        await client.call('review.decide', {
          target: { stackId },
          facts: [
            index < NOT_RELEVANT
              ? { key: 'relevant', value: 'no', certainty: 'certain' }
              : { key: 'persons', value: 'none', certainty: 'certain' },
          ],
        });
    });
    window = await openAs(open, place, 'Ada');
    await openCase(window.page, 'C-1');
    await enter(window.page, 'Gallery');
  });
  afterEach(() => window.calm());
  afterAll(async () => {
    await window?.close();
    await place?.remove();
  });

  it('has every item behind one grid, but only the tiles near the window', async () => {
    const { page } = window;
    await grid(ITEMS).waitFor();
    await cell(0).waitFor();
    const columns = Number(await grid(ITEMS).getAttribute('aria-colcount'));
    expect(Number(await grid(ITEMS).getAttribute('aria-rowcount'))).toBe(
      Math.ceil(ITEMS / columns),
    );
    const drawn = await page.getByRole('gridcell').count();
    expect(drawn).toBeGreaterThan(columns);
    expect(drawn).toBeLessThan(ITEMS / 2);
    expect(await pictures(page).count()).toBe(0);
  });

  it('goes where the keys say', async () => {
    const { page } = window;
    const columns = Number(await grid(ITEMS).getAttribute('aria-colcount'));
    await eventually(focused).toBe(0);
    await page.keyboard.press('ArrowRight');
    await eventually(focused).toBe(1);
    await page.keyboard.press('ArrowDown');
    await eventually(focused).toBe(1 + columns);
    await page.keyboard.press('End');
    await eventually(focused).toBe(ITEMS - 1);
    await eventually(() => words(cell(ITEMS - 1))).toMatch(/^Item \d+ /);
    expect(await cell(0).count()).toBe(0);
    await page.keyboard.press('Home');
    await eventually(focused).toBe(0);
    expect(await page.locator('[role="gridcell"][tabindex="0"]').count()).toBe(1);
  });

  it('counts and filters by state and by category', async () => {
    const { page } = window;
    const counted = async (name: RegExp) =>
      Number(/\d+$/.exec(await words(chip(name)))?.[0] ?? Number.NaN);
    expect(await counted(/^Undecided/)).toBe(PICTURES - NOT_RELEVANT - NOBODY);
    expect(await counted(/^Decided/)).toBe(NOT_RELEVANT + NOBODY);
    expect(await counted(/^Unreadable/)).toBe(BROKEN);
    expect(await counted(/^Not relevant/)).toBe(NOT_RELEVANT);
    expect(await counted(/^Lawful: nothing/)).toBe(NOBODY);

    await chip(/^Unreadable/).press('Enter');
    await grid(BROKEN).waitFor();
    expect(await chip(/^Unreadable/).getAttribute('aria-pressed')).toBe('true');
    await chip(/^Unreadable/).press('Enter');
    await chip(/^Decided/).press('Enter');
    await grid(NOT_RELEVANT + NOBODY).waitFor();
    await chip(/^Not relevant/).press('Enter');
    await grid(NOT_RELEVANT).waitFor();
    await chip(/^Not relevant/).press('Enter');
    await chip(/^Decided/).press('Enter');
    await grid(ITEMS).waitFor();

    await page.getByRole('searchbox').fill('picture-007');
    await page.keyboard.press('Enter');
    await grid(1).waitFor();
    await page.getByRole('searchbox').fill('nothing is called this');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByRole('searchbox').fill('');
    await grid(ITEMS).waitFor();
  });

  it('opens an item: facts, decision, hashes, places, without a picture', async () => {
    const { page } = window;
    await chip(/^Lawful: nothing/).press('Enter');
    await grid(NOBODY).waitFor();
    await cell(0).focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: /^Item \d+$/ });
    await panel.getByText('Persons shown').waitFor();
    const told = await words(panel);
    expect(told).toContain('Lawful: nothing of these provisions');
    expect(told).toContain('derived by Ada');
    expect(told).toContain('Persons shown none');
    expect(told).toMatch(/SHA-256 [a-f0-9]{8}…[a-f0-9]{6}/);
    expect(told).toMatch(/files\/picture-\d+\.jpg/);
    expect(told).toContain('Nobody has looked at this item.');
    expect(await pictures(page).count()).toBe(0);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('shows a decided item again only for a typed reason, and records it as a re-look', async () => {
    const { page } = window;
    await cell(0).focus();
    await page.keyboard.press('Space');
    const dialog = page.getByRole('dialog', { name: 'Show again' });
    await dialog.waitFor();
    const go = dialog.getByRole('button', { name: /^Continue/ });
    await page.keyboard.type('no');
    expect(await go.isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    expect(await dialog.isVisible()).toBe(true);
    expect(window.pictures).toEqual([]);
    await page.getByLabel('Reason').fill('The complainant described another picture.');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const seen = await hold(page);
    await release(page);
    // The reason was for this item alone.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await lock(window);
    const looks = await place.record(['look.granted']);
    expect(looks.map(({ detail }) => detail)).toEqual([
      expect.objectContaining({
        itemId: seen.itemId,
        rung: 1,
        relook: true,
        purpose: 'relook',
        reason: 'The complainant described another picture.',
      }),
    ]);
  });

  it('had every filter it was asked for on the record', async () => {
    const searches = await place.record(['search.made']);
    expect(JSON.stringify(searches.map(({ detail }) => detail))).toContain('picture-007');
  });
});
