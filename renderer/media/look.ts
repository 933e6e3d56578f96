/**
 * The one look there can be at a time. A picture is on the screen only between an answered request
 * and the first of: the key is released, the window loses focus or is hidden, ten seconds pass
 * without input, the room is left, the workspace is locked. Every end is reported with its seconds.
 */
import { create } from 'zustand';
import type { Purpose, ShownRung } from '#shared/domain/words.ts';
import { tellError } from '../bridge/notices.ts';
import { call } from '../bridge/wire.ts';

export interface Subject {
  itemId: number;
  purpose: Purpose;
  /** Needed for a decided item and for legal staff. */
  reason: string | null;
}

interface LookState {
  phase: 'covered' | 'asking' | 'shown' | 'failed';
  subject: Subject | null;
  /** The rung in force, remembered from picture to picture. */
  rung: ShownRung;
  lookId: number | null;
  /** Address of the picture, good for one request. */
  url: string | null;
  /** When it was painted, in milliseconds of `performance.now`; null until then. */
  since: number | null;
  /** Why it could not be shown. */
  message: string | null;
  /** Looks had since this window opened: changes once the record knows of another. */
  had: number;
}

const COVERED = {
  phase: 'covered',
  subject: null,
  lookId: null,
  url: null,
  since: null,
  message: null,
} as const;

export const useLook = create<LookState>(() => ({ ...COVERED, rung: 1, had: 0 }));
const { getState: get, setState: set } = useLook;

/** Ten seconds without input cover the picture (product.md 4, 12). */
const IDLE = 10_000;
const FIRST_RUNG = 1;
const LAST_RUNG = 4;

let turn = 0;
let idle: ReturnType<typeof setTimeout> | undefined;
let stage: HTMLElement | null = null;

/** Where pictures are shown: its size says how large a rendition is worth making. */
export function setStage(element: HTMLElement | null): void {
  stage = element;
}

function wantedBox(): number {
  const width = stage?.clientWidth ?? window.innerWidth;
  const height = stage?.clientHeight ?? window.innerHeight;
  const side = Math.round(Math.max(width, height) * window.devicePixelRatio);
  return Math.min(4096, Math.max(64, side));
}

export async function show(subject: Subject): Promise<void> {
  cover();
  const mine = ++turn;
  const { rung } = get();
  set({ phase: 'asking', subject });
  restartIdle();
  const result = await call('look.request', {
    itemId: subject.itemId,
    rung,
    purpose: subject.purpose,
    reason: subject.reason,
    box: wantedBox(),
  });
  if (mine !== turn) {
    // SECURITY: released before the answer came. The lease is never fetched, and the record says so.
    if (result.ok) await report(result.value.lookId, 0);
    return;
  }
  if (!result.ok) {
    set({ phase: 'failed', message: result.error.message });
    return;
  }
  set({ phase: 'shown', lookId: result.value.lookId, url: result.value.url });
}

/** The browser has decoded the picture and is painting it. */
export function painted(): void {
  if (get().phase === 'shown' && get().since === null) set({ since: performance.now() });
}

/** The lease was refused or the bytes did not decode. */
export function notPainted(): void {
  const { lookId, phase } = get();
  if (phase !== 'shown') return;
  if (lookId !== null) void report(lookId, 0);
  set({
    phase: 'failed',
    lookId: null,
    url: null,
    message: 'The picture could not be drawn. Nothing was shown; hold the key again to ask again.',
  });
}

export function cover(): void {
  turn += 1;
  clearTimeout(idle);
  const { phase, lookId, since } = get();
  if (phase === 'covered') return;
  // SECURITY: the picture leaves the screen before anything else is done or waited for.
  set(COVERED);
  if (lookId !== null) void report(lookId, since === null ? 0 : (performance.now() - since) / 1000);
}

async function report(lookId: number, seconds: number): Promise<void> {
  const result = await call('look.cover', { lookId, seconds: Number(seconds.toFixed(2)) });
  // A look that locking ended is closed by the core itself.
  if (!result.ok && result.error.code !== 'NOT_UNLOCKED') tellError(result.error);
  set(({ had }) => ({ had: had + 1 }));
}

/** One rung up or down; a picture that is being shown is asked for again at the new rung. */
export function stepRung(step: 1 | -1): void {
  const { rung, phase, subject } = get();
  const next = Math.min(LAST_RUNG, Math.max(FIRST_RUNG, rung + step)) as ShownRung;
  if (next === rung) return;
  set({ rung: next });
  if ((phase === 'shown' || phase === 'asking') && subject !== null) void show(subject);
}

export function forgetRung(): void {
  set({ rung: FIRST_RUNG });
}

function restartIdle(): void {
  clearTimeout(idle);
  if (get().phase !== 'covered') idle = setTimeout(cover, IDLE);
}

/** Covers when nobody can be looking. Started once; returns what stops it. */
export function watchForLeaving(): () => void {
  // The repeats of a key that is held down (or weighed down) are no sign of a person.
  const onKey = (event: KeyboardEvent): void => {
    if (!event.repeat) restartIdle();
  };
  const onHidden = (): void => {
    if (document.hidden) cover();
  };
  window.addEventListener('blur', cover);
  window.addEventListener('pagehide', cover);
  window.addEventListener('keydown', onKey);
  window.addEventListener('pointermove', restartIdle);
  window.addEventListener('pointerdown', restartIdle);
  document.addEventListener('visibilitychange', onHidden);
  return () => {
    window.removeEventListener('blur', cover);
    window.removeEventListener('pagehide', cover);
    window.removeEventListener('keydown', onKey);
    window.removeEventListener('pointermove', restartIdle);
    window.removeEventListener('pointerdown', restartIdle);
    document.removeEventListener('visibilitychange', onHidden);
  };
}

/** The mouse's way of holding the key: pressed shows, let go anywhere covers. */
export function holdPointer(start: () => void): void {
  start();
  window.addEventListener('pointerup', cover, { once: true });
  window.addEventListener('pointercancel', cover, { once: true });
}
