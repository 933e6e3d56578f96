/**
 * The composition root: which part is made from which, in what order a workspace opens and in
 * what order it closes. Everything else receives what it needs from here.
 */
import type { CoreEvent } from '#shared/contract/contract.ts';
import type { Result } from '#shared/domain/errors.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { framesOf } from '#shared/util/frames.ts';
import { openWorkspace } from './access/open.ts';
import type { Session } from './access/types.ts';
import { createChoices } from './api/choices.ts';
import type { Desk } from './api/desk.ts';
import { createHandlers } from './api/handlers.ts';
import { createIdleTimer } from './api/idle.ts';
import { rememberWorkspace } from './api/recents.ts';
import { startRotation } from './api/rotating.ts';
import { createRouter } from './api/router.ts';
import { createJobs, type Jobs } from './jobs/jobs.ts';
import { createMedia } from './media/pool.ts';
import type { Media } from './media/types.ts';
import type { Ports } from './ports.ts';
import { loadLawPacks } from './review/law-packs.ts';
import { createLeases, type Leases } from './review/leases.ts';
import { servePicture, type Picture } from './review/pictures.ts';

/** A workspace left alone this long locks itself (security.md 3). */
const IDLE_MINUTES = 10;

export interface Workstation {
  /** One call of the contract. Never throws. */
  call(channel: string, input: unknown): Promise<Result<unknown>>;
  /** The picture behind a one-time lease. Never throws. */
  picture(token: string): Promise<Picture>;
  onEvent(listener: (event: CoreEvent) => void): () => void;
  /** The person did something: the idle lock starts counting again. */
  activity(): void;
  /** Registers paths chosen outside a dialog (command line) and answers with their token. */
  keep(paths: readonly string[]): string;
  /** Settles when nothing is running any more. */
  lock(why: 'command' | 'idle' | 'suspend' | 'closed'): Promise<void>;
  shutdown(): Promise<void>;
}

/** What lives from unlocking to locking. */
interface Opened {
  session: Session;
  media: Media;
  jobs: Jobs;
  leases: Leases;
}

const sentence = (status: number, text: string): Picture => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: new TextEncoder().encode(text),
});
const LOCKED = sentence(403, 'The workspace is locked.');
const FAILED = sentence(500, 'The picture could not be made; the local log has the details.');

export function createWorkstation(ports: Ports): Workstation {
  const listeners = new Set<(event: CoreEvent) => void>();
  const choices = createChoices();
  const lawPacks = loadLawPacks(ports.resourcesDir);
  let selected: string | null = null;
  let opened: Opened | null = null;
  let closing: Promise<void> | null = null;
  let opening: Promise<unknown> | null = null;
  /** How often locking was asked for: an unlocking that began before comes too late. */
  let locks = 0;

  const emit = (event: CoreEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch {
        // Whoever watches must not be able to stop the work that is watched.
        ports.log({ level: 'warning', text: `a listener failed on an event: ${event.type}` });
      }
    }
  };
  const need = (): Opened => {
    if (!opened) throw new CustosError('NOT_UNLOCKED', 'The workspace is locked.');
    return opened;
  };
  const idle = createIdleTimer(IDLE_MINUTES * 60_000, {
    busy: () => opened?.jobs.list().some((job) => job.state === 'running') ?? false,
    expired: () => void lock('idle'),
  });

  async function unlock(member: string | null, password: string): Promise<Session> {
    if (opened || closing) await lock('command');
    if (selected === null)
      throw new CustosError('NOT_FOUND', 'Choose a workspace first, then unlock it.');
    const dir = selected;
    const since = locks;
    const unlocking = openWorkspace(ports, dir, member, password);
    opening = unlocking;
    const session = await unlocking.finally(() => {
      if (opening === unlocking) opening = null;
    });
    // SECURITY: while the password was worked on the screen may have been locked, or another
    // workspace chosen. Whoever is there now is not shown this one.
    if (locks !== since) {
      session.close('command');
      throw new CustosError(
        'NOT_UNLOCKED',
        'The workspace was locked again while it was being unlocked. Unlock it once more.',
      );
    }
    opened = {
      session,
      media: createMedia(ports),
      jobs: createJobs(ports.clock, (job) => emit({ type: 'job', job }), ports.log),
      leases: createLeases(ports.clock),
    };
    rememberWorkspace(ports, dir);
    // One command is no sitting: there it is said, and left to whoever asks for it.
    if (ports.host !== 'command-line') startRotation(desk, session);
    idle.start();
    return session;
  }

  function lock(why: 'command' | 'idle' | 'suspend' | 'closed'): Promise<void> {
    locks += 1;
    closing ??= close(why).finally(() => {
      closing = null;
    });
    return closing;
  }

  /** Reverse of opening. First no call and no lease is honoured any more; then the work ends. */
  async function close(why: 'command' | 'idle' | 'suspend' | 'closed'): Promise<void> {
    if (!opened) {
      // What is being unlocked closes itself; how it ends is told to whoever asked for it.
      await opening?.catch(() => undefined);
      return;
    }
    const { session, media, jobs, leases } = opened;
    opened = null;
    idle.stop();
    leases.revokeAll();
    try {
      await jobs.stopAll();
      await media.close();
    } finally {
      // SECURITY: whatever fails before, keys are wiped and the screen is covered.
      session.close(why);
      choices.forget();
      emit({ type: 'locked', why });
    }
  }

  const desk: Desk = {
    ports,
    choices,
    lawPacks,
    selected: () => selected,
    select: (dir) => {
      selected = dir;
    },
    session: () => opened?.session ?? null,
    unlock,
    lock,
    media: () => need().media,
    jobs: () => need().jobs,
    leases: () => need().leases,
    emit,
  };
  const route = createRouter({
    handlers: createHandlers(desk),
    session: desk.session,
    log: ports.log,
  });

  return {
    call(channel, input) {
      // SECURITY: where there is a window its host tells of input; what a page asks for by itself would
      // keep a workspace open that nobody sits in front of.
      if (ports.host === 'command-line') idle.touch();
      return route(channel, input);
    },
    async picture(token) {
      try {
        return opened ? await servePicture(opened, token) : LOCKED;
      } catch (error) {
        // SECURITY: places in the program only; a message may name a file.
        const stack = framesOf(error);
        ports.log({ level: 'error', text: 'a picture failed', ...(stack ? { stack } : {}) });
        return FAILED;
      }
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    activity: () => idle.touch(),
    keep: (paths) => choices.keep(paths),
    lock,
    shutdown: () => lock('closed'),
  };
}
