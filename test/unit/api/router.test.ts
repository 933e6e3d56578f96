import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONTRACT, type ChannelName } from '#shared/contract/contract.ts';
import { CustosError, type ErrorData, type Result } from '#shared/domain/errors.ts';
import { ROLES, type Role } from '#shared/domain/words.ts';
import type { Session } from '#core/access/types.ts';
import { createRouter, type Handlers, type Route } from '#core/api/router.ts';
import type { LogEntry } from '#core/ports.ts';
import type { ReadEntry } from '#core/record/types.ts';
import { makeWorkspace, type TestWorkspace } from '../../support/workspace.ts';

const CHANNELS = Object.keys(CONTRACT) as ChannelName[];

let workspace: TestWorkspace;
let session: Session;
beforeAll(async () => {
  workspace = await makeWorkspace();
  session = await workspace.open();
});
afterAll(() => workspace.remove());

let logged: LogEntry[];
let called: string[];
beforeEach(() => {
  logged = [];
  called = [];
});

/** The session, seen through the roles of somebody else. */
function as(...roles: Role[]): Session {
  const member = { ...session.member, roles };
  return Object.create(session, { member: { value: member } }) as Session;
}

type Fake = (input: unknown, session: Session | null) => unknown;

/** Every channel is answered by `answer`, and remembered. */
function router(who: Session | null, answer: Fake): Route {
  const handlers = Object.fromEntries(
    CHANNELS.map((name) => [
      name,
      (input: unknown, given: Session | null) => {
        called.push(name);
        return answer(input, given);
      },
    ]),
  ) as unknown as Handlers;
  return createRouter({ handlers, session: () => who, log: (entry) => logged.push(entry) });
}

function refused(result: Result<unknown>): ErrorData {
  if (result.ok) throw new Error('it was answered');
  return result.error;
}

function refusals(): ReadEntry['detail'][] {
  const all = { by: null, caseId: null, itemId: null, before: null, limit: 500 };
  return session.record
    .read({ ...all, types: ['call.refused'] })
    .entries.map((entry) => entry.detail)
    .reverse();
}

const nobody = (): never => {
  throw new Error('nobody should be asked');
};

