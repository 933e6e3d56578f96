/** Recovery words and passwords: used, checked, replaced; each on the record before the answer. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readHeader } from '#core/access/key-files.ts';
import { openWorkspace } from '#core/access/open.ts';
import { changePassword, replaceSlot } from '#core/access/passwords.ts';
import { confirmRecovery, renewRecovery, useRecovery } from '#core/access/recover.ts';
import { isRecoveryConfirmed } from '#core/access/recovery-state.ts';
import type { Session } from '#core/access/types.ts';
import { openDatabases } from '#core/store/databases.ts';
import { wordsOf } from '#core/vault/recovery-words.ts';
import { slotIdOf } from '#core/vault/slot.ts';
import { createWorkstation } from '#core/workstation.ts';
import type { EntryType } from '#shared/contract/entry-types.ts';
import { makeWorkspace, testClock, type TestWorkspace } from '../../support/workspace.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

const TEAM = [
  { name: 'Ines', roles: ['investigator', 'supervisor'] },
  { name: 'Sami', roles: ['supervisor'] },
  { name: 'Lena', roles: ['legal'] },
] as const;
const NEW = 'nine quiet otters read the tide table';

async function team(ports = {}): Promise<TestWorkspace> {
  const made = await makeWorkspace({ members: [...TEAM], ports });
  cleanUps.push(made.remove);
  return made;
}

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

function details(session: Session, type: EntryType): Record<string, unknown>[] {
  const query = { types: [type], by: null, caseId: null, itemId: null, before: null, limit: 20 };
  return session.record.read(query).entries.map((entry) => entry.detail);
}

const recover = (
  made: TestWorkspace,
  words: readonly string[],
  more: { member?: string; newPassword?: string } = {},
): Promise<{ member: string }> =>
  useRecovery(made.ports, made.dir, {
    words,
    member: more.member ?? null,
    newPassword: more.newPassword ?? NEW,
  });

async function openWith(made: TestWorkspace, member: string, password: string): Promise<Session> {
  const session = await openWorkspace(made.ports, made.dir, member, password);
  cleanUps.push(() => session.close('closed'));
  return session;
}

describe('using the recovery words', () => {
  it('sets a new password; the old one opens nothing any more; all of it is on the record', async () => {
    const clock = testClock();
    const made = await team({ clock });
    expect(await recover(made, made.recoveryWords, { member: ' INES ' })).toEqual({
      member: 'Ines',
    });
    await expect(made.open('Ines')).rejects.toThrow(code('WRONG_CREDENTIALS'));
    clock.advance(5000);
    const session = await openWith(made, 'Ines', NEW);
    expect(details(session, 'workspace.recovered')).toMatchObject([{ name: 'Ines' }]);
    expect(session.blobs).not.toBeNull();
    expect(session.notices.join()).toMatch(/recovery words were used on 2026-11-22/);

    const { recoveryWords } = await renewRecovery(session, made.ports, NEW);
    expect(recoveryWords).not.toEqual(made.recoveryWords);
    session.close('closed');
    await expect(recover(made, made.recoveryWords)).rejects.toThrow(code('WRONG_CREDENTIALS'));
    clock.advance(5000);
    await recover(made, recoveryWords, { newPassword: made.passwordOf('Ines') });
    const again = await made.open('Ines');
    expect(details(again, 'recovery.renewed')).toHaveLength(1);
    expect(details(again, 'unlock.failed')[0]).toEqual({
      reason: 'wrong-recovery-words',
      member: null,
    });
  });

  it('tells slips of the pen without an attempt, and slows wrong words down like passwords', async () => {
    const clock = testClock();
    const made = await team({ clock });
    const words = made.recoveryWords;
    await expect(recover(made, words.with(6, 'evidenze'))).rejects.toThrow(/^Word 7 is not/);
    await expect(recover(made, words.slice(1))).rejects.toThrow(code('BAD_REQUEST'));
    const others = wordsOf(Buffer.alloc(32, 1));
    await expect(recover(made, others)).rejects.toThrow(code('WRONG_CREDENTIALS'));
    await expect(recover(made, words)).rejects.toThrow(code('SLOWED_DOWN'));
    clock.advance(1000);
    await expect(recover(made, words)).resolves.toEqual({ member: 'Ines' });
  });

  it('changes nothing for a weak password or in the name of somebody else', async () => {
    const made = await team();
    const words = made.recoveryWords;
    await expect(recover(made, words, { newPassword: 'short' })).rejects.toThrow(
      code('PASSWORD_WEAK'),
    );
    await expect(recover(made, words, { member: 'Lena' })).rejects.toThrow(code('NOT_FOUND'));
    const session = await made.open('Ines');
    expect(details(session, 'workspace.recovered')).toEqual([]);
  });

  it('says so where there are none, and refuses a file that is something else', async () => {
    const made = await team();
    const slot = path.join(made.dir, 'keys', 'recovery.slot');
    const contents = readFileSync(slot);
    writeFileSync(slot, '{}');
    await expect(recover(made, made.recoveryWords)).rejects.toThrow(code('WORKSPACE_DAMAGED'));
    rmSync(slot);
    await expect(recover(made, made.recoveryWords)).rejects.toThrow(code('NOT_FOUND'));
    writeFileSync(slot, contents);
  });

  it('is refused while the workspace is open, and lets go of it whatever happens', async () => {
    const made = await team();
    await made.open('Lena');
    await expect(recover(made, made.recoveryWords)).rejects.toThrow(code('WORKSPACE_BUSY'));
    made.close();
    await recover(made, made.recoveryWords);
    await expect(made.open('Lena')).resolves.toBeDefined();
  });

  it('keeps the old password where the act fails', async () => {
    const made = await team();
    // A record that was put back: nothing may be changed then.
    await claimMoreThanRecorded(made);
    await expect(recover(made, made.recoveryWords)).rejects.toThrow(code('READ_ONLY'));
    await expect(made.open('Ines')).resolves.toBeDefined();
  });
});

/** The catalogue claims entries that the record does not have. */
async function claimMoreThanRecorded(made: TestWorkspace): Promise<void> {
  const session = await made.open('Lena');
  const key = Buffer.from(session.keys.db);
  made.close();
  const databases = openDatabases(made.dir, { db: key, content: null });
  databases.catalogue.prepare("UPDATE meta SET value = '99999' WHERE key = 'last_seq'").run();
  databases.close();
}

