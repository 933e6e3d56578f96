/** Revoking a member and changing every key: what the member kept opens nothing, nothing is lost. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readHeader, readSlot } from '#core/access/key-files.ts';
import { readKeyState, rotationWords } from '#core/access/key-state.ts';
import { addMember, listMembers } from '#core/access/members.ts';
import { openWorkspace } from '#core/access/open.ts';
import { revokeMember } from '#core/access/revoke.ts';
import { askForNewKeys, canRotate } from '#core/access/rotation.ts';
import type { Session } from '#core/access/types.ts';
import { openDatabases } from '#core/store/databases.ts';
import { getRendition } from '#core/store/tables/derived.ts';
import { hpkeOpen } from '#core/vault/hpke.ts';
import { openBytes, sealedEpoch } from '#core/vault/sealed-file.ts';
import { openSlot, slotIdOf } from '#core/vault/slot.ts';
import { makeWorkspace, temporaryFolder, type TestWorkspace } from '../../support/workspace.ts';
import {
  blobFiles,
  bringIn,
  bringInMany,
  details,
  expectAll,
  openCase,
  recordFindings,
  rotateNow,
  snapshots,
  watched,
} from './rotation-support.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
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

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });
const idOf = (session: Session, name: string): string =>
  listMembers(session).find((member) => member.name === name)?.id ?? '';
const wordsOf = (session: Session): string | null => rotationWords(readKeyState(session.catalogue));
const zero = Buffer.alloc(32);

/** Everything a member can have copied: the keys of a session, their own keys, their files. */
async function hoard(made: TestWorkspace, name: string): Promise<{ keys: Buffer[]; box: Buffer }> {
  const session = await made.open(name);
  const { db, content, name: names, recordPrivate } = session.keys;
  const keys = [db, content, names, recordPrivate].flatMap((key) =>
    key ? [Buffer.from(key)] : [],
  );
  made.close();
  const header = readHeader(made.dir);
  const slotId = slotIdOf(header, name);
  const slot = readSlot(made.dir, slotId);
  const secrets = await openSlot(header, slotId, slot, made.passwordOf(name), 'test');
  return { keys: [...keys, secrets.encryption, secrets.signing], box: secrets.encryption };
}

/** How many originals and databases any of these keys opens. */
function opens(dir: string, keys: readonly Buffer[]): { originals: number; databases: number } {
  const sealed = blobFiles(dir).map((file) => readFileSync(file));
  const works = (open: () => void): boolean => {
    try {
      open();
      return true;
    } catch {
      return false;
    }
  };
  const originals = sealed.filter((bytes) =>
    keys.some((key) => works(() => openBytes(key, bytes))),
  );
  const databases = keys.flatMap((db) =>
    [null, ...keys].filter((content) =>
      works(() => {
        openDatabases(dir, { db, content }).close();
      }),
    ),
  );
  return { originals: originals.length, databases: databases.length };
}

