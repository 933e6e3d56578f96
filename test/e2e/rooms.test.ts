/**
 * Every room in both themes and both usual sizes: nothing that axe calls serious, and a screenshot
 * of each in `screens-out`, to be looked at by people.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCase } from '#electron/cli/demo/make-case.ts';
import { REPOSITORY } from '../hosts/app.ts';
import { onEveryHost } from './support/hosts.ts';
import { hold, release } from './support/looking.ts';
import { caseWith, emptyPlace, foundedPlace, passwordOf, type Place } from './support/place.ts';
import {
  as,
  enter,
  eventually,
  lock,
  openAs,
  openCase,
  openWindow,
  press,
  type Window,
} from './support/window.ts';

const OUT = path.join(REPOSITORY, 'test', 'e2e', 'screens-out');
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1440, height: 900 },
];
const THEMES = ['dark', 'light'] as const;

onEveryHost('every room', (open) => {
  let shots = '';

  beforeAll(async () => {
    shots = OUT;
    await rm(shots, { recursive: true, force: true });
    await mkdir(shots, { recursive: true });
  });

  /** Both themes are checked by axe, and both are taken at each size. */
  async function inspect({ page }: Window, name: string): Promise<void> {
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.locator(`html[data-theme="${theme}"]`).waitFor();
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const file = `${name}-${theme}-${size.width}.png`;
        await page.screenshot({ path: path.join(shots, file) });
      }
      expect.soft(await serious(page), `${name}, ${theme}`).toEqual([]);
    }
  }

  describe('at the Door', () => {
    let place: Place;
    let window: Window;

    beforeAll(async () => {
      place = await emptyPlace('screens-door');
      window = await openWindow(open, {
        machineDir: place.machineDir,
        answers: { workspace: place.workspace },
      });
    });
    afterEach(() => window.calm());
    afterAll(async () => {
      await window?.close();
      await place?.remove();
    });

    it('nothing chosen yet', () => inspect(window, '01-door-start'));

    it('a new workspace', async () => {
      const { page } = window;
      await press(page, 'button', 'Create a workspace');
      await page.getByLabel('Your name').fill('Ada');
      await page.getByLabel('Password', { exact: true }).fill(passwordOf('Ada'));
      await page.getByLabel('Password again').fill('something else');
      await inspect(window, '02-door-create');
    });

    it('recovery words, and all of them asked for', async () => {
      const { page } = window;
      await page.getByLabel('Password again').fill(passwordOf('Ada'));
      await page.keyboard.press('Enter');
      await page.getByRole('list', { name: 'Recovery words' }).waitFor();
      await inspect(window, '03-door-recovery');
      await press(page, 'button', 'I have written them down');
      await page.getByRole('textbox').first().fill('nonsense');
      await page.keyboard.press('Enter');
      await inspect(window, '04-door-check');
    });

    it('a forgotten password', async () => {
      const { page } = window;
      await press(page, 'button', 'Later');
      await lock(window);
      await press(page, 'button', 'Forgotten password');
      await page.getByRole('textbox').first().fill('1. nonsense 2. again');
      await inspect(window, '05-door-recover');
    });
  });

  describe('unlocked', () => {
    let place: Place;
    let window: Window;

    beforeAll(async () => {
      place = await foundedPlace('screens', async (client, { path: at }) => {
        await makeCase(at('seized disk'), 8);
        const caseId = await caseWith(client, at('seized disk'), {
          ref: 'OSA-2026-118',
          title: 'Uploads to a picture board',
          service: 'example service',
        });
        await client.call('cases.create', { ref: 'OSA-2026-119', title: 'Nothing in it yet' });
        const { entries } = await client.call('review.queue', { caseId });
        for (const [index, { stackId }] of entries.slice(0, 3).entries())
          await client.call('review.decide', {
            target: { stackId },
            facts: [
              index === 0
                ? { key: 'persons', value: 'none', certainty: 'certain' }
                : { key: 'relevant', value: 'no', certainty: 'likely' },
            ],
          });
        const recipient = await identityToRecipient(await generateIdentity());
        await client.call('bundles.request', {
          caseId,
          edition: 'sealed',
          recipients: [recipient],
        });
      });
      window = await openAs(open, place, 'Ada', {
        answers: { sources: [place.path('seized disk', 'camera roll')] },
      });
    });
    afterEach(() => window.calm());
    afterAll(async () => {
      await window?.close();
      await place?.remove();
    });

    it('Cases: the list, a case, an empty case', async () => {
      const { page } = window;
      await page.getByRole('button', { name: /^OSA-2026-118 / }).waitFor();
      await inspect(window, '10-cases');
      await openCase(page, 'OSA-2026-119');
      await inspect(window, '11-case-empty');
      await page.keyboard.press('Escape');
      await openCase(page, 'OSA-2026-118');
      await page
        .getByRole('list', { name: 'Items by state' })
        .or(page.locator('.bars').first())
        .first()
        .waitFor();
      await inspect(window, '12-case');
    });

    it('Intake: a folder chosen, what failed', async () => {
      const { page } = window;
      await enter(page, 'Intake');
      await page.keyboard.press('d');
      await page.getByRole('button', { name: /^Import \d+ files$/ }).waitFor();
      await page.getByLabel('Source label').fill('complaint 118, upload log');
      await inspect(window, '20-intake');
      await press(page, 'button', /^See why/);
      await page.getByRole('dialog').getByRole('row').nth(1).waitFor();
      await inspect(window, '21-intake-failures');
      await page.keyboard.press('Escape');
    });

    it('Review: covered, with facts, while looking, choosing a category', async () => {
      const { page } = window;
      await enter(page, 'Review');
      await page.getByRole('region', { name: /^Stack 4 of 8/ }).waitFor();
      for (const key of ['p', '2', 'a', '7', 'i', '2', 't', '2', 'c', '1', 'g'])
        await page.keyboard.press(key);
      await eventually(() => page.getByRole('radiogroup', { name: 'Origin' }).count()).toBe(1);
      await inspect(window, '30-review');
      await page.keyboard.press('3');
      await page.getByText('Purported intimate image (s.66E)').first().waitFor();
      await inspect(window, '31-review-derived');
      await hold(page);
      await page.setViewportSize(SIZES[1]!);
      await page.screenshot({ path: path.join(shots, '32-review-looking.png') });
      await release(page);
      await page.keyboard.press('x');
      await page.getByRole('dialog', { name: 'Choose the category' }).waitFor();
      // Not on the gravest category, where the browser would put it and Space would choose it.
      const reason = page.getByLabel('Reason');
      expect(await reason.evaluate((field) => field === document.activeElement)).toBe(true);
      await inspect(window, '33-review-category');
      await page.keyboard.press('Escape');
    });

    it('Gallery: covered tiles, an item, a reason asked for', async () => {
      const { page } = window;
      await enter(page, 'Gallery');
      await page.getByRole('gridcell', { name: /^Item/ }).first().waitFor();
      await inspect(window, '40-gallery');
      await page.keyboard.press('Enter');
      await page.getByRole('complementary').getByText('SHA-256').waitFor();
      await inspect(window, '41-gallery-item');
      await page
        .getByRole('gridcell', { name: /Decided/ })
        .first()
        .click();
      await page.keyboard.press('Space');
      await page.getByRole('dialog', { name: 'Show again' }).waitFor();
      await inspect(window, '42-gallery-reason');
      await page.keyboard.press('Escape');
    });

    it('Bundles: the list, a request', async () => {
      const { page } = window;
      await enter(page, 'Bundles');
      await page.getByRole('article').waitFor();
      await inspect(window, '50-bundles');
      await page.keyboard.press('n');
      await page.getByRole('dialog').getByText('What goes in').waitFor();
      await inspect(window, '51-bundles-request');
      await page.keyboard.press('Escape');
    });

    it('Record: proved, an entry open, a checkpoint', async () => {
      const { page } = window;
      await enter(page, 'Record');
      await page.getByRole('row').nth(1).waitFor();
      await page.keyboard.press('v');
      await page.getByRole('heading', { name: 'The record is whole' }).waitFor();
      await page.getByRole('row').nth(1).getByRole('button').press('Enter');
      await inspect(window, '60-record');
      await page.getByRole('heading', { name: 'Record', exact: true }).click();
      await page.keyboard.press('c');
      await page.getByRole('dialog').waitFor();
      await inspect(window, '61-record-checkpoint');
      await page.keyboard.press('Escape');
    });

    it('Settings, a new member, the keys', async () => {
      const { page } = window;
      await enter(page, 'Settings');
      await page.getByRole('row').nth(3).waitFor();
      await inspect(window, '70-settings');
      await page.keyboard.press('n');
      await page.getByRole('dialog').waitFor();
      await inspect(window, '71-settings-member');
      await page.keyboard.press('Escape');
      await page.keyboard.press('p');
      await page.getByRole('dialog').waitFor();
      await inspect(window, '73-settings-password');
      await page.keyboard.press('Escape');
      await page.keyboard.press('f');
      await page.getByRole('group', { name: /^Result/ }).waitFor();
      await page.getByRole('heading', { name: 'Backup' }).scrollIntoViewIfNeeded();
      await inspect(window, '74-settings-upkeep');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await inspect(window, '72-keys');
      await page.keyboard.press('Escape');
    });

    it('as a supervisor sees it, and locked', async () => {
      const { page } = window;
      await as(window, 'Sam');
      await openCase(page, 'OSA-2026-118');
      await inspect(window, '80-supervisor-case');
      await page.keyboard.press('Alt+Digit0');
      await page.getByRole('heading', { name: /^Unlock/ }).waitFor();
      await page.getByLabel('Member').fill('Sam');
      await page.getByLabel('Password').fill('not the password at all');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
      await inspect(window, '81-locked');
    });
  });
});

/** What axe calls serious or critical, each with the elements it means. */
async function serious(page: Window['page']): Promise<string[]> {
  // Legacy mode: the other one opens a second window, which the host closes at once.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id}: ${String(target)}: ${failureSummary ?? ''}`,
      ),
    );
}
