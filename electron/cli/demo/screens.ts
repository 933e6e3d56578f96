/** Saves a picture of each room, where a Chromium is to be had; says why not where there is none. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from '#electron/devhost/chromium.ts';
import { openDevHost, type DevHost } from '#electron/devhost/host.ts';
import type { Workstation } from '#core/workstation.ts';

const BUILT = join(import.meta.dirname, '../../../out');

export interface Photographer {
  /** Files saved so far. */
  readonly files: readonly string[];
  /** Why there are none, or no more, or null. */
  readonly why: string | null;
  /**
   * One picture of each of these rooms, as whoever is unlocked now sees them. A browser that fails
   * does not end the story: `why` says so, and no more pictures are taken.
   */
  shoot(rooms: readonly string[], caseRef: string): Promise<void>;
}

export async function createPhotographer(
  workstation: Workstation,
  into: string,
): Promise<Photographer> {
  const files: string[] = [];
  const without = (why: string): Photographer => ({ files, why, shoot: async () => undefined });
  if (!existsSync(join(BUILT, 'devhost/letterbox.js')))
    return without('the screens are not built; run "npm run build" first');
  const chromium = await findChromium({ withWindows: false });
  if (!chromium) return without('no Chromium was found');
  mkdirSync(into, { recursive: true });

  let why: string | null = null;
  const open = () =>
    openDevHost({
      core: workstation,
      chromium,
      built: BUILT,
      headless: true,
      size: { width: 1440, height: 900 },
    });
  return {
    files,
    get why() {
      return why;
    },
    async shoot(rooms, caseRef) {
      if (why !== null) return;
      let host: DevHost | null = null;
      try {
        host = await open();
        await openCase(host, caseRef);
        for (const room of rooms) {
          const file = join(into, `${String(files.length + 1)}-${room.toLowerCase()}.png`);
          await host.page.getByRole('navigation', { name: 'Rooms' }).getByText(room).click();
          await host.page.getByRole('main', { name: room }).waitFor();
          await settle(host);
          await host.page.screenshot({ path: file });
          files.push(file);
        }
      } catch (error) {
        why = `Chromium failed (${String((error as Error).message).split('\n')[0]})`;
      } finally {
        await host?.close();
      }
    },
  };
}

async function openCase(host: DevHost, caseRef: string): Promise<void> {
  await host.page.getByText(caseRef).first().click();
}

/** Until nothing on the screen says it is still loading. */
async function settle(host: DevHost): Promise<void> {
  await host.page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}
