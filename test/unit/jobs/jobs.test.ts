import { describe, expect, it } from 'vitest';
import { CustosError } from '#shared/domain/errors.ts';
import { jobProgress, type JobProgress } from '#shared/contract/values.ts';
import { createJobs, type Job, type Jobs } from '#core/jobs/jobs.ts';
import type { LogEntry } from '#core/ports.ts';
import { testClock, type TestClock } from '../../support/workspace.ts';

interface Desk {
  jobs: Jobs;
  clock: TestClock;
  events: JobProgress[];
  logged: LogEntry[];
}

function desk(): Desk {
  const clock = testClock();
  const events: JobProgress[] = [];
  const logged: LogEntry[] = [];
  const jobs = createJobs(
    clock,
    (job) => events.push(jobProgress.parse(structuredClone(job))),
    (entry) => logged.push(entry),
  );
  return { jobs, clock, events, logged };
}

const WHAT = { kind: 'import' as const, caseId: 1, label: 'a folder' };

/** A job that does nothing until it is told what. */
function held({ jobs }: Desk): {
  job: Job;
  jobId: number;
  resolve(): void;
  reject(e: unknown): void;
  finished: Promise<unknown>;
} {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let job: Job | undefined;
  const { jobId, finished } = jobs.start(WHAT, (given) => {
    job = given;
    return promise;
  });
  finished.catch(() => undefined);
  return { job: job!, jobId, resolve: () => resolve(undefined), reject, finished };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('jobs', () => {
  it('tell total, done, rate and the time left', () => {
    const on = desk();
    const { job } = held(on);
    expect(on.jobs.list()).toMatchObject([{ state: 'running', total: null, secondsLeft: null }]);
    job.setTotal(100);
    expect(on.events.at(-1)?.total).toBe(100);
    for (let second = 0; second < 4; second++) {
      on.clock.advance(1000);
      job.advance({ done: 10, failed: 1, bytes: 5 });
    }
    expect(on.events.at(-1)).toMatchObject({
      done: 40,
      failed: 4,
      bytes: 20,
      rate: 10,
      secondsLeft: 6,
    });
    on.clock.advance(1000);
    job.advance({ done: 100 });
    expect(on.jobs.list()[0]?.secondsLeft).toBe(0);
  });

  it('never tell a time left that is no number or below nothing', () => {
    const on = desk();
    const { job } = held(on);
    job.setTotal(0);
    job.advance({ done: 5 });
    job.setTotal(3);
    on.clock.advance(60_000);
    job.advance({});
    on.clock.advance(60_000);
    for (const { secondsLeft, rate } of [...on.events, ...on.jobs.list()]) {
      expect(Number.isFinite(rate)).toBe(true);
      expect(secondsLeft === null || secondsLeft >= 0).toBe(true);
    }
  });

  it('forget what was slow long ago', () => {
    const on = desk();
    const { job } = held(on);
    job.setTotal(1000);
    on.clock.advance(600_000);
    for (let second = 0; second < 20; second++) {
      on.clock.advance(1000);
      job.advance({ done: 10 });
    }
    expect(on.jobs.list()[0]?.rate).toBeCloseTo(10, 0);
  });

  it('tell at most five times a second, and always the end', async () => {
    const on = desk();
    const work = held(on);
    for (let n = 0; n < 1000; n++) {
      on.clock.advance(1);
      work.job.advance({ done: 1 });
    }
    expect(on.events.length).toBeLessThanOrEqual(7);
    work.resolve();
    await settled();
    expect(on.events.at(-1)).toMatchObject({ state: 'done', done: 1000, secondsLeft: null });
    expect(on.events.at(-1)?.endedAt).not.toBeNull();
  });

  it('are cancelled when they left off, and done when they could not any more', async () => {
    const on = desk();
    const stopped = held(on);
    const finished = held(on);
    on.jobs.cancel(stopped.jobId);
    on.jobs.cancel(finished.jobId);
    expect(stopped.job.signal.aborted).toBe(true);
    stopped.reject(new CustosError('CANCELLED', 'Left off.'));
    finished.resolve();
    await settled();
    expect(on.jobs.list()).toMatchObject([
      { state: 'cancelled', code: null, message: null },
      { state: 'done' },
    ]);
    on.jobs.cancel(finished.jobId);
    expect(on.jobs.list()[1]?.state).toBe('done');
    expect(() => on.jobs.cancel(99)).toThrowError(
      expect.objectContaining({ code: 'NOT_FOUND' }) as Error,
    );
  });

  it('tell a failure by its code and sentence', async () => {
    const on = desk();
    held(on).reject(new CustosError('DISK_FULL', 'The disk is full.'));
    await settled();
    expect(on.jobs.list()).toMatchObject([
      { state: 'failed', code: 'DISK_FULL', message: 'The disk is full.' },
    ]);
    expect(on.logged).toEqual([]);
  });

  it('log what nobody foresaw under an incident, without its words', async () => {
    const on = desk();
    const secret = new Error(
      'ENOENT, open "/home/ines/secret.jpg"\n    at trap (/home/ines/x.ts:1:1)',
    );
    held(on).reject(secret);
    held(on).reject(new CustosError('INTERNAL', 'While importing.', { cause: secret }));
    await settled();
    for (const [at, { code, message }] of on.jobs.list().entries()) {
      expect(code).toBe('INTERNAL');
      expect(message).toContain(on.logged[at]!.incident);
      expect(on.logged[at]!.stack).toContain('jobs.test.ts');
      expect(JSON.stringify([message, on.logged])).not.toMatch(/ines|secret/);
    }
  });

  it('end also where the work throws before it begins', async () => {
    const on = desk();
    const { finished } = on.jobs.start(WHAT, () => {
      throw new CustosError('NOT_FOUND', 'No.');
    });
    await expect(finished).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await settled();
    expect(on.jobs.list()[0]?.state).toBe('failed');
    await on.jobs.stopAll();
  });

  it('are all waited for by stopAll, those that fail too', async () => {
    const on = desk();
    const order: string[] = [];
    for (const name of ['a', 'b']) {
      const { finished } = on.jobs.start(WHAT, async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        await new Promise((resolve) => setTimeout(resolve, name === 'a' ? 30 : 5));
        order.push(name);
        throw name === 'a' ? new CustosError('CANCELLED', 'Left off.') : new Error('boom');
      });
      finished.catch(() => undefined);
    }
    await on.jobs.stopAll();
    expect(order).toEqual(['b', 'a']);
    expect(on.jobs.list().map((job) => job.state)).toEqual(['cancelled', 'failed']);
    await on.jobs.stopAll();
  });
});
