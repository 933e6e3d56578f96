/** The whole road from a page to the real core and back, in every host this machine has. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelName, Input, Output } from '#shared/contract/contract.ts';
import type { Result } from '#shared/domain/errors.ts';
import { onEveryHost } from '../../e2e/support/hosts.ts';
import { temporaryFolder, type App } from '../../hosts/app.ts';

const PASSWORD = 'five calm words in a row';

onEveryHost('the letter box to the real core', (open) => {
  let app: App;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  const call = <C extends ChannelName>(channel: C, input: Input<C>): Promise<Result<Output<C>>> =>
    app.page.evaluate(
      ([name, plain]) =>
        (
          window as unknown as { custos: { call: (c: unknown, i: unknown) => Promise<unknown> } }
        ).custos.call(name, plain),
      [channel, input] as const,
    ) as Promise<Result<Output<C>>>;
  const value = async <C extends ChannelName>(channel: C, input: Input<C>): Promise<Output<C>> => {
    const result = await call(channel, input);
    if (!result.ok) throw new Error(`${channel}: ${result.error.code} ${result.error.message}`);
    return result.value;
  };

  beforeAll(async () => {
    folder = await temporaryFolder('real');
    app = await open({ answers: { workspace: path.join(folder.path, 'workspace') } });
  });
  afterAll(async () => {
    await app.close();
    await folder.remove();
  });

  describe('the Door', () => {
    it('starts with no workspace and says what it runs in', async () => {
      const status = await value('workspace.status', {});
      expect(status).toMatchObject({ state: 'none', workspace: null, member: null });
      expect(status.host).toBe(app.host === 'browser' ? 'development' : 'electron');
    });

    it('creates a workspace at what the dialog answered; no path reaches the page', async () => {
      const choice = await value('workspace.choose', { purpose: 'create' });
      expect(JSON.stringify(choice)).not.toContain(folder.path);
      await value('workspace.create', {
        choice: choice?.choice ?? '',
        member: 'Ada',
        password: PASSWORD,
        roles: ['investigator', 'supervisor'],
      });
      const status = await value('workspace.status', {});
      expect(JSON.stringify(status)).not.toContain(folder.path);
    });

    it('locks, starts a fresh document, and opens again for the right password only', async () => {
      if ((await value('workspace.status', {})).state !== 'open') {
        await value('workspace.unlock', { member: 'Ada', password: PASSWORD });
      }
      await app.page.evaluate(() => {
        (window as { mark?: string }).mark = 'before';
      });
      // The page is replaced while it waits for the answer.
      await call('workspace.lock', {}).catch(() => undefined);
      await app.page.waitForFunction(() => !('mark' in window) && 'custos' in window);
      expect((await value('workspace.status', {})).state).toBe('locked');
      expect(await call('cases.list', {})).toMatchObject({ error: { code: 'NOT_UNLOCKED' } });
      expect(
        await call('workspace.unlock', { member: 'Ada', password: 'not the password at all' }),
      ).toMatchObject({ error: { code: 'WRONG_CREDENTIALS' } });
    });
  });
});
