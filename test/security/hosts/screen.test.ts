/** The screen as an attacker would use it: everything here runs inside the page, in Chromium. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { chromium as driver } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { APP_ORIGIN, isRoot, openDevHost, type DevHost } from '#electron/devhost/host.ts';
import { CONTENT_SECURITY_POLICY } from '#electron/hosting/csp.ts';
import { temporaryFolder } from '../../hosts/app.ts';
import { anyChromium } from '../../hosts/chromium.ts';
import { createFakeCore, type FakeCore } from './fake-core.ts';
import { FIXTURE_HTML, writeFixtureScreen } from './fixture-screen.ts';

const TOKEN = 'ab'.repeat(16);

let built: Awaited<ReturnType<typeof temporaryFolder>>;
let core: FakeCore;
let host: DevHost;
let refused: string[];

beforeAll(async () => {
  built = await temporaryFolder('screen');
  await writeFixtureScreen(built.path);
  const jpeg = await sharp({
    create: { width: 8, height: 4, channels: 3, background: '#888' },
  })
    .jpeg()
    .toBuffer();
  core = createFakeCore(jpeg);
  refused = [];
  host = await openDevHost({
    core,
    chromium: await anyChromium(),
    headless: true,
    size: { width: 800, height: 600 },
    built: built.path,
    refused: (url) => refused.push(url),
  });
});
afterAll(async () => {
  await host.close();
  await built.remove();
});
beforeEach(async () => {
  refused.length = 0;
  core.calls.length = 0;
  await host.page.goto(`${APP_ORIGIN}/`);
  await host.page.locator('#state', { hasText: 'ready' }).waitFor();
});

describe('the policy', () => {
  it('is a header, exact, on the page, its scripts and its pictures', async () => {
    const seen: Record<string, string> = {};
    const remember = async (response: {
      url(): string;
      headerValue(name: string): Promise<string | null>;
    }) => {
      const name = 'content-security-policy';
      seen[new URL(response.url()).pathname] = (await response.headerValue(name)) ?? '';
    };
    host.page.on('response', remember);
    core.lease = TOKEN;
    await host.page.goto(`${APP_ORIGIN}/`);
    await host.page.evaluate(loadPicture, `look/${TOKEN}`);
    await expect.poll(() => Object.keys(seen)).toHaveLength(3);
    host.page.off('response', remember);
    expect(seen).toEqual({
      '/': CONTENT_SECURITY_POLICY,
      '/assets/screen.js': CONTENT_SECURITY_POLICY,
      [`/look/${TOKEN}`]: CONTENT_SECURITY_POLICY,
    });
    expect(CONTENT_SECURITY_POLICY).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
        "font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; " +
        "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
    );
  });

  it('stops an inline script, which runs where the policy is missing', async () => {
    expect(await host.page.evaluate(() => 'inlineRan' in window)).toBe(false);
    const control = await host.openWindow();
    await control.route('**/*', (route) =>
      route.fulfill({ contentType: 'text/html', body: FIXTURE_HTML }),
    );
    await control.goto('https://control.custos.invalid/');
    expect(await control.evaluate(() => 'inlineRan' in window)).toBe(true);
    await control.close();
  });

  it('stops fetch, sockets, beacons, text as script and text as markup', async () => {
    const outcome = await host.page.evaluate(async () => {
      const attempt = async (act: () => unknown): Promise<string> => {
        try {
          await act();
          return 'done';
        } catch {
          return 'stopped';
        }
      };
      return {
        fetch: await attempt(() => fetch('/index.html')),
        socket: await attempt(
          () =>
            new Promise((resolve, reject) => {
              const socket = new WebSocket('wss://app.custos.invalid/');
              socket.onopen = resolve;
              socket.onerror = reject;
            }),
        ),
        markup: await attempt(() => {
          document.body.innerHTML = '<p>x</p>';
        }),
        timer: await attempt(() =>
          // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the attack itself
          setTimeout('window.timerRan = true', 0),
        ),
        frame: await attempt(() => {
          const frame = document.createElement('iframe');
          frame.src = '/index.html';
          document.body.append(frame);
          return new Promise((resolve, reject) => {
            frame.onload = () => (frame.contentDocument ? resolve(null) : reject(new Error()));
          });
        }),
      };
    });
    expect(outcome).toEqual({
      fetch: 'stopped',
      socket: 'stopped',
      markup: 'stopped',
      timer: 'stopped',
      frame: 'stopped',
    });
  });
});

