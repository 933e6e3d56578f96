/** Every state a crash, a careless hand or a failing disk may leave, and what is said at opening. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#core/access/open.ts';
import { BALLAST_BYTES, BALLAST_FILE } from '#core/store/ballast.ts';
import { CATALOGUE_FILE, DERIVED_FILE, openDatabases } from '#core/store/databases.ts';
import { DISTRUST_FILE } from '#core/store/derived-aside.ts';
import { damageOf } from '#core/store/tables/damage.ts';
import { LOCK_FILE } from '#core/store/workspace-lock.ts';
import { createLeases } from '#core/review/leases.ts';
import { requestLook } from '#core/review/looks.ts';
import { servePicture, type PictureRoom } from '#core/review/pictures.ts';
import { addOriginals, hashOf } from '../../support/originals.ts';
import { realClock, testPorts } from '../../support/workspace.ts';
import { entries } from '../review/fixture.ts';
import { codeOf } from '../store/support.ts';
import { place, type Place } from './setup.ts';

const at = (here: Place, ...names: string[]): string => path.join(here.dir, ...names);
const flip = (file: string, byte: number): void => {
  const bytes = readFileSync(file);
  bytes[byte]! ^= 1;
  writeFileSync(file, bytes);
};
/** By a program of its own: this one has the databases open, and closing them would drop locks. */
const copyFolder = (from: string, to: string): void => {
  execFileSync('cp', ['-a', from, to]);
};
const look = (itemId: number, rung: 1 | 3) =>
  ({ itemId, rung, purpose: 'decide', reason: null, box: { width: 100, height: 100 } }) as never;

function pictures(session: Place['session']): PictureRoom {
  const media = {
    render: (bytes: Uint8Array) => Promise.resolve({ mime: 'image/jpeg', bytes }),
  };
  return { session, media: media as never, leases: createLeases(realClock) };
}

async function shown(
  room: PictureRoom,
  itemId: number,
  rung: 1 | 3,
): Promise<{ status: number; body: Uint8Array }> {
  const { url } = requestLook(room.session, room.leases, look(itemId, rung));
  return servePicture(room, url.slice('look/'.length));
}

describe('small pictures', () => {
  it.each(['missing', 'cut short', 'damaged at its head', 'named as distrusted'])(
    'whose store is %s are begun anew, said and recorded; the originals stand in',
    async (what) => {
      const here = await place();
      here.close();
      const file = at(here, DERIVED_FILE);
      if (what === 'missing') rmSync(file);
      else if (what === 'cut short') writeFileSync(file, readFileSync(file).subarray(0, 1000));
      else if (what === 'damaged at its head') flip(file, 40);
      else writeFileSync(at(here, DISTRUST_FILE), '');
      const session = await here.open();
      expect(session.readOnly).toBeNull();
      expect(session.notices.join(' ')).toMatch(/small pictures .* begun anew, empty/);
      expect(entries(session, 'workspace.recovered')).toHaveLength(1);
      const kept = readdirSync(here.dir).filter((name) => name.includes('.damaged-'));
      expect(kept.length > 0).toBe(what !== 'missing');
      const { itemId, bytes } = here.originals[2]!;
      const picture = await shown(pictures(session), itemId, 1);
      expect([picture.status, Buffer.from(picture.body)]).toEqual([200, bytes]);
      here.close();
      expect((await here.open()).notices).toEqual([]);
    },
  );

  it('that cannot be read while a picture is shown are passed by, and begun anew next time', async () => {
    const here = await place();
    here.close();
    const file = at(here, DERIVED_FILE);
    for (let page = 2; page <= statSync(file).size / 4096; page++) flip(file, page * 4096 - 200);
    const session = await here.open();
    const { itemId, bytes } = here.originals[2]!;
    const picture = await shown(pictures(session), itemId, 1);
    expect([picture.status, Buffer.from(picture.body)]).toEqual([200, bytes]);
    here.close();
    expect((await here.open()).notices.join(' ')).toMatch(/begun anew/);
  });
});

describe('an original', () => {
  it('that is missing becomes a state of its item, when it is met, and no look is spent twice', async () => {
    const here = await place();
    const { itemId, bytes } = here.originals[3]!;
    rmSync(here.blobPath(here.originals[3]!));
    here.close();
    const session = await here.open();
    expect(session.readOnly).toBeNull();
    const room = pictures(session);
    expect((await shown(room, itemId, 3)).status).toBe(422);
    expect(damageOf(session.catalogue, itemId)?.reason).toMatch(/missing/);
    expect(entries(session, 'item.damaged')).toHaveLength(1);
    const looks = entries(session, 'look.granted').length;
    expect(codeOf(() => requestLook(session, room.leases, look(itemId, 3)))).toBe('BLOB_DAMAGED');
    expect(entries(session, 'look.granted')).toHaveLength(looks);
    // The others are as they were.
    expect((await shown(room, here.originals[2]!.itemId, 3)).status).toBe(200);
    expect(hashOf(bytes)).toEqual(here.originals[3]!.sha256);
  });
});