describe('revoking a member', () => {
  it('is for supervisors, never for oneself nor for the last who holds the keys to pictures', async () => {
    const made = await team();
    const lena = await made.open('Lena');
    const ids = { Ines: idOf(lena, 'Ines'), Lena: idOf(lena, 'Lena'), Omar: idOf(lena, 'Omar') };
    expect(() => revokeMember(lena, made.ports, ids.Omar)).toThrow(code('NOT_ALLOWED'));
    made.close();
    const sami = await made.open('Sami');
    expect(() => revokeMember(sami, made.ports, sami.member.id)).toThrow(/your own/);
    expect(() => revokeMember(sami, made.ports, 'f'.repeat(32))).toThrow(code('NOT_FOUND'));
    revokeMember(sami, made.ports, ids.Omar);
    expect(() => revokeMember(sami, made.ports, ids.Omar)).toThrow(code('NOT_FOUND'));
    revokeMember(sami, made.ports, ids.Lena);
    expect(() => revokeMember(sami, made.ports, ids.Ines)).toThrow(/last who holds the keys/);
    expect(listMembers(sami).map(({ state }) => state)).toEqual([
      'active',
      'active',
      'revoked',
      'revoked',
    ]);
    expect(details(sami, 'member.revoked').map(({ name }) => name)).toEqual(['Lena', 'Omar']);
    expect(wordsOf(sami)).toMatch(/a supervisor changes them/);
  });

  it('takes slot and grant away, also where a crash left them', async () => {
    const made = await team();
    const copy = path.join(made.folder, 'keys');
    cpSync(path.join(made.dir, 'keys'), copy, { recursive: true });
    const ines = await made.open('Ines');
    const omar = idOf(ines, 'Omar');
    revokeMember(ines, made.ports, omar);
    const grant = path.join(made.dir, 'keys', 'grants', `${omar}.grant`);
    expect(() => readFileSync(grant)).toThrow();
    made.close();
    await expect(made.open('Omar')).rejects.toThrow(code('WRONG_CREDENTIALS'));
    // Put back from a copy, they open nothing, and the next opening takes them away again.
    cpSync(copy, path.join(made.dir, 'keys'), { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(made.open('Omar')).rejects.toThrow(code('NOT_ALLOWED'));
    await made.open('Ines');
    expect(() => readFileSync(grant)).toThrow();
  });

  it('takes the recovery words with it where they were that member’s', async () => {
    const made = await team();
    const ines = await made.open('Ines');
    await addMember(ines, made.ports, {
      member: 'Zoe',
      password: made.passwordOf('Zoe'),
      roles: ['investigator', 'supervisor'],
    });
    made.close();
    const zoe = await made.open('Zoe');
    const slot = path.join(made.dir, 'keys', 'recovery.slot');
    const kept = readFileSync(slot);
    revokeMember(zoe, made.ports, idOf(zoe, 'Ines'));
    expect(() => readFileSync(slot)).toThrow();
    made.close();
    writeFileSync(slot, kept);
    await made.open('Zoe');
    expect(() => readFileSync(slot)).toThrow();
  });
});

describe('changing every key', () => {
  it('leaves what was kept of the earlier ones worthless, and loses nothing', async () => {
    const made = await team();
    const originals = await bringInMany(await made.open('Ines'), 5);
    made.close();
    const kept = await hoard(made, 'Omar');
    expect(opens(made.dir, kept.keys)).toMatchObject({ originals: 5 });
    expect(opens(made.dir, kept.keys).databases).toBeGreaterThan(0);

    const session = await made.open('Ines');
    const before = session.keys;
    revokeMember(session, made.ports, idOf(session, 'Omar'));
    const watch = await rotateNow(session, made.ports);
    expect(watch).toMatchObject({ total: 10, done: 10, failed: 0 });
    expect(wordsOf(session)).toBeNull();
    expect(canRotate(session)).toBe(false);
    for (const key of [before.db, before.content, before.name])
      expect(key?.equals(zero)).toBe(true);

    // The session goes on as if nothing had happened.
    await expectAll(session, originals);
    const more = await bringInMany(session, 1);
    expect(opens(made.dir, kept.keys)).toEqual({ originals: 0, databases: 0 });
    for (const file of blobFiles(made.dir)) expect(sealedEpoch(readFileSync(file))).toBe(2);
    expect(await recordFindings(session, made.ports)).toEqual([]);
    expect(details(session, 'workspace.created')).toHaveLength(1);
    expect(details(session, 'keys.rotated').map(({ what }) => what)).toEqual([
      'pictures',
      'catalogue and record',
    ]);
    made.close();

    for (const name of ['Ines', 'Lena', 'Sami']) {
      const again = await made.open(name);
      expect(again.readOnly).toBeNull();
      expect(again.notices).toEqual([]);
      if (name !== 'Sami') await expectAll(again, new Map([...originals, ...more]));
      if (name !== 'Lena') expect(details(again, 'workspace.created')).toHaveLength(1);
      if (name === 'Ines') expect(await recordFindings(again, made.ports)).toEqual([]);
      const [sha256] = originals.keys();
      const small =
        again.derived && getRendition(again.derived, Buffer.from(sha256 ?? '', 'hex'), 'thumbnail');
      expect(small?.bytes.toString()).toBe(name === 'Sami' ? undefined : 'small');
      made.close();
    }
    // What is written to the record now is sealed to another key than the one that was kept.
    expect(() => hpkeOpen(kept.box, zero, zero, Buffer.alloc(80))).toThrow(code('KEY_UNAVAILABLE'));
  });

  it('is done in two halves where a supervisor holds no pictures, who never comes to hold them', async () => {
    const made = await team();
    const originals = await bringInMany(await made.open('Ines'), 3);
    made.close();
    const sami = await made.open('Sami');
    revokeMember(sami, made.ports, idOf(sami, 'Omar'));
    await rotateNow(sami, made.ports);
    expect(sami.keys.content).toBeNull();
    expect(wordsOf(sami)).toMatch(/keys of pictures are still the earlier/);
    expect(canRotate(sami)).toBe(false);
    await expect(rotateNow(sami, made.ports)).rejects.toThrow(code('KEY_UNAVAILABLE'));
    made.close();

    const lena = await made.open('Lena');
    expect(lena.notices.join()).toMatch(/keys of pictures are still the earlier/);
    await expectAll(lena, originals);
    await rotateNow(lena, made.ports);
    expect(wordsOf(lena)).toBeNull();
    expect(lena.keys.recordPrivate).toBeNull();
    await expectAll(lena, originals);
    made.close();
    const hoarded = await hoard(made, 'Sami');
    expect(opens(made.dir, hoarded.keys).originals).toBe(0);
    await expectAll(await made.open('Ines'), originals);
  });

  it('may be stopped and gone on with by somebody else, with work in between', async () => {
    const made = await team();
    const ines = await made.open('Ines');
    const originals = await bringInMany(ines, 6);
    ines.act({ type: 'keys.rotation', detail: {} }, askForNewKeys);
    const stopping = watched((watch) => {
      if (watch.done === 2) watch.stop();
    });
    await expect(rotateNow(ines, made.ports, stopping)).rejects.toThrow(code('CANCELLED'));
    expect(wordsOf(ines)).toMatch(/being sealed under new keys/);
    await expectAll(ines, originals);
    for (const [sha256] of originals) {
      expect(ines.blobs?.has(Buffer.from(sha256, 'hex'))).toBe(true);
    }
    // Somebody who comes now gets the keys of both epochs; what comes in has the new one.
    await addMember(ines, made.ports, {
      member: 'Zoe',
      password: made.passwordOf('Zoe'),
      roles: ['legal'],
    });
    const more = await bringInMany(ines, 1);
    made.close();
    const epochs = blobFiles(made.dir).map((file) => sealedEpoch(readFileSync(file)));
    expect(epochs.sort()).toEqual([1, 1, 1, 1, 2, 2, 2]);
    const zoe = await made.open('Zoe');
    await expectAll(zoe, new Map([...originals, ...more]));
    await rotateNow(zoe, made.ports);
    expect(zoe.keys.earlier).toBeNull();
    made.close();
    await expectAll(await made.open('Lena'), new Map([...originals, ...more]));
  });

  it('goes on to another epoch where somebody is revoked meanwhile', async () => {
    const made = await team();
    const ines = await made.open('Ines');
    const originals = await bringInMany(ines, 3);
    revokeMember(ines, made.ports, idOf(ines, 'Omar'));
    let revoked = false;
    await rotateNow(
      ines,
      made.ports,
      watched(() => {
        if (!revoked) revokeMember(ines, made.ports, idOf(ines, 'Lena'));
        revoked = true;
      }),
    );
    expect(wordsOf(ines)).toBeNull();
    expect(readKeyState(ines.catalogue)).toMatchObject({ catalogue: 3, pictures: 3, due: 3 });
    await expectAll(ines, originals);
    made.close();
    const again = await made.open('Ines');
    expect(again.notices).toEqual([]);
    expect(await recordFindings(again, made.ports)).toEqual([]);
    expect(details(again, 'workspace.created')).toHaveLength(1);
  });

  it('keeps the earlier keys for a damaged original, until it is restored', async () => {
    const made = await team();
    const ines = await made.open('Ines');
    const originals = await bringInMany(ines, 4);
    const [first, second] = blobFiles(made.dir);
    const whole = readFileSync(first ?? '');
    const missing = readFileSync(second ?? '');
    writeFileSync(first ?? '', Buffer.from(whole).fill(0, 200, 210));
    rmSync(second ?? '');
    ines.act({ type: 'keys.rotation', detail: {} }, askForNewKeys);
    await expect(rotateNow(ines, made.ports)).rejects.toThrow(/2 originals are damaged/);
    expect(ines.keys.earlier).not.toBeNull();
    made.close();

    const again = await made.open('Ines');
    expect(details(again, 'keys.advanced')[0]).toMatchObject({ damaged: 2 });
    writeFileSync(second ?? '', missing);
    await expect(rotateNow(again, made.ports)).rejects.toThrow(/One original is damaged/);
    writeFileSync(first ?? '', whole);
    await rotateNow(again, made.ports);
    await expectAll(again, originals);
    expect(again.keys.earlier).toBeNull();
  });

  it('lets nobody destroy the earlier keys before everything was read back under the new ones', async () => {
    const made = await team();
    const ines = await made.open('Ines');
    const originals = await bringInMany(ines, 3);
    ines.act({ type: 'keys.rotation', detail: {} }, askForNewKeys);
    // The disk loses a new file after it was read back: found by the second reading.
    const losing = watched((watch) => {
      if (watch.done !== 3) return;
      const file = blobFiles(made.dir)[0] ?? '';
      writeFileSync(file, readFileSync(file).subarray(0, 300));
    });
    await expect(rotateNow(ines, made.ports, losing)).rejects.toThrow(code('BLOB_DAMAGED'));
    expect(ines.keys.earlier).not.toBeNull();
    expect(wordsOf(ines)).not.toBeNull();
    expect(originals.size).toBe(3);
  });

  it('removes what no row knows, and leaves what it cannot read', async () => {
    const made = await team();
    const ines = await made.open('Ines');
    await bringInMany(ines, 2);
    // A crash between an original and its row; a file that is none of ours.
    const importId = openCase(ines);
    const stray = path.join(made.dir, 'blobs', '00', 'stray.evb');
    writeFileSync(stray, 'nothing');
    const failing: Session = Object.create(ines, {
      act: {
        value: () => {
          throw new Error('killed');
        },
      },
    }) as Session;
    await expect(bringIn(failing, importId, Buffer.from('without a row'))).rejects.toThrow(
      'killed',
    );
    expect(blobFiles(made.dir)).toHaveLength(4);
    ines.act({ type: 'keys.rotation', detail: {} }, askForNewKeys);
    await rotateNow(ines, made.ports);
    expect(details(ines, 'keys.rotated')[0]).toMatchObject({ originals: 2, removed: 1 });
    expect(blobFiles(made.dir)).toHaveLength(3);
    expect(readFileSync(stray, 'utf8')).toBe('nothing');
  });
});

describe('a kill at any moment of a rotation', () => {
  it('leaves a workspace that opens, has every original, and is gone on with to the end', async () => {
    const made = await team();
    const ines = await made.open('Ines');
    const originals = await bringInMany(ines, 2);
    const omar = idOf(ines, 'Omar');
    const place = temporaryFolder();
    cleanUps.push(place.remove);
    // Every moment: CUSTOS_EVERY_MOMENT=1. Here every seventh.
    const stride = process.env['CUSTOS_EVERY_MOMENT'] ? 1 : 7;
    const kept = await snapshots(made.folder, place.dir, stride, async () => {
      revokeMember(ines, made.ports, omar);
      await rotateNow(ines, made.ports);
    });
    made.close();
    expect(kept.length).toBeGreaterThan(8);
    for (const folder of kept) {
      const ports = { ...made.ports, machineDir: path.join(folder, 'machine') };
      const dir = path.join(folder, 'workspace');
      const session = await openWorkspace(ports, dir, 'Ines', made.passwordOf('Ines'));
      try {
        expect(session.readOnly, folder).toBeNull();
        await expectAll(session, originals);
        if (canRotate(session)) await rotateNow(session, ports);
        await expectAll(session, originals);
        expect(await recordFindings(session, ports), folder).toEqual([]);
      } finally {
        session.close('closed');
      }
      const lena = await openWorkspace(ports, dir, 'Lena', made.passwordOf('Lena'));
      await expectAll(lena, originals);
      lena.close('closed');
    }
  });
});
