/**
 * The development host: the real core, the real letter box, the real answers and the built screens
 * in a Chromium that is driven over a private pipe. No port is opened and no packet is sent.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium as driver, type BrowserContext, type Page, type Route } from 'playwright';
import { createAnswer, type Answer } from '#electron/hosting/answer.ts';
import { loadStaticFiles, type StaticFiles } from '#electron/hosting/static-files.ts';
import type { HostedCore } from '#electron/hosting/workstation.ts';
import type { Chromium } from './chromium.ts';
import { chromiumFlags, UNWANTED_DEFAULTS } from './flags.ts';
import { makeProfile, removeProfile } from './profile.ts';
import { attachWire } from './wire.ts';

export const APP_ORIGIN = 'https://app.custos.invalid';

export interface DevHostOptions {
  core: HostedCore;
  chromium: Chromium;
  headless: boolean;
  size?: { width: number; height: number };
  /** Folder with `renderer/` and `devhost/letterbox.js`, as the build leaves it. */
  built: string;
  /** Called for every request that was refused, with its address. */
  refused?: (url: string) => void;
}

export interface DevHost {
  page: Page;
  context: BrowserContext;
  /** Opens a second window of the host's own; anything else that opens is closed at once. */
  openWindow: () => Promise<Page>;
  /** Settles when the window was closed, by whomever. */
  closed: Promise<void>;
  close: () => Promise<void>;
}

export async function openDevHost(options: DevHostOptions): Promise<DevHost> {
  const { core, built } = options;
  const size = options.size ?? { width: 1440, height: 900 };
  const files = await loadStaticFiles(path.join(built, 'renderer'));
  const letterbox = await readFile(path.join(built, 'devhost', 'letterbox.js'), 'utf8');
  const answer = createAnswer({
    origin: APP_ORIGIN,
    files: markTitle(files),
    picture: (token) => core.picture(token),
  });

  const profile = await makeProfile();
  const context = await launch(options, profile, size).catch(async (error: unknown) => {
    await removeProfile(profile);
    throw error;
  });
  const closing = once(async () => {
    await context.close();
    await removeProfile(profile);
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await context.route('**/*', (route) =>
      // SECURITY: only the app's own page is answered. A window that has routes of its own (a
      // dialog) is answered by those; every other request ends here.
      pageOf(route) === page
        ? fulfil(route, answer, options.refused)
        : refuse(route, options.refused),
    );
    const openWindow = onlyOurWindows(context);
    const detach = await attachWire({ page, core, origin: APP_ORIGIN, letterbox });
    keepAtHome(page);
    await page.goto(`${APP_ORIGIN}/`);

    const close = (): Promise<void> => {
      detach();
      return closing();
    };
    const closed = new Promise<void>((resolve, reject) => {
      page.once('close', () => void close().then(resolve, reject));
    });
    // Whoever waits sees the failure; `close()` reports it as well.
    closed.catch(() => undefined);
    return { page, context, openWindow, closed, close };
  } catch (error) {
    await closing();
    throw error;
  }
}

/** However often it is asked for, it is done once. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}

/** The window says what it is: this host is for development and for machines without Electron. */
function markTitle(files: StaticFiles): StaticFiles {
  const marked = new Map(files);
  for (const name of ['/', '/index.html']) {
    const file = files.get(name);
    if (!file) continue;
    const html = new TextDecoder()
      .decode(file.bytes)
      .replace('</title>', ' (development host)</title>');
    marked.set(name, { ...file, bytes: new TextEncoder().encode(html) });
  }
  return marked;
}

async function launch(
  { chromium, headless }: DevHostOptions,
  profile: string,
  size: { width: number; height: number },
): Promise<BrowserContext> {
  return driver.launchPersistentContext(profile, {
    executablePath: chromium.executable,
    headless,
    // SECURITY: Chromium refuses to start as root with its sandbox on, so only then is it off; the
    // caller tells the person (see `window.ts`).
    chromiumSandbox: !isRoot(),
    args: chromiumFlags({ headless, ...size }),
    ignoreDefaultArgs: UNWANTED_DEFAULTS,
    env: { ...definedOnly(process.env), ...chromium.env },
    viewport: headless ? size : null,
    acceptDownloads: false,
    serviceWorkers: 'block',
    // Closing is ours to do, in order: window, core, profile.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) defined[name] = value;
  return defined;
}

/** Closes every window this host did not open itself. */
function onlyOurWindows(context: BrowserContext): () => Promise<Page> {
  let expected = 0;
  context.on('page', (opened) => {
    if (expected > 0) expected -= 1;
    // It may have closed by itself in the meantime, which is what is wanted.
    else opened.close().catch(() => undefined);
  });
  return () => {
    expected += 1;
    return context.newPage();
  };
}

/** An address that is never requested (about:blank) can still replace the page: it is put back. */
function keepAtHome(page: Page): void {
  // A dead page shows nothing and can be asked nothing: end as if the window had been closed.
  page.on('crash', () => {
    page.close().catch(() => undefined);
  });
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame() || frame.url().startsWith(`${APP_ORIGIN}/`)) return;
    // Fails only when the page is closing.
    page.goto(`${APP_ORIGIN}/`).catch(() => undefined);
  });
}

/** Answers one request from the shared answers; cancels what is not ours. */
export async function fulfil(
  route: Route,
  answer: Answer,
  refused?: (url: string) => void,
): Promise<void> {
  const request = route.request();
  const response = await answer({
    method: request.method(),
    url: request.url(),
    navigation: request.isNavigationRequest(),
  });
  if (!response) return refuse(route, refused);
  const { status, headers, body } = response;
  await settled(route.fulfill({ status, headers, body: Buffer.from(body) }));
}

async function refuse(route: Route, refused?: (url: string) => void): Promise<void> {
  refused?.(route.request().url());
  // "aborted" leaves the page that is there; any other reason would put an error page in its place.
  await settled(route.abort('aborted'));
}

/** The page may have gone while its request was being answered. */
async function settled(work: Promise<void>): Promise<void> {
  await work.catch(() => undefined);
}

function pageOf(route: Route): Page | null {
  const request = route.request();
  // A service worker's request has no frame; none may exist.
  return request.serviceWorker() ? null : request.frame().page();
}
