/** Members, roles and keys: what each may hold, and that nobody can give themselves more. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { addMember, listMembers } from '#core/access/members.ts';
import { readGrant, readHeader, readSlot, writeGrant } from '#core/access/key-files.ts';
import { signStatement, sortedRoles } from '#core/access/statements.ts';
import type { Session } from '#core/access/types.ts';
import { openDatabases } from '#core/store/databases.ts';
import { getMember, type MemberRow } from '#core/store/tables/members.ts';
import type { Writer } from '#core/store/types.ts';
import { privateKeyObject } from '#core/vault/curve-keys.ts';
import { grantParts, openGrant } from '#core/vault/grants.ts';
import { findKey } from '#core/vault/keyring.ts';
import { openBytes } from '#core/vault/sealed-file.ts';
import { openSlot, slotIdOf } from '#core/vault/slot.ts';
import type { MemberSecrets } from '#core/vault/slot-file.ts';
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

async function team(): Promise<TestWorkspace> {
  const made = await makeWorkspace({ members: [...TEAM] });
  cleanUps.push(made.remove);
  return made;
}

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

/** What a member could do with their password and the files, without the application. */
async function secretsOf(made: TestWorkspace, name: string): Promise<MemberSecrets> {
  const header = readHeader(made.dir);
  const id = slotIdOf(header, name);
  return openSlot(header, id, readSlot(made.dir, id), made.passwordOf(name), 'test');
}

/** Edits the catalogue as any member could, who holds its key. */
async function edit(made: TestWorkspace, change: (db: Writer) => void): Promise<void> {
  const session = await made.open();
  const db = Buffer.from(session.keys.db);
  made.close();
  const databases = openDatabases(made.dir, { db, content: null });
  change(databases.catalogue);
  databases.close();
}

async function keep(session: Session, bytes: Buffer): Promise<Buffer> {
  const sha256 = createHash('sha256').update(bytes).digest();
  const blobs = session.blobs;
  if (blobs === null) throw new Error('a member with pictures');
  await blobs.commit(await blobs.seal(bytes), sha256);
  return sha256;
}

describe('a header exchanged while the workspace is open', () => {
  it('keeps members from being added to it', async () => {
    const made = await team();
    const session = await made.open();
    const file = path.join(made.dir, 'custos.json');
    const genuine = readFileSync(file, 'utf8');
    const header = JSON.parse(genuine) as Record<string, unknown>;
    // What a new investigator writes would be sealed to this key, and no key of theirs tells.
    writeFileSync(
      file,
      JSON.stringify({ ...header, recordPublic: randomBytes(32).toString('hex') }),
    );
    const wanted = { member: 'Nora', password: made.passwordOf('Nora'), roles: ['investigator'] };
    const add = () => addMember(session, made.ports, wanted as never);
    await expect(add()).rejects.toEqual(code('WORKSPACE_DAMAGED'));
    expect(() => listMembers(session)).toThrow(code('WORKSPACE_DAMAGED') as never);
    // The control: with the workspace's own header she is added.
    writeFileSync(file, genuine);
    expect(await add()).toMatchObject({ name: 'Nora' });
  });
});

