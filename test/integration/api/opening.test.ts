/** Unlocking takes a second; what is asked for meanwhile must not meet a workspace that opens late. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkstation, type Workstation } from '#core/workstation.ts';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import type { Result } from '#shared/domain/errors.ts';
import { makeWorkspace, type TestWorkspace } from '../../support/workspace.ts';

let first: TestWorkspace;
let second: TestWorkspace;
let station: Workstation;
beforeAll(async () => {
  first = await makeWorkspace();
  second = await makeWorkspace();
  station = createWorkstation(first.ports);
});
afterAll(async () => {
  await station.shutdown();
  first.remove();
  second.remove();
});

const call = async (channel: string, input: object = {}) =>
  (await station.call(channel, input)) as Result<WorkspaceStatus>;
const select = (workspace: TestWorkspace) =>
  call('workspace.select', { choice: station.keep([workspace.dir]) });
const unlock = () =>
  call('workspace.unlock', { member: null, password: first.passwordOf('Ines Ortega') });
const status = async () => {
  const result = await call('workspace.status');
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const LATE = { ok: false, error: { code: 'NOT_UNLOCKED' } };

describe('while a workspace is being unlocked', () => {
  it('control: undisturbed it opens', async () => {
    await select(first);
    expect(await unlock()).toMatchObject({ ok: true, value: { state: 'open' } });
    await station.lock('command');
  });

  it('locking the screen keeps it closed, and settles only when it is', async () => {
    await select(first);
    const unlocking = unlock();
    await station.lock('suspend');
    expect(await status()).toMatchObject({ state: 'locked', member: null });
    expect(await unlocking).toMatchObject(LATE);
    // Nothing of it stays open: the next try finds the workspace free.
    expect(await unlock()).toMatchObject({ ok: true });
    await station.lock('command');
  });

  it('choosing another workspace keeps the first from opening under its name', async () => {
    await select(first);
    const unlocking = unlock();
    const [late, chosen] = await Promise.all([unlocking, select(second)]);
    expect(late).toMatchObject(LATE);
    expect(chosen).toMatchObject({ ok: true, value: { state: 'locked' } });
    expect(await status()).toMatchObject({
      state: 'locked',
      workspace: { fingerprint: second.fingerprint },
      member: null,
    });
  });
});