describe('checking the recovery words', () => {
  it('changes nothing but the note that they were checked', async () => {
    const made = await team();
    const session = await made.open('Lena');
    expect(isRecoveryConfirmed(session.catalogue)).toBe(false);
    expect(() => confirmRecovery(session, made.ports, wordsOf(Buffer.alloc(32, 1)))).toThrow(
      code('WRONG_CREDENTIALS'),
    );
    expect(isRecoveryConfirmed(session.catalogue)).toBe(false);
    confirmRecovery(session, made.ports, made.recoveryWords);
    expect(isRecoveryConfirmed(session.catalogue)).toBe(true);
    made.close();
    const founder = await made.open('Ines');
    expect(details(founder, 'recovery.confirmed')).toMatchObject([{ name: 'Ines' }]);
    // New words have to be checked anew.
    await renewRecovery(founder, made.ports, made.passwordOf('Ines'));
    expect(isRecoveryConfirmed(founder.catalogue)).toBe(false);
  });

  it('new words are made only by somebody who could recover everything with them', async () => {
    const made = await team();
    for (const name of ['Sami', 'Lena']) {
      const session = await made.open(name);
      await expect(renewRecovery(session, made.ports, made.passwordOf(name))).rejects.toThrow(
        code('NOT_ALLOWED'),
      );
      made.close();
    }
    const session = await made.open('Ines');
    await expect(renewRecovery(session, made.ports, 'not the password')).rejects.toThrow(
      code('WRONG_CREDENTIALS'),
    );
  });

  it('comes before the first import in a window, not on the command line', async () => {
    const made = await team();
    for (const host of ['development', 'command-line'] as const) {
      const station = createWorkstation({ ...made.ports, host });
      const call = async (channel: string, input: unknown): Promise<unknown> => {
        const result = await station.call(channel, input);
        return result.ok ? result.value : result.error;
      };
      const choice = station.keep([made.dir]);
      await call('workspace.select', { choice });
      const credentials = { member: 'Ines', password: made.passwordOf('Ines') };
      expect(await call('workspace.unlock', credentials)).toMatchObject({
        state: 'open',
        recoveryConfirmed: false,
      });
      // Whether there is such a case and file is asked only afterwards.
      const input = { caseId: 1, choices: [choice], source: '', exhibit: '' };
      const refused = { code: 'NOT_ALLOWED', message: expect.stringContaining('recovery words') };
      const answer = await call('intake.start', input);
      if (host === 'development') {
        expect(answer).toMatchObject(refused);
        // A case that does not exist is the next thing in the way.
      } else expect(answer).toMatchObject({ code: 'NOT_FOUND' });
      await station.shutdown();
    }
    const station = createWorkstation({ ...made.ports, host: 'development' });
    const choice = station.keep([made.dir]);
    await station.call('workspace.select', { choice });
    await station.call('workspace.unlock', { member: 'Ines', password: made.passwordOf('Ines') });
    await station.call('workspace.confirmRecovery', { words: made.recoveryWords });
    const input = { caseId: 1, choices: [choice], source: '', exhibit: '' };
    expect(await station.call('intake.start', input)).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
    // And by the same road: a renewal, a password, a recovery.
    const password = made.passwordOf('Ines');
    const renewed = await station.call('workspace.renewRecovery', { password });
    if (!renewed.ok) throw new Error(renewed.error.message);
    const { recoveryWords: words } = renewed.value as { recoveryWords: string[] };
    expect(await station.call('members.changePassword', { old: password, new: NEW })).toEqual({
      ok: true,
      value: null,
    });
    const recovery = { choice, words, member: null, newPassword: password };
    expect(await station.call('workspace.recover', recovery)).toEqual({
      ok: true,
      value: { member: 'Ines' },
    });
    expect(await station.call('workspace.status', {})).toMatchObject({
      value: { state: 'locked' },
    });
    await station.shutdown();
    await expect(made.open('Ines')).resolves.toBeDefined();
  });
});