describe('adding members', () => {
  it('shows who was added by whom, with which roles and key', async () => {
    const made = await team();
    const session = await made.open();
    const members = listMembers(session);
    expect(members.map(({ name, roles, addedBy, state }) => [name, roles, addedBy, state])).toEqual(
      [
        ['Ines', ['investigator', 'supervisor'], null, 'active'],
        ['Sami', ['supervisor'], 'Ines', 'active'],
        ['Lena', ['legal'], 'Ines', 'active'],
      ],
    );
    for (const { fingerprint } of members) expect(fingerprint).toMatch(/^SHA256:[\w+/]{43}$/);
  });

  it('is for supervisors, with a name of its own and a good password', async () => {
    const made = await team();
    const add = (session: Session, member: string, password?: string): Promise<unknown> =>
      addMember(session, made.ports, {
        member,
        password: password ?? made.passwordOf(member),
        roles: ['investigator'],
      });
    await expect(add(await made.open('Lena'), 'Omar')).rejects.toThrow(code('NOT_ALLOWED'));
    made.close();
    const session = await made.open();
    const size = session.record.size;
    await expect(add(session, ' lENA')).rejects.toThrow(code('ALREADY_EXISTS'));
    await expect(add(session, 'Omar', 'short')).rejects.toThrow(code('PASSWORD_WEAK'));
    await expect(add(session, ' ')).rejects.toThrow(code('BAD_REQUEST'));
    expect(session.record.size).toBe(size);
    const both = await Promise.allSettled([add(session, 'Omar'), add(session, 'omar')]);
    expect(both.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    made.close();
    const members = listMembers(await made.open());
    expect(members).toHaveLength(4);
    expect(readdirSync(path.join(made.dir, 'keys', 'grants'))).toHaveLength(4);
  });

  it('puts no name on disk', async () => {
    const made = await team();
    const files = readdirSync(path.join(made.dir, 'keys'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('.slot'))).toHaveLength(4);
    expect(files.join()).not.toMatch(/ines|sami|lena/i);
  });
});

describe('a supervisor', () => {
  it('holds no key to pictures, and cannot open one even without the application', async () => {
    const made = await team();
    const bytes = randomBytes(5000);
    const sha256 = await keep(await made.open('Ines'), bytes);
    made.close();

    const session = await made.open('Sami');
    expect(session.blobs).toBeNull();
    expect(session.derived).toBeNull();
    expect(session.keys.content).toBeNull();
    expect(session.keys.name).toBeNull();
    expect(session.keys.recordPrivate).not.toBeNull();
    const { db, recordPrivate } = session.keys;
    const held = [db, recordPrivate].map((key) => Buffer.from(key ?? []));
    made.close();

    // Every key this member can come by, tried on every picture on disk.
    const { encryption, signing } = await secretsOf(made, 'Sami');
    const blobs = readdirSync(path.join(made.dir, 'blobs'), {
      recursive: true,
      encoding: 'utf8',
    }).filter((file) => file.endsWith('.evb'));
    expect(blobs).toHaveLength(1);
    const sealed = readFileSync(path.join(made.dir, 'blobs', blobs[0] ?? ''));
    for (const key of [...held, encryption, signing]) {
      expect(() => openBytes(key, sealed)).toThrow(code('BLOB_DAMAGED'));
    }
    const header = readHeader(made.dir);
    for (const file of readdirSync(path.join(made.dir, 'keys', 'grants'))) {
      const grant = readGrant(made.dir, header.id, path.basename(file, '.grant'));
      for (const part of grant.parts.filter(({ compartment }) => compartment === 'content')) {
        expect(() => openGrant({ ...grant, parts: [part] }, encryption)).toThrow(
          code('KEY_UNAVAILABLE'),
        );
      }
    }

    // The control: by the same road an investigator gets in.
    const { memberId, encryption: own } = await secretsOf(made, 'Ines');
    const opened = openGrant(readGrant(made.dir, header.id, memberId), own);
    const content = findKey(opened, 'content', 1);
    expect(openBytes(content ?? Buffer.alloc(32), sealed).equals(bytes)).toBe(true);
    const legal = await made.open('Lena');
    expect((await legal.blobs?.read(sha256))?.equals(bytes)).toBe(true);
    expect(legal.keys.recordPrivate).toBeNull();
  });

  it('can add an investigator, whose keys follow when somebody who holds them unlocks', async () => {
    const made = await team();
    const bytes = randomBytes(100);
    const sha256 = await keep(await made.open('Ines'), bytes);
    made.close();
    const added = await addMember(await made.open('Sami'), made.ports, {
      member: 'Omar',
      password: made.passwordOf('Omar'),
      roles: ['investigator'],
    });
    expect(added.state).toBe('waiting');
    made.close();

    const waiting = await made.open('Omar');
    expect(waiting.blobs).toBeNull();
    expect(waiting.notices.join()).toContain('still to be granted');
    made.close();
    // A supervisor without the keys cannot complete it.
    expect((await made.open('Sami')).notices).toEqual([]);
    made.close();

    const holder = await made.open('Lena');
    expect(holder.notices.join()).toContain('Keys were granted to Omar');
    made.close();
    const complete = await made.open('Omar');
    expect(complete.notices).toEqual([]);
    expect((await complete.blobs?.read(sha256))?.equals(bytes)).toBe(true);
    made.close();
    const session = await made.open('Sami');
    expect(listMembers(session).map((member) => member.state)).not.toContain('waiting');
    const query = { by: null, caseId: null, itemId: null, before: null, limit: 10 };
    const { entries } = session.record.read({ ...query, types: ['member.granted'] });
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      by: 'Lena',
      detail: { name: 'Omar', compartments: ['content', 'name'], complete: true },
    });
  });
});

