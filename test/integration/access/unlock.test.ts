/** Creating and unlocking, refusals, and what is noticed on the way. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorkspace } from '#core/access/create.ts';
import { describeWorkspace } from '#core/access/key-files.ts';
import { openWorkspace } from '#core/access/open.ts';
import type { Session } from '#core/access/types.ts';
import type { EntryType } from '#shared/contract/entry-types.ts';
import {
  makeWorkspace,
  temporaryFolder,
  testClock,
  testPorts,
  type TestWorkspace,
} from '../../support/workspace.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

async function workspace(...args: Parameters<typeof makeWorkspace>): Promise<TestWorkspace> {
  const made = await makeWorkspace(...args);
  cleanUps.push(made.remove);
  return made;
}

function emptyFolder(): string {
  const { dir, remove } = temporaryFolder();
  cleanUps.push(remove);
  return dir;
}

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });
const FOUNDER = 'Ines Ortega';
const WRONG = 'not the password at all';

function entries(session: Session, ...types: EntryType[]): Record<string, unknown>[] {
  const query = { types, by: null, caseId: null, itemId: null, before: null, limit: 100 };
  return session.record.read(query).entries.map((entry) => entry.detail);
}

describe('a new workspace', () => {
  it('opens for its founder and nobody else, and shows the fingerprint it was made with', async () => {
    const made = await workspace();
    expect(describeWorkspace(made.dir).fingerprint).toBe(made.fingerprint);
    const session = await made.open();
    expect(session.workspace.fingerprint).toBe(made.fingerprint);
    expect(session.member).toMatchObject({
      name: FOUNDER,
      roles: ['investigator', 'legal', 'supervisor'],
    });
    expect(session.readOnly).toBeNull();
    expect(session.notices).toEqual([]);
    expect(session.blobs).not.toBeNull();
    expect(entries(session, 'workspace.created')).toHaveLength(1);
    expect(made.recoveryWords).toHaveLength(24);
  });

  it('opens without a name while there is one member, and asks for it once there are two', async () => {
    const alone = await workspace();
    const password = alone.passwordOf(FOUNDER);
    const session = await openWorkspace(alone.ports, alone.dir, null, password);
    session.close('command');
    const two = await workspace({
      members: [
        { name: FOUNDER, roles: ['investigator', 'supervisor'] },
        { name: 'Lena', roles: ['legal'] },
      ],
    });
    await expect(openWorkspace(two.ports, two.dir, null, password)).rejects.toThrow(code('USAGE'));
  });

  it('leaves nothing readable and nothing open to others on disk', async () => {
    const made = await workspace();
    (await made.open()).close('command');
    const files = readdirSync(made.dir, { recursive: true, withFileTypes: true });
    for (const file of files) {
      const place = path.join(file.parentPath, file.name);
      expect(statSync(place).mode & 0o077).toBe(0);
      if (file.isFile()) {
        expect(file.name).not.toContain('Ines');
        expect(readFileSync(place).includes('Ines')).toBe(false);
      }
    }
    expect(files.length).toBeGreaterThan(5);
  });

  it('is refused where something is already, and leaves that alone', async () => {
    const made = await workspace();
    const input = { member: 'A', password: made.passwordOf('A'), roles: ['supervisor'] as const };
    const roles = ['investigator', 'supervisor'] as const;
    const before = readdirSync(made.dir);
    const again = createWorkspace(made.ports, { ...input, dir: made.dir, roles });
    await expect(again).rejects.toThrow(code('WORKSPACE_EXISTS'));
    const file = path.join(made.dir, 'custos.json');
    const onFile = createWorkspace(made.ports, { ...input, dir: file, roles });
    await expect(onFile).rejects.toThrow(code('WORKSPACE_EXISTS'));
    expect(readdirSync(made.dir)).toEqual(before);
  });

  it('takes an empty folder, and leaves nothing behind when it cannot be made', async () => {
    const parent = emptyFolder();
    const ports = testPorts({ machineDir: path.join(parent, 'machine') });
    const dir = path.join(parent, 'case work');
    mkdirSync(dir);
    const input = { dir, member: 'Ada', password: 'seven otters juggle plums' };
    for (const [change, refusal] of [
      [{ roles: ['investigator', 'legal'] as const }, 'NOT_ALLOWED'],
      [{ roles: ['supervisor'] as const }, 'NOT_ALLOWED'],
      [{ roles: [] as const }, 'BAD_REQUEST'],
      [{ roles: ['investigator', 'supervisor'] as const, password: 'short' }, 'PASSWORD_WEAK'],
      [{ roles: ['investigator', 'supervisor'] as const, member: ' ' }, 'BAD_REQUEST'],
    ] as const) {
      await expect(createWorkspace(ports, { ...input, ...change })).rejects.toThrow(code(refusal));
    }
    expect(readdirSync(parent)).toEqual(['case work']);
    await createWorkspace(ports, { ...input, roles: ['investigator', 'supervisor'] });
    expect(readdirSync(parent).sort()).toEqual(['case work', 'machine']);
  });
});

describe('unlocking', () => {
  it('refuses a wrong password and an unknown member in the same words, and records both', async () => {
    const clock = testClock();
    const made = await workspace({ ports: { clock } });
    const refusal = async (member: string): Promise<unknown> => {
      clock.advance(400_000);
      return openWorkspace(made.ports, made.dir, member, WRONG).catch((error: unknown) => error);
    };
    const known = await refusal(FOUNDER);
    const unknown = await refusal('Nobody Inparticular');
    expect(known).toMatchObject({ code: 'WRONG_CREDENTIALS' });
    expect(unknown).toMatchObject({ code: 'WRONG_CREDENTIALS' });
    expect((unknown as Error).message).toBe((known as Error).message);
    clock.advance(400_000);
    const session = await made.open();
    expect(entries(session, 'unlock.failed')).toEqual([
      { reason: 'wrong-credentials', member: null },
      { reason: 'wrong-credentials', member: FOUNDER },
    ]);
    expect(session.notices.join()).toContain('2 failed attempts');
  });

  it('slows down after failures, across restarts, and forgets after a success', async () => {
    const clock = testClock();
    const made = await workspace({ ports: { clock } });
    const attempt = (password: string): Promise<Session> =>
      openWorkspace(made.ports, made.dir, FOUNDER, password);
    for (const wait of [1, 2, 4, 8, 16]) {
      await expect(attempt(WRONG)).rejects.toThrow(code('WRONG_CREDENTIALS'));
      clock.advance(wait * 1000 - 500);
      // Even the right password has to wait.
      await expect(attempt(made.passwordOf(FOUNDER))).rejects.toThrow(code('SLOWED_DOWN'));
      clock.advance(500);
    }
    // A clock that was set back neither shortens the wait nor makes it endless.
    clock.advance(-3_600_000);
    await expect(attempt(WRONG)).rejects.toThrow(/Wait 16 seconds/);
    clock.advance(16_000);
    (await attempt(made.passwordOf(FOUNDER))).close('command');
    await expect(attempt(WRONG)).rejects.toThrow(code('WRONG_CREDENTIALS'));
    clock.advance(1000);
    (await attempt(made.passwordOf(FOUNDER))).close('command');
  });

  it('is for one at a time', async () => {
    const made = await workspace();
    const session = await made.open();
    const second = openWorkspace(made.ports, made.dir, FOUNDER, made.passwordOf(FOUNDER));
    await expect(second).rejects.toThrow(code('WORKSPACE_BUSY'));
    session.close('command');
    (await made.open()).close('command');
  });

  it('lets go of everything after a refusal', async () => {
    const clock = testClock();
    const made = await workspace({ ports: { clock } });
    const wrong = openWorkspace(made.ports, made.dir, FOUNDER, WRONG);
    await expect(wrong).rejects.toThrow(code('WRONG_CREDENTIALS'));
    clock.advance(1000);
    await expect(made.open()).resolves.toBeDefined();
  });

  it('names a folder that is no workspace and one of a newer version, and touches neither', async () => {
    const dir = emptyFolder();
    const ports = testPorts({ machineDir: path.join(dir, 'machine') });
    const open = (at: string): Promise<Session> => openWorkspace(ports, at, 'A', WRONG);
    await expect(open(dir)).rejects.toThrow(code('NOT_A_WORKSPACE'));
    await expect(open(path.join(dir, 'absent'))).rejects.toThrow(code('NOT_A_WORKSPACE'));
    writeFileSync(path.join(dir, 'custos.json'), '{"format":"custos-workspace","version":7}');
    await expect(open(dir)).rejects.toThrow(code('NEWER_WORKSPACE'));
    writeFileSync(path.join(dir, 'custos.json'), 'Dear diary');
    await expect(open(dir)).rejects.toThrow(code('NOT_A_WORKSPACE'));
    expect(readdirSync(dir)).toEqual(['custos.json']);
  });

  it('refuses a workspace made for tests in the product', async () => {
    const made = await workspace();
    const product = { ...made.ports, passwordCost: 'product' as const };
    const opening = openWorkspace(product, made.dir, FOUNDER, made.passwordOf(FOUNDER));
    await expect(opening).rejects.toThrow(code('NOT_ALLOWED'));
  });

  it('notices an exchanged header, though every single field is well formed', async () => {
    const made = await workspace();
    const other = await workspace();
    const file = path.join(made.dir, 'custos.json');
    const own = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const foreign = JSON.parse(readFileSync(path.join(other.dir, 'custos.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    for (const field of ['created', 'recordPublic', 'checkpointPublic', 'founderPublic']) {
      writeFileSync(file, JSON.stringify({ ...own, [field]: foreign[field] }));
      if (field === 'created') {
        writeFileSync(file, JSON.stringify({ ...own, created: '2020-01-01T00:00:00.000Z' }));
      }
      await expect(made.open()).rejects.toThrow(code('WORKSPACE_DAMAGED'));
    }
    // The control: the header as it was opens.
    writeFileSync(file, JSON.stringify(own));
    await expect(made.open()).resolves.toBeDefined();
  });
});

describe('closing', () => {
  it('records why, signs a checkpoint, zeroes the keys and frees the workspace', async () => {
    const made = await workspace();
    const session = await made.open();
    const { db, content, name, recordPrivate } = session.keys;
    session.close('idle');
    session.close('idle');
    for (const key of [db, content, name, recordPrivate]) {
      expect(key?.equals(Buffer.alloc(32))).toBe(true);
    }
    expect(() => session.note({ type: 'search.made', detail: {} })).toThrow(code('NOT_UNLOCKED'));
    const again = await made.open();
    expect(entries(again, 'workspace.locked')).toEqual([{ why: 'idle' }]);
    again.close('closed');
    expect(made.ports.logged).toEqual([]);
    expect(existsSync(path.join(made.dir, 'catalogue.db-wal'))).toBe(false);
  });
});
