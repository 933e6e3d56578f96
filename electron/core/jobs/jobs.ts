/**
 * Long work that a person can watch and stop. A job has a total, a done and a failed count, bytes,
 * a rate over the last seconds and the time left; cancelling sets its signal and the work itself
 * decides where it is safe to stop. Finished jobs are kept until the workspace closes.
 */
import { randomBytes } from 'node:crypto';
import { CustosError, isCustosError, type ErrorData } from '#shared/domain/errors.ts';
import type { JobProgress } from '#shared/contract/values.ts';
import { framesOf } from '#shared/util/frames.ts';
import type { Clock, LogEntry } from '#core/ports.ts';

/** Seconds of history that the rate is taken from: long enough to be calm, short enough to be true. */
const RATE_WINDOW_SECONDS = 8;
/** At most this many progress events a second reach the screen. */
const EVENTS_PER_SECOND = 5;

export interface Job {
  readonly id: number;
  readonly signal: AbortSignal;
  setTotal(total: number): void;
  setResult(id: number): void;
  advance(by: { done?: number; failed?: number; bytes?: number }): void;
}

export interface Jobs {
  /**
   * Starts work and follows it. Work that was asked to stop and could not leave off any more is
   * done; work that left off throws CANCELLED. `finished` settles with the work; the job's own state says how it
   * ended, so nobody has to await it for the failure to be seen.
   */
  start<T>(
    what: { kind: JobProgress['kind']; caseId: number | null; label: string },
    work: (job: Job) => Promise<T>,
  ): { jobId: number; finished: Promise<T> };
  list(): JobProgress[];
  /** Throws NOT_FOUND. Cancelling a job that has ended does nothing. */
  cancel(jobId: number): void;
  /** Cancels what runs and waits until it has stopped. */
  stopAll(): Promise<void>;
}

interface Tracked {
  progress: JobProgress;
  controller: AbortController;
  samples: { at: number; done: number }[];
  lastEmit: number;
  ended: Promise<void>;
}

export function createJobs(
  clock: Clock,
  emit: (job: JobProgress) => void,
  log: (entry: LogEntry) => void,
): Jobs {
  const all = new Map<number, Tracked>();
  let nextId = 1;

  function publish(tracked: Tracked, force: boolean): void {
    const now = clock.monotonicMs();
    if (!force && now - tracked.lastEmit < 1000 / EVENTS_PER_SECOND) return;
    tracked.lastEmit = now;
    measure(tracked, now);
    emit({ ...tracked.progress });
  }

  function end(
    tracked: Tracked,
    state: JobProgress['state'],
    error: Pick<ErrorData, 'code' | 'message'> | null,
  ): void {
    tracked.progress.state = state;
    tracked.progress.code = error?.code ?? null;
    tracked.progress.message = error?.message ?? null;
    tracked.progress.endedAt = clock.now().toISOString();
    publish(tracked, true);
  }

  return {
    start(what, work) {
      const controller = new AbortController();
      const progress: JobProgress = {
        jobId: nextId++,
        ...what,
        state: 'running',
        total: null,
        done: 0,
        failed: 0,
        bytes: 0,
        rate: 0,
        secondsLeft: null,
        startedAt: clock.now().toISOString(),
        endedAt: null,
        code: null,
        message: null,
        resultId: null,
      };
      const tracked: Tracked = {
        progress,
        controller,
        samples: [{ at: clock.monotonicMs(), done: 0 }],
        lastEmit: -Infinity,
        ended: Promise.resolve(),
      };
      all.set(progress.jobId, tracked);
      publish(tracked, true);

      const job: Job = {
        id: progress.jobId,
        signal: controller.signal,
        setTotal(total) {
          progress.total = total;
          publish(tracked, true);
        },
        setResult(id) {
          progress.resultId = id;
        },
        advance(by) {
          progress.done += by.done ?? 0;
          progress.failed += by.failed ?? 0;
          progress.bytes += by.bytes ?? 0;
          publish(tracked, false);
        },
      };
      // Also work that throws before it waits for anything ends its job.
      const finished = (async () => work(job))();
      tracked.ended = finished.then(
        () => end(tracked, 'done', null),
        (error: unknown) => {
          const known =
            isCustosError(error) && error.code !== 'INTERNAL' ? error : unforeseen(error, log);
          if (known.code === 'CANCELLED') end(tracked, 'cancelled', null);
          else end(tracked, 'failed', known);
        },
      );
      return { jobId: progress.jobId, finished };
    },
    list() {
      const now = clock.monotonicMs();
      return [...all.values()].map((tracked) => {
        measure(tracked, now);
        return { ...tracked.progress };
      });
    },
    cancel(jobId) {
      const tracked = all.get(jobId);
      if (!tracked) throw new CustosError('NOT_FOUND', 'There is no such job in this session.');
      tracked.controller.abort();
    },
    async stopAll() {
      for (const tracked of all.values()) tracked.controller.abort();
      await Promise.all([...all.values()].map((tracked) => tracked.ended));
    },
  };
}

function unforeseen(error: unknown, log: (entry: LogEntry) => void): CustosError {
  const incident = randomBytes(4).toString('hex');
  const origin = isCustosError(error) && error.cause !== undefined ? error.cause : error;
  const stack = framesOf(origin);
  log({ level: 'error', text: 'a job stopped', incident, ...(stack ? { stack } : {}) });
  return new CustosError(
    'INTERNAL',
    `The work stopped for a reason Custos did not foresee (incident ${incident}). What was finished is kept; the local log has the details.`,
    { cause: error },
  );
}

/** Rate over the window, and the time left at that rate. */
function measure(tracked: Tracked, now: number): void {
  const { progress, samples } = tracked;
  if (progress.state !== 'running') {
    progress.secondsLeft = null;
    return;
  }
  samples.push({ at: now, done: progress.done });
  while (samples.length > 2 && now - samples[0]!.at > RATE_WINDOW_SECONDS * 1000) samples.shift();
  const first = samples[0]!;
  const seconds = (now - first.at) / 1000;
  progress.rate = seconds > 0 ? (progress.done - first.done) / seconds : 0;
  progress.secondsLeft =
    progress.total !== null && progress.rate > 0
      ? Math.max(0, (progress.total - progress.done) / progress.rate)
      : null;
}