describe('leaving', () => {
  it.each(['https://example.com/', 'http://127.0.0.1:9/', 'file:///etc/passwd', `${APP_ORIGIN}/x`])(
    'stays where it is when it is sent to %s',
    async (elsewhere) => {
      await host.page.evaluate((url) => {
        (window as { mark?: string }).mark = 'same document';
        location.href = url;
      }, elsewhere);
      await expect.poll(() => host.page.url()).toBe(`${APP_ORIGIN}/`);
      await host.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
      expect(await host.page.evaluate(() => (window as { mark?: string }).mark)).toBe(
        'same document',
      );
    },
  );

  it('comes back from an empty page', async () => {
    await host.page.evaluate(() => {
      location.href = 'about:blank';
    });
    await host.page.waitForURL('about:blank', { waitUntil: 'commit' }).catch(() => undefined);
    await host.page.waitForURL(`${APP_ORIGIN}/`);
    await host.page.locator('#state', { hasText: 'ready' }).waitFor();
  });

  it('opens no second window', async () => {
    const before = host.context.pages().length;
    expect(
      await host.page.evaluate(() => [window.open('https://example.com/'), window.open('')]),
    ).toEqual([null, null]);
    expect(host.context.pages()).toHaveLength(before);
  });
});

describe('the network', () => {
  let server: Server;
  let connections = 0;
  let target: string;

  beforeAll(async () => {
    server = createServer((_request, response) => response.end('reached'));
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    target = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is never reached, whatever a page tries', async () => {
    connections = 0;
    await host.page.evaluate(async (url) => {
      const add = (name: string, attributes: Record<string, string>): void => {
        const element = document.createElement(name);
        try {
          for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        } catch {
          // Trusted types refuse some addresses before anything else does.
        }
        document.body.append(element);
        if (element instanceof HTMLFormElement) element.submit();
        if (element instanceof HTMLAnchorElement) element.click();
      };
      add('img', { src: `${url}/img` });
      add('link', { rel: 'stylesheet', href: `${url}/css` });
      add('link', { rel: 'preconnect', href: url });
      add('link', { rel: 'dns-prefetch', href: url });
      add('link', { rel: 'prefetch', href: `${url}/prefetch` });
      add('iframe', { src: `${url}/frame` });
      add('video', { src: `${url}/video` });
      add('object', { data: `${url}/object` });
      add('form', { action: `${url}/form`, method: 'post' });
      add('a', { href: `${url}/ping`, ping: `${url}/pinged` });
      navigator.sendBeacon(`${url}/beacon`);
      new EventSource(`${url}/events`);
      new WebSocket(url.replace('http', 'ws'));
      const peer = new RTCPeerConnection({
        iceServers: [{ urls: url.replace('http://', 'stun:') }],
      });
      peer.createDataChannel('x');
      await peer.setLocalDescription(await peer.createOffer());
      location.href = `${url}/navigate`;
      await new Promise((resolve) => setTimeout(resolve, 700));
      peer.close();
    }, target);
    expect(connections).toBe(0);
  });

  it('is reached by the same Chromium without this host', async () => {
    connections = 0;
    const { executable, env } = await anyChromium();
    const browser = await driver.launch({
      executablePath: executable,
      chromiumSandbox: !isRoot(),
      env: { ...(process.env as Record<string, string>), ...env },
    });
    const page = await browser.newPage();
    await page.goto(target);
    await browser.close();
    expect(connections).toBeGreaterThan(0);
  });
});