describe('what was changed on disk', () => {
  it('a damaged grant of somebody who waits keeps nobody else out', async () => {
    const made = await team();
    const { id } = await addMember(await made.open('Sami'), made.ports, {
      member: 'Omar',
      password: made.passwordOf('Omar'),
      roles: ['investigator'],
    });
    made.close();
    writeFileSync(path.join(made.dir, 'keys', 'grants', `${id}.grant`), '{}');
    const session = await made.open('Lena');
    expect(session.readOnly).toBeNull();
    expect(session.notices.join()).toContain('keys granted to a member is damaged');
  });

  it('a role edited in the catalogue is refused, for everybody, and recorded', async () => {
    const made = await team();
    await edit(made, (db) => {
      db.prepare(`UPDATE members SET roles = '["legal","supervisor"]' WHERE name = 'Lena'`).run();
    });
    await expect(made.open('Lena')).rejects.toThrow(code('WORKSPACE_DAMAGED'));
    await expect(made.open('Sami')).rejects.toThrow(/"Lena" is not what a supervisor signed/);
    // Put right, everybody gets in again, and the refusals are on the record.
    const { memberId, encryption } = await secretsOf(made, 'Sami');
    const opened = openGrant(readGrant(made.dir, readHeader(made.dir).id, memberId), encryption);
    const db = findKey(opened, 'db', 1);
    const databases = openDatabases(made.dir, { db: db ?? Buffer.alloc(32), content: null });
    databases.catalogue.prepare(`UPDATE members SET roles = '["legal"]' WHERE name = 'Lena'`).run();
    databases.close();
    const session = await made.open('Sami');
    const query = { by: null, caseId: null, itemId: null, before: null, limit: 10 };
    const { entries } = session.record.read({ ...query, types: ['unlock.failed'] });
    expect(entries.map((entry) => entry.detail)).toEqual([
      { reason: 'WORKSPACE_DAMAGED', member: null },
      { reason: 'WORKSPACE_DAMAGED', member: null },
    ]);
  });

  it('a member cannot sign a better role for themselves, nor for a friend', async () => {
    const made = await team();
    const { memberId, signing } = await secretsOf(made, 'Lena');
    const key = privateKeyObject('ed25519', signing);
    const workspace = readHeader(made.dir).id;
    const promote = (by: string) => (db: Writer) => {
      const row: MemberRow = getMember(db, memberId);
      const roles = sortedRoles(['legal', 'supervisor']);
      const { encryptionKey, signingKey, addedAt, name } = row;
      const stated = {
        workspace,
        member: memberId,
        name,
        roles,
        encryptionKey,
        signingKey,
        addedAt,
        by,
      };
      const signed = signStatement(stated, key);
      db.prepare(
        'UPDATE members SET roles = ?, statement = ?, signature = ?, signed_by = ? WHERE id = ?',
      ).run(JSON.stringify(roles), signed.statement, signed.signature, by, memberId);
    };
    await edit(made, promote(memberId));
    await expect(made.open('Lena')).rejects.toThrow(code('WORKSPACE_DAMAGED'));
  });

  it('a statement by somebody who is no supervisor counts for nothing', async () => {
    const made = await team();
    const lena = await secretsOf(made, 'Lena');
    const sami = await secretsOf(made, 'Sami');
    const workspace = readHeader(made.dir).id;
    await edit(made, (db) => {
      // Sami keeps his true role; only the signature under it is Lena's.
      const { encryptionKey, signingKey, addedAt, name, roles } = getMember(db, sami.memberId);
      const by = lena.memberId;
      const stated = {
        workspace,
        member: sami.memberId,
        name,
        roles,
        encryptionKey,
        signingKey,
        addedAt,
        by,
      };
      const signed = signStatement(stated, privateKeyObject('ed25519', lena.signing));
      db.prepare('UPDATE members SET statement = ?, signature = ?, signed_by = ? WHERE id = ?').run(
        signed.statement,
        signed.signature,
        by,
        sami.memberId,
      );
    });
    await expect(made.open('Sami')).rejects.toThrow(code('WORKSPACE_DAMAGED'));
  });

  it('a key planted in a grant is refused, whoever seals it', async () => {
    const made = await team();
    const header = readHeader(made.dir);
    const { memberId } = await secretsOf(made, 'Lena');
    const sami = await secretsOf(made, 'Sami');
    const ines = await secretsOf(made, 'Ines');
    const grant = readGrant(made.dir, header.id, memberId);
    const session = await made.open();
    const { encryptionKey } = getMember(session.catalogue, memberId);
    made.close();
    // The key of names: a false content key would not open the derived pictures either.
    const others = grant.parts.filter((part) => part.compartment !== 'name');
    // In his own name, which does not entitle him; and in the name of somebody it would.
    for (const by of [sami.memberId, ines.memberId]) {
      const planted = grantParts(
        { workspace: header.id, member: memberId, encryptionPublic: encryptionKey },
        [{ compartment: 'name', epoch: 1, key: randomBytes(32) }],
        { member: by, signing: privateKeyObject('ed25519', sami.signing) },
      );
      writeGrant(made.dir, { ...grant, parts: [...others, ...planted] });
      await expect(made.open('Lena')).rejects.toThrow(/not granted by its members/);
    }
    // The control: with the grant as it was, the same member gets in.
    writeGrant(made.dir, grant);
    await expect(made.open('Lena')).resolves.toBeDefined();
  });

  it("another member's slot under one's own name opens nothing of theirs", async () => {
    const clock = testClock();
    const made = await makeWorkspace({ members: [...TEAM], ports: { clock } });
    cleanUps.push(made.remove);
    const header = readHeader(made.dir);
    const file = (name: string): string =>
      path.join(made.dir, 'keys', `${slotIdOf(header, name)}.slot`);
    const own = readFileSync(file('Lena'));
    writeFileSync(file('Lena'), readFileSync(file('Ines')));
    await expect(made.open('Lena')).rejects.toThrow(code('WORKSPACE_DAMAGED'));
    writeFileSync(file('Lena'), own);
    clock.advance(2000);
    await expect(made.open('Lena')).resolves.toBeDefined();
  });
});
