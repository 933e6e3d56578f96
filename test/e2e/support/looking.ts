/** Holding a key to see a picture, and what must be true while it is held and after. */
import type { Page } from 'playwright';
import { expect } from 'vitest';
import { eventually } from './window.ts';

export interface Seen {
  itemId: number;
  /** In words, as the screen names it. */
  rung: string;
}

/** Every picture element of the page, whatever it is called. */
export const pictures = (page: Page) => page.locator('img, picture, video, canvas');

/** Waits until a picture is decoded and painted, and says which. */
export async function painted(page: Page, rung?: string): Promise<Seen> {
  const picture = page.getByRole('img', { name: rung ? new RegExp(`, ${rung}$`) : /^Item \d+, / });
  await picture.waitFor();
  await eventually(() =>
    picture.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth),
  ).toBeGreaterThan(0);
  const [, itemId, words] = /^Item (\d+), (.+)$/.exec((await picture.getAttribute('alt')) ?? '')!;
  return { itemId: Number(itemId), rung: words! };
}

/** Presses Space and keeps it down. */
export async function hold(page: Page): Promise<Seen> {
  await page.keyboard.down('Space');
  return painted(page);
}

/** Lets go. The very next thing the page answers is that there is no picture any more. */
export async function release(page: Page): Promise<void> {
  await page.keyboard.up('Space');
  expect(await pictures(page).count()).toBe(0);
}