describe("changing one's own password", () => {
  it('needs the old one, follows the policy, is recorded and works at once', async () => {
    const clock = testClock();
    const made = await team({ clock });
    const session = await made.open('Lena');
    const old = made.passwordOf('Lena');
    const change = (from: string, to: string): Promise<void> =>
      changePassword(session, made.ports, { old: from, new: to });
    await expect(change(old, 'short')).rejects.toThrow(code('PASSWORD_WEAK'));
    await expect(change('not the old one', NEW)).rejects.toThrow(code('WRONG_CREDENTIALS'));
    await expect(change(old, NEW)).rejects.toThrow(code('SLOWED_DOWN'));
    clock.advance(1000);
    await change(old, NEW);
    made.close();
    await expect(made.open('Lena')).rejects.toThrow(code('WRONG_CREDENTIALS'));
    clock.advance(1000);
    const again = await openWith(made, 'Lena', NEW);
    expect(again.keys.content).not.toBeNull();
    again.close('closed');
    const supervisor = await made.open('Sami');
    expect(details(supervisor, 'member.password')).toMatchObject([{ name: 'Lena' }]);
    expect(details(supervisor, 'unlock.failed').at(-1)).toEqual({
      reason: 'wrong-own-password',
      member: 'Lena',
    });
  });

  it('keeps the old one where the record cannot take the entry, or the change is not kept', async () => {
    const made = await team();
    const session = await made.open('Lena');
    const old = made.passwordOf('Lena');
    const slots = (): string[] =>
      ['Lena'].map((name) => JSON.stringify([name, readFileSync(slotOf(made, name), 'utf8')]));
    const before = slots();
    const failing: Session = {
      ...session,
      act(entry, change) {
        return session.act(entry, (tx, seq) => {
          change(tx, seq);
          throw new Error('the disk went away');
        });
      },
    };
    await expect(changePassword(failing, made.ports, { old, new: NEW })).rejects.toThrow();
    expect(slots()).toEqual(before);
    const refusing: Session = {
      ...session,
      act() {
        throw new Error('no entry');
      },
    };
    await expect(changePassword(refusing, made.ports, { old, new: NEW })).rejects.toThrow();
    expect(slots()).toEqual(before);
    // A slot that was not there before is not there afterwards.
    const entry = { type: 'member.password', detail: {} } as const;
    expect(() => replaceSlot(failing, entry, 'f'.repeat(32), 'x')).toThrow();
    expect(() => readFileSync(path.join(made.dir, 'keys', `${'f'.repeat(32)}.slot`))).toThrow();
    made.close();
    await expect(made.open('Lena')).resolves.toBeDefined();
  });
});

function slotOf(made: TestWorkspace, name: string): string {
  return path.join(made.dir, 'keys', `${slotIdOf(readHeader(made.dir), name)}.slot`);
}
