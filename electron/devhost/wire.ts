/** The wire between a page of the development host and the core: one binding, one gate. */
import type { Page } from 'playwright';
import type { CoreEvent } from '#shared/contract/contract.ts';
import { createGate, throughGate, type Sender } from '#electron/hosting/gate.ts';
import type { HostedCore } from '#electron/hosting/workstation.ts';

interface WireParts {
  page: Page;
  core: HostedCore;
  origin: string;
  /** The built letter box, run in the page before its own scripts. */
  letterbox: string;
}

/** Returns how to take the wire down. */
export async function attachWire({ page, core, origin, letterbox }: WireParts) {
  const gate = createGate({ origin, now: () => performance.now() });
  const events = createEventQueue();
  const stopEvents = core.onEvent((event) => {
    events.push(event);
    if (event.type === 'locked' && event.why !== 'closed') startAfresh(page, origin);
  });

  await page.exposeBinding('custosWire', async ({ frame }, ask: unknown) => {
    const sender: Sender = {
      mainFrame: frame === page.mainFrame(),
      origin: originOf(frame.url()),
    };
    switch (kindOf(ask)) {
      case 'call':
        return throughGate(gate, sender, ask as { channel: unknown; input: unknown }, (c, i) =>
          core.call(c, i),
        );
      case 'events':
        return sender.mainFrame && sender.origin === origin ? events.next() : [];
      case 'activity':
        if (sender.mainFrame && sender.origin === origin) core.activity();
        return null;
      default:
        return null;
    }
  });
  await page.addInitScript(letterbox);

  return (): void => {
    stopEvents();
    events.end();
  };
}

/**
 * SECURITY: lock means purge. A fresh document drops every decoded picture the old one held.
 * (Electron ends the whole renderer process; a browser gives no such handle.)
 */
function startAfresh(page: Page, origin: string): void {
  // Fails only when the page is closing.
  page.goto(`${origin}/`).catch(() => undefined);
}

/** Events wait here until the page asks; a page that was replaced loses its turn to the new one. */
function createEventQueue() {
  let waiting: CoreEvent[] = [];
  let hand: ((events: CoreEvent[]) => void) | null = null;
  const flush = (): void => {
    if (!hand || waiting.length === 0) return;
    const take = hand;
    const events = waiting;
    hand = null;
    waiting = [];
    take(events);
  };
  return {
    push(event: CoreEvent): void {
      waiting.push(event);
      flush();
    },
    next(): Promise<CoreEvent[]> {
      hand?.([]);
      return new Promise((resolve) => {
        hand = resolve;
        flush();
      });
    },
    end(): void {
      hand?.([]);
      hand = null;
    },
  };
}

function kindOf(ask: unknown): unknown {
  return typeof ask === 'object' && ask !== null && 'kind' in ask ? ask.kind : null;
}

function originOf(url: string): string {
  if (!URL.canParse(url)) return '';
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