describe('the router', () => {
  it('lets each role call what the contract allows and nothing else', async () => {
    for (const name of CHANNELS) {
      const { allow } = CONTRACT[name];
      const who: (Role | null)[] = [null, ...ROLES];
      for (const role of who) {
        const route = router(role === null ? null : as(role), nobody);
        // No channel takes this, so that an allowed call ends at the schema and never further.
        const { code } = refused(await route(name, 'no input'));
        const may =
          allow === 'anyone' || (role !== null && (allow === 'member' || allow.includes(role)));
        const not = role === null ? 'NOT_UNLOCKED' : 'NOT_ALLOWED';
        expect(`${name} ${String(role)} ${code}`).toBe(
          `${name} ${String(role)} ${may ? 'BAD_REQUEST' : not}`,
        );
      }
    }
    expect(called).toEqual([]);
  });

  it('knows its own channels only, whatever is sent as a name', async () => {
    const route = router(session, nobody);
    const before = refusals().length;
    const names: unknown[] = [
      'no.such',
      '__proto__',
      'constructor',
      'toString',
      '',
      null,
      undefined,
      7,
      {},
      ['cases.list'],
      { toString: () => 'cases.list' },
      `\u202e\n${'x'.repeat(10_000)}`,
    ];
    for (const name of names) {
      const { code } = refused(await route(name as string, {}));
      expect(code).toBe('UNKNOWN_CHANNEL');
    }
    expect(called).toEqual([]);
    const recorded = refusals().slice(before);
    expect(recorded).toHaveLength(names.length);
    for (const { channel } of recorded) expect(channel).toMatch(/^[\w.?-]{0,60}$|^not a name$/);
    // Nobody is there to record it while the workspace is locked.
    expect(refused(await router(null, nobody)('no.such', {})).code).toBe('UNKNOWN_CHANNEL');
    expect(refusals()).toHaveLength(before + names.length);
  });

  it('puts what it refuses to a member on the record, without what was sent', async () => {
    const before = refusals().length;
    const route = router(as('supervisor'), nobody);
    await route('intake.start', { caseId: 'my secret' });
    await route('cases.get', { caseId: 'my secret' });
    await route('cases.get', { caseId: 1, 'my secret': 2 });
    const recorded = refusals().slice(before);
    expect(recorded).toMatchObject([
      { channel: 'intake.start', code: 'NOT_ALLOWED' },
      { channel: 'cases.get', code: 'BAD_REQUEST' },
      { channel: 'cases.get', code: 'BAD_REQUEST' },
    ]);
    expect(JSON.stringify(recorded)).not.toContain('secret');
  });

  it('says which field was not understood', async () => {
    const error = refused(await router(session, nobody)('cases.get', { caseId: -1 }));
    expect(error.message).toContain('"caseId"');
    for (const input of [
      undefined,
      null,
      [],
      'x',
      { caseId: NaN },
      { caseId: 1.5 },
      { caseId: 1n },
    ])
      expect(refused(await router(session, nobody)('cases.get', input)).code).toBe('BAD_REQUEST');
    expect(called).toEqual([]);
  });

  it('does not turn a record that cannot be written into a yes', async () => {
    const who = Object.create(as('legal'), {
      note: {
        value: () => {
          throw new CustosError('RECORD_UNWRITABLE', 'The record cannot be written.');
        },
      },
    }) as Session;
    expect(refused(await router(who, nobody)('intake.start', {})).code).toBe('RECORD_UNWRITABLE');
    expect(called).toEqual([]);
  });

  it('hands parsed input and the session on, and the answer back', async () => {
    const seen: unknown[] = [];
    const route = router(session, (input, given) => {
      seen.push(input, given);
      return [];
    });
    expect(await route('jobs.list', {})).toEqual({ ok: true, value: [] });
    expect(seen).toEqual([{}, session]);
    expect(await router(session, () => Promise.resolve([]))('jobs.list', {})).toMatchObject({
      ok: true,
    });
  });

  it('lets nothing cross that the contract does not name', async () => {
    const extra = [{ jobId: 1, path: '/home/ines/secret.jpg' }];
    const error = refused(await router(session, () => extra)('jobs.list', {}));
    expect(error.code).toBe('INTERNAL');
    expect(JSON.stringify([error, logged])).not.toContain('secret');
  });

  it('answers what nobody foresaw with an incident and logs it without its words', async () => {
    const words = 'ENOENT: open "/home/ines/secret.jpg"\n    at secret (/home/ines/x.ts:1:1)';
    const thrown: [unknown, boolean][] = [
      [new Error(words), true],
      [new TypeError(words), true],
      [new CustosError('INTERNAL', 'Changing an item met 0 rows.'), true],
      [new CustosError('INTERNAL', 'Importing.', { cause: new Error(words) }), true],
      [words, false],
      [undefined, false],
    ];
    for (const [error, hasStack] of thrown) {
      logged = [];
      const route = router(session, () => {
        throw error;
      });
      const data = refused(await route('jobs.list', {}));
      expect(data.code).toBe('INTERNAL');
      expect(data.incident).toMatch(/^[0-9a-f]{8}$/);
      expect(data.message).toContain(data.incident);
      expect(logged).toMatchObject([
        { level: 'error', text: 'call jobs.list failed', incident: data.incident },
      ]);
      if (hasStack) expect(logged[0]?.stack).toContain('router.test.ts');
      expect(JSON.stringify([data, logged])).not.toMatch(/secret|ines/);
    }
  });

  it('answers typed failures by their own code, and those of disk and database too', async () => {
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    const thrown: [unknown, string][] = [
      [new CustosError('NOT_FOUND', 'There is no such case.'), 'NOT_FOUND'],
      [full, 'DISK_FULL'],
      [Object.assign(new Error('open /secret'), { code: 'EIO' }), 'IO_FAILED'],
    ];
    for (const [error, code] of thrown) {
      const data = refused(
        await router(session, () => Promise.reject(error as Error))('jobs.list', {}),
      );
      expect(data.code).toBe(code);
      expect(data.message).not.toContain('secret');
    }
    expect(logged).toEqual([]);
  });
});
