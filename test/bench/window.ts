/** The built screens in Chromium on a workspace that a benchmark has made, and a clock in the page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import type { Ports } from '#core/ports.ts';
import { createWorkstation } from '#core/workstation.ts';
import { noDialogs, nodePorts } from '#electron/cli/node-ports.ts';
import { findChromium } from '#electron/devhost/chromium.ts';
import { openDevHost } from '#electron/devhost/host.ts';
import { MEMBER, PASSWORD } from './case.ts';

const BUILT = join(import.meta.dirname, '../../out');

export interface BenchWindow {
  page: Page;
  close(): Promise<void>;
}

/** The same machine folder and cost as `openCase` made the workspace with. */
export function benchPorts(workspace: string): Ports {
  return nodePorts({
    host: 'development',
    dialogs: noDialogs,
    machineDir: `${workspace}-machine`,
    passwordCost: 'test',
  });
}

/** Unlocks and stands in the list of cases. */
export async function openBenchWindow(workspace: string): Promise<BenchWindow> {
  if (!existsSync(join(BUILT, 'devhost', 'letterbox.js')))
    throw new Error('The screens are not built. Run "npm run build" first.');
  const chromium = await findChromium({ withWindows: false });
  if (!chromium) throw new Error('No Chromium found: install one, or name it in CUSTOS_CHROMIUM.');
  const core = createWorkstation(benchPorts(workspace));
  try {
    const must = async (channel: string, input: unknown): Promise<void> => {
      const result = await core.call(channel, input);
      if (!result.ok) throw new Error(`${channel}: ${result.error.message}`);
    };
    await must('workspace.select', { choice: core.keep([workspace]) });
    await must('workspace.unlock', { member: MEMBER, password: PASSWORD });
    const host = await openDevHost({ core, chromium, headless: true, built: BUILT });
    return {
      page: host.page,
      async close() {
        await host.close();
        await core.shutdown();
      },
    };
  } catch (error) {
    await core.shutdown();
    throw error;
  }
}

/**
 * Milliseconds from the key's own time stamp until something that matches `selector` has been on
 * the screen for two frames; a picture counts once it is decoded. `selector` matches nothing yet.
 */
export async function timeKey(page: Page, key: string, selector: string): Promise<number> {
  await page.evaluate(watchForKey, selector);
  await page.keyboard.down(key);
  const took = await page.evaluate(() => (globalThis as unknown as Timed).custosTook);
  await page.keyboard.up(key);
  return took;
}

interface Timed {
  custosTook: Promise<number>;
}

/** Runs in the page, so it can use nothing from outside itself. */
function watchForKey(selector: string): void {
  if (document.querySelector(selector)) throw new Error(`${selector} is there already`);
  const frame = (): Promise<number> => new Promise(requestAnimationFrame);
  (globalThis as unknown as Timed).custosTook = new Promise((resolve, reject) => {
    const pressed = (event: KeyboardEvent): void => {
      void (async () => {
        const given = performance.now() + 30_000;
        let found = document.querySelector(selector);
        while (!found || (found instanceof HTMLImageElement && !found.complete)) {
          if (performance.now() > given) return reject(new Error(`${selector} did not appear`));
          await frame();
          found = document.querySelector(selector);
        }
        if (found instanceof HTMLImageElement) await found.decode();
        await frame();
        await frame();
        resolve(performance.now() - event.timeStamp);
      })().catch(reject);
    };
    addEventListener('keydown', pressed, { once: true, capture: true });
  });
}
