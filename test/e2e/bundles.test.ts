/** Bundles: asked for by one, approved by another, built, verified; and one that was tampered with. */
import { readFile, writeFile } from 'node:fs/promises';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { onEveryHost } from './support/hosts.ts';
import { smallPictures } from './support/pictures.ts';
import { caseWith, foundedPlace, type Place } from './support/place.ts';
import {
  as,
  enter,
  eventually,
  lock,
  openAs,
  openCase,
  press,
  trouble,
  words,
  type Window,
} from './support/window.ts';

const PICTURES = 6;

onEveryHost('bundles', (open) => {
  let place: Place;
  let window: Window;
  let recipient = '';

  const bundles = async (person: 'Ada' | 'Lin' | 'Sam'): Promise<void> => {
    await as(window, person);
    await openCase(window.page, 'C-1');
    await enter(window.page, 'Bundles');
  };
  const card = (id: number) => window.page.getByRole('article', { name: `Bundle ${id} of C-1` });
  const request = async (): Promise<void> => {
    const { page } = window;
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'Request a bundle of C-1' });
    await dialog.getByText('What goes in').waitFor();
    expect(await words(dialog)).toContain(`Together ${PICTURES} items, `);
    await dialog.getByLabel('Recipients').fill(recipient);
    await press(page, 'button', 'Request the bundle');
    await dialog.waitFor({ state: 'detached' });
  };
  const verdict = async (file: string): Promise<string> => {
    const { app, page } = window;
    await app.answer({ received: { file, identity: place.path('key.txt') } });
    await press(page, 'button', 'Choose a bundle');
    await page.getByText(/^Checking /).waitFor({ state: 'detached' });
    await page.getByRole('list', { name: 'Checks' }).waitFor();
    return words(page.getByRole('main'));
  };

  beforeAll(async () => {
    place = await foundedPlace('bundles', async (client, { path }) => {
      await smallPictures(path('files'), PICTURES);
      const caseId = await caseWith(client, path('files'));
      const { entries } = await client.call('review.queue', { caseId });
      for (const { stackId } of entries)
        await client.call('review.decide', {
          target: { stackId },
          facts: [{ key: 'relevant', value: 'no', certainty: 'certain' }],
        });
    });
    const identity = await generateIdentity();
    recipient = await identityToRecipient(identity);
    await writeFile(place.path('key.txt'), `${identity}\n`, { mode: 0o600 });
    window = await openAs(open, place, 'Lin', {
      answers: { target: place.path('C-1.tar.age') },
    });
    await openCase(window.page, 'C-1');
    await enter(window.page, 'Bundles');
  });
  afterEach(() => window.calm());
  afterAll(async () => {
    await window?.close();
    await place?.remove();
  });

  it('legal requests one and cannot build it yet', async () => {
    const { page } = window;
    await page.getByRole('heading', { name: 'No bundle yet' }).waitFor();
    await request();
    await card(1).waitFor();
    expect(await words(card(1))).toContain('Waits for approval');
    expect(await card(1).getByRole('button', { name: 'Build' }).count()).toBe(0);
    expect(await window.call('bundles.approve', { bundleId: 1 })).toMatchObject({
      error: { code: 'NOT_ALLOWED' },
    });
  });

  it('nobody approves what they asked for themselves', async () => {
    await bundles('Ada');
    await request();
    await card(2).waitFor();
    expect(await words(card(2))).toContain('another supervisor approves');
    expect(await card(2).getByRole('button', { name: 'Approve' }).count()).toBe(0);
    const answer = await window.call('bundles.approve', { bundleId: 2 });
    expect(answer.ok).toBe(false);
  });

  it('a supervisor approves what another asked for', async () => {
    await bundles('Sam');
    await card(1).getByRole('button', { name: 'Approve' }).press('Enter');
    await eventually(() => words(card(1))).toContain('approved by Sam');
    expect(await card(1).getByRole('button').count()).toBe(0);
  });

  it('whoever requested builds it, to a file chosen in the dialog', async () => {
    await bundles('Lin');
    await card(1).getByRole('button', { name: 'Build' }).press('Enter');
    await eventually(() => words(card(1))).toContain('built by Lin');
    const told = await words(card(1));
    expect(told).toContain('Built');
    expect(told).toMatch(/SHA-256 of the file [a-f0-9]{8}…[a-f0-9]{6}/);
    expect((await readFile(place.path('C-1.tar.age'))).subarray(0, 21).toString()).toBe(
      'age-encryption.org/v1',
    );
  });

  it('every check of the received file is good', async () => {
    const told = await verdict(place.path('C-1.tar.age'));
    expect(told).toContain('Every check made is good');
    expect(told).toContain('Signed by Lin');
    expect(told).toContain('a member of this workspace');
    const checks = await window.page
      .getByRole('list', { name: 'Checks' })
      .getByRole('listitem')
      .allInnerTexts();
    expect(checks.length).toBeGreaterThan(4);
    for (const check of checks) expect(check).toMatch(/: Good/);
  });

  it('a file with one changed byte is told as wrong', async () => {
    const bytes = await readFile(place.path('C-1.tar.age'));
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = bytes[middle]! ^ 1;
    await writeFile(place.path('changed.tar.age'), bytes);
    await verdict(place.path('changed.tar.age'));
    // The verdict on the file before stands until the new one is there.
    await eventually(() => words(window.page.getByRole('main'))).toContain(
      'At least one check is wrong',
    );
    expect(await words(window.page.getByRole('main'))).toMatch(/: Wrong/);
    expect(await trouble(window.page)).toBe('');
  });

  it('all of it is on the record', async () => {
    await lock(window);
    const acts = await place.record([
      'bundle.requested',
      'bundle.approved',
      'bundle.begun',
      'bundle.built',
      'bundle.verified',
    ]);
    expect(acts.map(({ type, by }) => `${type} ${by}`)).toEqual([
      'bundle.requested Lin',
      'bundle.requested Ada',
      'bundle.approved Sam',
      'bundle.begun Lin',
      'bundle.built Lin',
      'bundle.verified Lin',
      'bundle.verified Lin',
    ]);
    expect(acts.slice(-2).map(({ detail }) => (detail as { good: boolean }).good)).toEqual([
      true,
      false,
    ]);
  });
});
