/** A rotation of keys as a job: begun by a call or at unlocking, waiting for others, stopped, found again. */
import { afterEach, describe, expect, it } from 'vitest';
import { listMembers } from '#core/access/members.ts';
import { revokeMember } from '#core/access/revoke.ts';
import { startRotation } from '#core/api/rotating.ts';
import type { Desk } from '#core/api/desk.ts';
import { createJobs } from '#core/jobs/jobs.ts';
import { createWorkstation, type Workstation } from '#core/workstation.ts';
import type { JobProgress } from '#shared/contract/values.ts';
import { makeWorkspace, realClock, type TestWorkspace } from '../../support/workspace.ts';
import { bringInMany, expectAll } from '../access/rotation-support.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const TEAM = [
  { name: 'Ines', roles: ['investigator', 'supervisor'] },
  { name: 'Sami', roles: ['supervisor'] },
  { name: 'Lena', roles: ['legal'] },
  { name: 'Omar', roles: ['investigator'] },
] as const;

async function team(): Promise<TestWorkspace> {
  const made = await makeWorkspace({ members: [...TEAM] });
  cleanUps.push(made.remove);
  return made;
}

interface Calls {
  station: Workstation;
  call: (channel: string, input?: object) => Promise<Record<string, unknown>>;
}

async function unlocked(
  made: TestWorkspace,
  member: string,
  host: 'development' | 'command-line',
): Promise<Calls> {
  const station = createWorkstation({ ...made.ports, host });
  cleanUps.push(() => station.shutdown());
  const call: Calls['call'] = async (channel, input = {}) => {
    const result = await station.call(channel, input);
    return (result.ok ? result.value : result.error) as Record<string, unknown>;
  };
  await call('workspace.select', { choice: station.keep([made.dir]) });
  await call('workspace.unlock', { member, password: made.passwordOf(member) });
  return { station, call };
}

async function ended({ station, call }: Calls): Promise<JobProgress | undefined> {
  for (;;) {
    const jobs = (await call('jobs.list')) as unknown as JobProgress[];
    const job = jobs.find(({ kind }) => kind === 'rotate');
    if (job?.state !== 'running') return job;
    await new Promise((resolve) => {
      const off = station.onEvent(() => {
        off();
        resolve(undefined);
      });
      setTimeout(resolve, 50);
    });
  }
}

describe('a rotation as a job', () => {
  it('follows a revocation, and is completed at the next unlocking of whoever holds the rest', async () => {
    const made = await team();
    const ines = await made.open('Ines');
    const originals = await bringInMany(ines, 3);
    const omar = listMembers(ines).find(({ name }) => name === 'Omar')?.id;
    made.close();

    const sami = await unlocked(made, 'Sami', 'development');
    const revoked = await sami.call('members.revoke', { member: omar });
    expect(revoked).toEqual({ jobId: expect.any(Number) });
    expect(await ended(sami)).toMatchObject({ state: 'done' });
    expect(await sami.call('workspace.status')).toMatchObject({
      rotation: expect.stringContaining('keys of pictures'),
    });
    expect(await sami.call('workspace.rotateKeys')).toMatchObject({ code: 'KEY_UNAVAILABLE' });
    await sami.station.shutdown();

    // One command is no sitting: it is said there, and done when it is asked for.
    const shell = await unlocked(made, 'Lena', 'command-line');
    expect(await ended(shell)).toBeUndefined();
    await shell.station.shutdown();
    const lena = await unlocked(made, 'Lena', 'development');
    expect(await ended(lena)).toMatchObject({ state: 'done', done: 6, total: 6 });
    expect(await lena.call('workspace.status')).toMatchObject({ rotation: null });
    expect(await lena.call('workspace.rotateKeys')).toMatchObject({
      code: 'KEY_UNAVAILABLE',
      message: expect.stringContaining('No change of keys is under way'),
    });
    await lena.station.shutdown();
    await expectAll(await made.open('Ines'), originals);
  });

  it('is begun by a supervisor, once at a time, and keeps scrub and backup waiting', async () => {
    const made = await team();
    await bringInMany(await made.open('Ines'), 1);
    made.close();
    const ines = await unlocked(made, 'Ines', 'command-line');
    const first = await ines.call('workspace.rotateKeys');
    expect(await ines.call('workspace.rotateKeys')).toEqual(first);
    expect(await ines.call('scrub.start', { kind: 'quick' })).toMatchObject({
      code: 'WORKSPACE_BUSY',
    });
    expect(await ended(ines)).toMatchObject({ state: 'done' });
    expect(await ines.call('scrub.start', { kind: 'quick' })).toMatchObject({
      jobId: expect.any(Number),
    });
  });

  it('waits until imports have ended, and can be stopped while it waits', async () => {
    const made = await team();
    const session = await made.open('Ines');
    const omar = listMembers(session).find(({ name }) => name === 'Omar')?.id ?? '';
    revokeMember(session, made.ports, omar);
    const jobs = createJobs(
      realClock,
      () => undefined,
      () => undefined,
    );
    const desk = { jobs: () => jobs, ports: made.ports } as unknown as Desk;
    let finish = (): void => undefined;
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    jobs.start({ kind: 'import', caseId: null, label: 'a disk' }, () => work);
    const stateOf = (jobId: number | null): string | undefined =>
      jobs.list().find((job) => job.jobId === jobId)?.state;
    const stopped = startRotation(desk, session);
    expect(startRotation(desk, session)).toBe(stopped);
    jobs.cancel(stopped ?? 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stateOf(stopped)).toBe('cancelled');
    const waiting = startRotation(desk, session);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stateOf(waiting)).toBe('running');
    expect(session.keys.catalogueEpoch).toBe(1);
    finish();
    while (stateOf(waiting) === 'running') await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stateOf(waiting)).toBe('done');
    expect(session.keys.catalogueEpoch).toBe(2);
    expect(startRotation(desk, session)).toBeNull();
  });
});