describe('the letter box', () => {
  it('is all there is: two functions that cannot be exchanged', async () => {
    const found = await host.page.evaluate(() => {
      const custos = (window as unknown as Record<string, object>)['custos'] ?? {};
      let exchanged = true;
      try {
        (custos as { call: unknown }).call = null;
      } catch {
        exchanged = false;
      }
      return {
        keys: Object.getOwnPropertyNames(custos).sort(),
        wire: 'custosWire' in window,
        node: 'require' in window || 'process' in window,
        frozen: Object.isFrozen(custos),
        exchanged: exchanged && (custos as { call: unknown }).call === null,
      };
    });
    expect(found).toEqual({
      keys: ['call', 'on'],
      wire: false,
      node: false,
      frozen: true,
      exchanged: false,
    });
  });

  it('passes a known channel and keeps back an unknown one and what is not plain', async () => {
    const answers = await host.page.evaluate(async () => {
      const { call } = (
        window as unknown as {
          custos: {
            call: (c: unknown, i: unknown) => Promise<{ ok: boolean; error?: { code: string } }>;
          };
        }
      ).custos;
      const code = async (channel: unknown, input: unknown) =>
        (await call(channel, input)).error?.code ?? 'passed';
      return [
        await code('cases.list', {}),
        await code('shell.run', {}),
        await code('constructor', {}),
        await code('cases.list', { when: new Date() }),
        await code('cases.list', { run: () => 1 }),
      ];
    });
    expect(answers).toEqual([
      'passed',
      'UNKNOWN_CHANNEL',
      'UNKNOWN_CHANNEL',
      'BAD_REQUEST',
      'BAD_REQUEST',
    ]);
    expect(core.calls).toEqual([{ channel: 'cases.list', input: {} }]);
  });

  it('holds at the gate when the page talks to the binding behind it', async () => {
    const reached = await host.page.evaluate(() => {
      // The driver's own entry, which a hostile script could find.
      const raw = (window as unknown as Record<string, ((payload: string) => void) | undefined>)[
        '__playwright__binding__'
      ];
      if (!raw) return false;
      const ask = { kind: 'call', channel: 'shell.run', input: {} };
      const value = {
        o: Object.entries(ask).map(([k, v]) => ({
          k,
          v: typeof v === 'string' ? v : { o: [], id: 2 },
        })),
        id: 1,
      };
      raw(JSON.stringify({ name: 'custosWire', seq: 99, serializedArgs: [value] }));
      return true;
    });
    await host.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(reached).toBe(true);
    expect(core.calls).toEqual([]);
  });

  it('brings events, and a lock starts a fresh document', async () => {
    core.emit({ type: 'case-changed', caseId: 7 });
    await host.page.waitForFunction(() => (window as unknown as { heard: unknown[] }).heard.length);
    await host.page.evaluate(() => {
      (window as { mark?: string }).mark = 'before';
    });
    core.emit({ type: 'locked', why: 'command' });
    await host.page.waitForFunction(
      () => !('mark' in window) && document.getElementById('state')?.textContent === 'ready',
    );
  });

  it('tells the core of real input only', async () => {
    const before = core.active;
    await host.page.evaluate(() => dispatchEvent(new KeyboardEvent('keydown', { key: 'x' })));
    await host.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(core.active).toBe(before);
    await host.page.keyboard.press('x');
    await expect.poll(() => core.active).toBe(before + 1);
  });
});

describe('pictures', () => {
  it('are shown for a lease, once', async () => {
    core.lease = TOKEN;
    expect(await host.page.evaluate(loadPicture, `look/${TOKEN}`)).toBe(8);
    // A document may keep what it has been shown; a fresh one has to ask, and is refused.
    await host.page.goto(`${APP_ORIGIN}/`);
    expect(await host.page.evaluate(loadPicture, `look/${TOKEN}`)).toBe(0);
  });

  it.each([
    ['no lease', `look/${'0'.repeat(32)}`, 403],
    ['a path instead of a token', 'look/..%2f..%2fetc%2fpasswd', 403],
    ['a token that is too long', `look/${TOKEN}00`, 403],
    ['upper case', `look/${TOKEN.toUpperCase()}`, 403],
    ['another folder', 'blobs/ab/abcd.evb', 404],
  ])('are refused for %s', async (_name, address, status) => {
    const answered = host.page.waitForResponse((response) => response.url().startsWith(APP_ORIGIN));
    expect(await host.page.evaluate(loadPicture, address)).toBe(0);
    expect((await answered).status()).toBe(status);
  });
});

describe('afterwards', () => {
  it('leaves no profile behind', async () => {
    const mine = (): Promise<string[]> =>
      readdir(tmpdir()).then((names) =>
        names.filter((name) => name.startsWith(`custos-profile-${String(process.pid)}-`)),
      );
    const before = await mine();
    const second = await openDevHost({
      core: createFakeCore(),
      chromium: await anyChromium(),
      headless: true,
      built: built.path,
    });
    expect(await mine()).toHaveLength(before.length + 1);
    await second.close();
    expect(await mine()).toEqual(before);
    expect(existsSync(built.path)).toBe(true);
  });
});

/** Runs in the page: width of the picture at this address, 0 where none is shown. */
function loadPicture(address: string): Promise<number> {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image.naturalWidth);
    image.onerror = () => resolve(0);
    image.src = address;
  });
}
