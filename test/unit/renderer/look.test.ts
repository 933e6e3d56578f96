import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '#shared/domain/errors.ts';

type Answer = (result: Result<unknown>) => void;

/** Calls in order; `look.request` is answered when the test says so. */
const calls: [string, unknown][] = [];
let answerRequest: Answer = () => undefined;
const events = new EventTarget();

const wire = {
  call(channel: string, input: unknown): Promise<Result<unknown>> {
    calls.push([channel, input]);
    if (channel !== 'look.request') return Promise.resolve({ ok: true, value: null });
    return new Promise((resolve) => {
      answerRequest = resolve;
    });
  },
};

let now = 0;
const window = Object.assign(events, {
  custos: wire,
  innerWidth: 1280,
  innerHeight: 800,
  devicePixelRatio: 1,
});
const document = Object.assign(new EventTarget(), { hidden: false });
vi.stubGlobal('window', window);
vi.stubGlobal('document', document);

const { cover, notPainted, painted, show, stepRung, useLook, watchForLeaving } =
  await import('../../../renderer/media/look.ts');

const SUBJECT = { itemId: 410, purpose: 'decide', reason: null } as const;
const granted = (lookId: number): Result<unknown> => ({
  ok: true,
  value: { lookId, url: `look/${'0'.repeat(32)}`, secondsValid: 60, relook: false },
});
const settle = (): Promise<void> =>
  Promise.resolve().then(() => {
    vi.advanceTimersByTime(0);
  });
const covers = (): unknown[] =>
  calls.filter(([channel]) => channel === 'look.cover').map(([, input]) => input);

/** Shown and painted, as after a held key. */
async function shown(lookId: number): Promise<void> {
  const asked = show(SUBJECT);
  answerRequest(granted(lookId));
  await asked;
  painted();
}

let stop = (): void => undefined;
beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  stop = watchForLeaving();
});
afterEach(async () => {
  cover();
  await settle();
  stop();
  calls.length = 0;
  document.hidden = false;
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a look', () => {
  it('has no address before it was granted, and none after the cover', async () => {
    const asked = show(SUBJECT);
    expect(useLook.getState()).toMatchObject({ phase: 'asking', url: null });
    answerRequest(granted(1));
    await asked;
    expect(useLook.getState().url).toMatch(/^look\//);
    cover();
    expect(useLook.getState()).toMatchObject({ phase: 'covered', url: null, lookId: null });
  });

  it('reports how long it was painted', async () => {
    now = 1000;
    await shown(2);
    now = 3250;
    cover();
    await settle();
    expect(covers()).toEqual([{ lookId: 2, seconds: 2.25 }]);
  });

  it('that is answered after the key was released is never shown, and is closed with no seconds', async () => {
    const asked = show(SUBJECT);
    cover();
    answerRequest(granted(3));
    await asked;
    expect(useLook.getState()).toMatchObject({ phase: 'covered', url: null });
    expect(covers()).toEqual([{ lookId: 3, seconds: 0 }]);
  });

  it('that was refused shows the sentence and nothing else', async () => {
    const asked = show(SUBJECT);
    answerRequest({ ok: false, error: { code: 'REASON_REQUIRED', message: 'Say why.' } });
    await asked;
    expect(useLook.getState()).toMatchObject({ phase: 'failed', url: null, message: 'Say why.' });
    expect(covers()).toEqual([]);
  });

  it('that could not be drawn counts no seconds', async () => {
    const asked = show(SUBJECT);
    answerRequest(granted(4));
    await asked;
    notPainted();
    await settle();
    expect(useLook.getState()).toMatchObject({ phase: 'failed', url: null });
    expect(covers()).toEqual([{ lookId: 4, seconds: 0 }]);
  });

  it.each([
    ['the window loses focus', () => window.dispatchEvent(new Event('blur'))],
    [
      'the window is hidden',
      () => {
        document.hidden = true;
        return document.dispatchEvent(new Event('visibilitychange'));
      },
    ],
    ['ten seconds pass without input', () => vi.advanceTimersByTime(10_000)],
  ])('ends when %s', async (_name, leave) => {
    await shown(5);
    expect(useLook.getState().phase).toBe('shown');
    leave();
    expect(useLook.getState()).toMatchObject({ phase: 'covered', url: null });
  });

  it('goes on while somebody moves, but not for the repeats of a key that is weighed down', async () => {
    await shown(6);
    vi.advanceTimersByTime(9_000);
    window.dispatchEvent(new Event('pointermove'));
    vi.advanceTimersByTime(9_000);
    expect(useLook.getState().phase).toBe('shown');
    window.dispatchEvent(Object.assign(new Event('keydown'), { repeat: true }));
    vi.advanceTimersByTime(1_000);
    expect(useLook.getState().phase).toBe('covered');
  });

  it('is asked for anew at another rung, the one before being closed', async () => {
    await shown(7);
    stepRung(1);
    answerRequest(granted(8));
    await settle();
    await settle();
    const requests = calls.filter(([channel]) => channel === 'look.request');
    expect(requests.map(([, input]) => (input as { rung: number }).rung)).toEqual([1, 2]);
    expect(covers()).toMatchObject([{ lookId: 7 }]);
    stepRung(-1);
  });

  it('stays on the ladder', () => {
    for (let step = 0; step < 9; step += 1) stepRung(1);
    expect(useLook.getState().rung).toBe(4);
    for (let step = 0; step < 9; step += 1) stepRung(-1);
    expect(useLook.getState().rung).toBe(1);
  });
});
