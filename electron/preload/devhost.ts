/**
 * What the development host runs in the page before any script of the page: the same letter box on
 * the browser's binding. Built to one self-contained script.
 */
import { createLetterbox } from './letterbox.ts';

/** What the page may ask of the development host. */
export type Ask =
  { kind: 'call'; channel: string; input: unknown } | { kind: 'events' } | { kind: 'activity' };

type Binding = (ask: Ask) => Promise<unknown>;

/** The few parts of a browser's window used here; this floor is typed without a DOM. */
interface PageScope {
  custosWire?: Binding;
  top: unknown;
  self: unknown;
  addEventListener(
    name: string,
    listener: (event: { isTrusted: boolean; timeStamp: number }) => void,
    options: { capture: boolean; passive: boolean },
  ): void;
}

const ACTIVITY_EVERY_MS = 5_000;

function hang(scope: PageScope): void {
  const binding = scope.custosWire;
  if (!binding || scope.top !== scope.self) return;
  // Out of sight of the page. Not a wall: the host's gate is.
  Reflect.deleteProperty(scope, 'custosWire');
  const listeners = new Set<(event: unknown) => void>();
  Object.defineProperty(scope, 'custos', {
    enumerable: true,
    value: createLetterbox({
      invoke: (channel, input) => binding({ kind: 'call', channel, input }),
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
  });
  const stop = (): void => listeners.clear();
  // Both end when the host has gone, and this window goes with it.
  deliver(binding, listeners).catch(stop);
  reportActivity(scope, binding, stop);
}

/** The page asks for events and the host answers when there are some: it never runs script here. */
async function deliver(binding: Binding, listeners: Set<(event: unknown) => void>) {
  for (;;) {
    const events = (await binding({ kind: 'events' })) as unknown[];
    for (const event of events) for (const listener of listeners) listener(event);
  }
}

function reportActivity(scope: PageScope, binding: Binding, stop: () => void): void {
  let last = -Infinity;
  for (const name of ['keydown', 'pointerdown', 'pointermove', 'wheel']) {
    scope.addEventListener(
      name,
      (event) => {
        if (!event.isTrusted || event.timeStamp - last < ACTIVITY_EVERY_MS) return;
        last = event.timeStamp;
        binding({ kind: 'activity' }).catch(stop);
      },
      { capture: true, passive: true },
    );
  }
}

hang(globalThis as unknown as PageScope);
