/**
 * The app's window as a spec holds it. Whatever the page writes as an error, throws, or asks of any
 * address but its own is kept, and `calm()` fails on it: every spec file ends each test with it.
 */
import type { BrowserContext, Page } from 'playwright';
import { expect } from 'vitest';
import type { ChannelName, Input, Output } from '#shared/contract/contract.ts';
import type { Result } from '#shared/domain/errors.ts';
import type { App, OpenApp, OpenAppOptions } from '../../hosts/app.ts';
import { passwordOf, type Person, type Place } from './place.ts';

/** Where the app's own page lies, in either host. */
const OWN = /^(https:\/\/app\.custos\.invalid|custos:\/\/app)\//;

/** Milliseconds that anything at all may take to appear. */
const PATIENCE = 10_000;

/** Reads again and again until the matcher holds. */
export const eventually = <T>(read: () => T) =>
  expect.poll(read, { timeout: PATIENCE, interval: 25 });

export interface Window {
  readonly app: App;
  readonly page: Page;
  /** Addresses of pictures that the page has asked for. */
  readonly pictures: readonly string[];
  /** Errors on the console, uncaught errors, and requests to elsewhere, since the last `calm`. */
  readonly troubles: readonly string[];
  /** Fails if there is any trouble that is not expected, and forgets it. */
  calm(expected?: RegExp): void;
  /** A call as the page itself makes it. */
  call<C extends ChannelName>(channel: C, input: Input<C>): Promise<Result<Output<C>>>;
  close(): Promise<void>;
}

export async function openWindow(open: OpenApp, options: OpenAppOptions = {}): Promise<Window> {
  const app = await open({ size: { width: 1280, height: 800 }, ...options });
  const troubles: string[] = [];
  const pictures: string[] = [];
  app.page.context().setDefaultTimeout(PATIENCE);
  watch(app.page.context(), troubles, pictures);
  return {
    app,
    get page() {
      return app.page;
    },
    pictures,
    troubles,
    calm(expected) {
      const found = troubles.splice(0).filter((trouble) => !expected?.test(trouble));
      expect(found).toEqual([]);
    },
    call: (channel, input) =>
      app.page.evaluate(
        ([name, plain]) =>
          (
            window as unknown as { custos: { call(c: unknown, i: unknown): Promise<unknown> } }
          ).custos.call(name, plain),
        [channel, input] as const,
      ) as Promise<never>,
    close: () => app.close(),
  };
}

function watch(context: BrowserContext, troubles: string[], pictures: string[]): void {
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      troubles.push(`console: ${message.text()}`);
  });
  context.on('weberror', (error) => troubles.push(`page: ${error.error().message}`));
  context.on('request', (request) => {
    const url = request.url();
    if (!OWN.test(url)) troubles.push(`request: ${url}`);
    if (url.includes('/look/')) pictures.push(url);
  });
}

/** Opens the app on a place's workspace and unlocks it at the keyboard. */
export async function openAs(
  open: OpenApp,
  place: Place,
  person: Person,
  options: OpenAppOptions = {},
): Promise<Window> {
  const { machineDir, workspace } = place;
  const { answers, ...rest } = options;
  const window = await openWindow(open, {
    machineDir,
    answers: { workspace, ...answers },
    ...rest,
  });
  try {
    await press(window.page, 'button', 'Open a workspace');
    await unlock(window, person);
    return window;
  } catch (error) {
    await window.close();
    throw error;
  }
}

export async function unlock({ page }: Window, person: Person): Promise<void> {
  await page.getByLabel('Member').fill(person);
  await page.getByLabel('Password').fill(passwordOf(person));
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
}

/** Locks at the keyboard; the workspace is then free for others. */
export async function lock(window: Window): Promise<void> {
  await window.page.keyboard.press('Alt+Digit0');
  await window.page.getByRole('heading', { name: /^Unlock / }).waitFor();
}

export async function as(window: Window, person: Person): Promise<void> {
  await lock(window);
  await unlock(window, person);
}

type Role = Parameters<Page['getByRole']>[0];

/** Puts the keyboard on a button, link or box and presses Enter. */
export async function press(page: Page, role: Role, name: string | RegExp): Promise<void> {
  const target = page.getByRole(role, { name });
  await target.focus();
  await target.press('Enter');
}

/** Names of the rooms on the rail, top down. */
export async function rooms(page: Page): Promise<string[]> {
  const names = await page.getByRole('navigation', { name: 'Rooms' }).getByRole('button').all();
  return Promise.all(names.map(async (name) => ((await name.textContent()) ?? '').trim()));
}

/** By its number on the rail, as `Alt 3`. */
export async function enter(page: Page, room: string): Promise<void> {
  const index = (await rooms(page)).indexOf(room);
  if (index < 0) throw new Error(`There is no room "${room}" on the rail.`);
  await page.keyboard.press(`Alt+Digit${index + 1}`);
  await page.getByRole('main', { name: room }).waitFor();
}

export async function openCase(page: Page, ref: string): Promise<void> {
  await press(page, 'button', new RegExp(`^${ref} `));
  await page.getByRole('heading', { level: 1, name: new RegExp(`^${ref} `) }).waitFor();
}

/** What stands in an element, thin spaces made plain. */
export async function words(locator: ReturnType<Page['locator']>): Promise<string> {
  const text = (await locator.innerText()).replaceAll(/[\u00a0\u202f]/g, ' ');
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** The trouble told in the room or at the Door; empty while there is none. */
export function trouble(page: Page): Promise<string> {
  const told = page.getByRole('main').getByRole('alert');
  return told.allInnerTexts().then((texts) => texts.join(' ').replaceAll(/\s+/g, ' ').trim());
}
