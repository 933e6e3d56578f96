/** Nobody looks by accident: whatever ends a look, the picture is gone and its end is recorded. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { onEveryHost } from './support/hosts.ts';
import { hold, painted, pictures, release } from './support/looking.ts';
import { smallPictures } from './support/pictures.ts';
import { caseWith, foundedPlace, type Place } from './support/place.ts';
import { enter, lock, openAs, openCase, unlock, type Window } from './support/window.ts';

onEveryHost('covering', (open) => {
  let place: Place;
  let window: Window;

  /** Everything the page was doing when this is called has been answered by the core since. */
  const settled = () => window.call('jobs.list', {});
  const review = async (): Promise<void> => {
    await openCase(window.page, 'C-1');
    await enter(window.page, 'Review');
    await window.page.getByRole('region', { name: 'Stack 1 of 3' }).waitFor();
  };

  beforeAll(async () => {
    place = await foundedPlace('covering', async (client, { path }) => {
      await smallPictures(path('files'), 3);
      await caseWith(client, path('files'));
    });
    window = await openAs(open, place, 'Ada');
    await review();
  });
  afterEach(() => window.calm());
  afterAll(async () => {
    await window?.close();
    await place?.remove();
  });

  it('a window that loses the focus, though the key is still held', async () => {
    const { page } = window;
    await hold(page);
    await page.evaluate(() => globalThis.dispatchEvent(new Event('blur')));
    expect(await pictures(page).count()).toBe(0);
    const before = window.pictures.length;
    // The key repeats under the finger. It was let go as far as Custos is concerned.
    await page.keyboard.down('Space');
    await settled();
    expect(await pictures(page).count()).toBe(0);
    expect(window.pictures).toHaveLength(before);
    await page.keyboard.up('Space');
  });

  it('a window that is hidden', async () => {
    const { page } = window;
    await hold(page);
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(await pictures(page).count()).toBe(0);
    await page.evaluate(() => Reflect.deleteProperty(document, 'hidden'));
    await page.keyboard.up('Space');
  });

  it('a room that is left', async () => {
    const { page } = window;
    await hold(page);
    await enter(page, 'Cases');
    expect(await pictures(page).count()).toBe(0);
    await page.keyboard.up('Space');
    await enter(page, 'Review');
    await page.getByRole('region', { name: 'Stack 1 of 3' }).waitFor();
  });

  it('a key let go before the answer came: nothing is fetched, and the record says so', async () => {
    const { page } = window;
    const before = window.pictures.length;
    await page.evaluate(() => {
      const key = { key: ' ', code: 'Space', bubbles: true };
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', key));
      document.activeElement?.dispatchEvent(new KeyboardEvent('keyup', key));
    });
    await settled();
    await settled();
    expect(await pictures(page).count()).toBe(0);
    expect(window.pictures).toHaveLength(before);
    const covered = await window.call('record.list', { types: ['look.covered'], limit: 1 });
    expect(covered).toMatchObject({ ok: true, value: { entries: [{ detail: { seconds: 0 } }] } });
  });

  it('a picture’s address is good once', async () => {
    const { page } = window;
    await hold(page);
    await release(page);
    // Asked at the core's own door: what a document has drawn once it may keep in its memory until
    // it is replaced, and would not ask for again.
    const [, token] = /\/look\/([a-f0-9]{32})$/.exec(window.pictures.at(-1)!)!;
    expect((await window.app.workstation?.picture(token!))?.status ?? 403).toBe(403);
  });

  it('a lock while looking: the picture, the document it was in and its key are gone', async () => {
    const { page } = window;
    await hold(page);
    await page.evaluate(() => {
      (globalThis as { mark?: string }).mark = 'before the lock';
    });
    await lock(window);
    expect(await pictures(window.page).count()).toBe(0);
    expect(await window.page.evaluate(() => 'mark' in globalThis)).toBe(false);
    await page.keyboard.up('Space');
    await unlock(window, 'Ada');
    await review();
    expect(await pictures(window.page).count()).toBe(0);
  });

  // Last: the page's clock is a made-up one from here on.
  it('ten seconds without a sign of a person', async () => {
    const { page } = window;
    await page.clock.install();
    // From here on time passes only where it is told to.
    await page.clock.pauseAt(Date.now() + 60_000);
    await hold(page);
    await page.clock.runFor(9_900);
    await painted(page);
    // A movement is a sign of a person, and the ten seconds begin anew.
    await page.mouse.move(300, 300);
    await page.clock.runFor(9_900);
    await painted(page);
    // The repeats of a key that something lies on are none.
    await page.keyboard.down('Space');
    await page.clock.runFor(200);
    expect(await pictures(page).count()).toBe(0);
    await page.keyboard.up('Space');
  });

  it('every look had its end recorded', async () => {
    await lock(window);
    const granted = await place.record(['look.granted']);
    const covered = await place.record(['look.covered']);
    expect(granted).toHaveLength(7);
    expect(covered.map(({ detail }) => (detail as { granted: number }).granted).sort()).toEqual(
      granted.map(({ seq }) => seq).sort(),
    );
  });
});