describe('what a crash leaves', () => {
  it('is cleared away or put back: temporary files, ballast, lock', async () => {
    const here = await place();
    here.close();
    writeFileSync(at(here, 'tmp', `${'ab'.repeat(16)}.evb.tmp`), 'sealed, never committed');
    rmSync(at(here, BALLAST_FILE));
    rmSync(at(here, LOCK_FILE));
    const session = await here.open();
    expect(session.readOnly).toBeNull();
    expect(readdirSync(at(here, 'tmp'))).toEqual([]);
    expect(statSync(at(here, BALLAST_FILE)).size).toBe(BALLAST_BYTES);
    // The lock holds again.
    await expect(
      openWorkspace(here.ports, here.dir, null, here.passwordOf('Ines Ortega')),
    ).rejects.toMatchObject({ code: 'WORKSPACE_BUSY' });
  });

  it('at the end of the record is set aside with a notice', async () => {
    const here = await place();
    here.close();
    appendFileSync(at(here, 'record', '000001.evl'), Buffer.from([0, 0, 1, 0, 0, 40]));
    const session = await here.open();
    expect(session.readOnly).toBeNull();
    expect(session.notices.join(' ')).toMatch(/cut off while it was being written/);
    expect(readdirSync(at(here, 'record')).some((name) => name.startsWith('torn-'))).toBe(true);
  });

  it('without the log of the catalogue opens for reading only, with a report', async () => {
    const here = await place();
    await addOriginals(here.session, [randomBytes(300)]);
    const crashed = path.join(here.folder, 'crashed');
    copyFolder(here.dir, crashed);
    const machineDir = path.join(here.folder, 'machine-then');
    copyFolder(here.ports.machineDir, machineDir);
    copyFolder(here.ports.machineDir, path.join(here.folder, 'machine-whole'));
    const whole = path.join(here.folder, 'whole');
    copyFolder(crashed, whole);
    expect(statSync(path.join(crashed, `${CATALOGUE_FILE}-wal`)).size).toBeGreaterThan(0);
    for (const suffix of ['-wal', '-shm']) rmSync(path.join(crashed, CATALOGUE_FILE + suffix));
    const password = here.passwordOf('Ines Ortega');
    const session = await openWorkspace(testPorts({ machineDir }), crashed, null, password);
    expect(session.readOnly).toMatch(/put back to an earlier state: it ends at entry/);
    expect(codeOf(() => session.act({ type: 'search.made', detail: {} }, () => null))).toBe(
      'READ_ONLY',
    );
    // Control: SQLite by itself has nothing to say.
    expect(session.catalogue.pragma('integrity_check', { simple: true })).toBe('ok');
    session.close('command');
    // With its log, the same crash loses nothing.
    const untouched = testPorts({ machineDir: path.join(here.folder, 'machine-whole') });
    const kept = await openWorkspace(untouched, whole, null, password);
    expect(kept.readOnly).toBeNull();
    expect(kept.catalogue.prepare('SELECT count(*) FROM items').pluck().get()).toBe(6);
    kept.close('command');
  });
});

describe("this machine's memory", () => {
  it('of the record, damaged, lets people look and change nothing, and says what to do', async () => {
    const here = await place();
    here.close();
    const folder = path.join(here.ports.machineDir, 'anchors');
    const [note] = readdirSync(folder).map((name) => path.join(folder, name));
    writeFileSync(note!, '{"version":1,');
    const session = await here.open();
    expect(session.readOnly).toMatch(/cannot be read.*remove the note/);
    expect(await session.blobs!.read(here.originals[2]!.sha256)).toEqual(here.originals[2]!.bytes);
    here.close();
    rmSync(note!);
    expect((await here.open()).readOnly).toBeNull();
  });

  it('of the catalogue finds a page that was put back, genuine as it is', async () => {
    const here = await place();
    here.close();
    const file = at(here, CATALOGUE_FILE);
    const before = readFileSync(file);
    const again = await here.open();
    again.act({ type: 'search.made', detail: {} }, (tx) => {
      tx.exec(`UPDATE items SET looks = looks + 1 WHERE id = 2`);
    });
    here.close();
    const after = readFileSync(file);
    const pages = [...Array(before.length / 4096).keys()].filter(
      (page) =>
        page > 0 &&
        !before
          .subarray(page * 4096, page * 4096 + 4096)
          .equals(after.subarray(page * 4096, page * 4096 + 4096)),
    );
    let found = 0;
    let silent = 0;
    for (const page of pages) {
      const mixed = Buffer.from(after);
      before.copy(mixed, page * 4096, page * 4096, page * 4096 + 4096);
      writeFileSync(file, mixed);
      const session = await here.open();
      if (session.readOnly !== null) found += 1;
      // Control: without that memory, some such page is taken for good.
      const integrity = session.catalogue.pragma('integrity_check', { simple: true });
      if (integrity === 'ok') silent += 1;
      here.close();
    }
    expect(pages.length).toBeGreaterThan(1);
    expect(found).toBe(pages.length);
    expect(silent).toBeGreaterThan(0);
    // What was found does not become what is remembered: the good one is still taken for good.
    writeFileSync(file, after);
    expect((await here.open()).readOnly).toBeNull();
  });

  it('damaged or gone, keeps nobody out', async () => {
    const here = await place();
    here.close();
    const folder = path.join(here.ports.machineDir, 'catalogues');
    for (const content of ['', '[]', '{"lastSeq":1}', 'null']) {
      for (const name of readdirSync(folder)) writeFileSync(path.join(folder, name), content);
      expect((await here.open()).readOnly, content).toBeNull();
      here.close();
    }
    rmSync(folder, { recursive: true });
    expect((await here.open()).readOnly).toBeNull();
    expect(existsSync(folder)).toBe(false);
  });
});

it('none of this is minded by who opens the files without Custos', async () => {
  const here = await place();
  const { db, content } = here.session.keys;
  const keys = { db: Buffer.from(db), content: Buffer.from(content!) };
  here.close();
  rmSync(at(here, DERIVED_FILE));
  // Control: without being told to mend, opening the databases fails.
  expect(codeOf(() => openDatabases(here.dir, keys))).toBe('WORKSPACE_DAMAGED');
});
