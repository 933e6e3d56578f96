import { randomBytes, type KeyObject } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BackupSummary } from '#shared/contract/upkeep.ts';
import { openWorkspace } from '#core/access/open.ts';
import { askForNewKeys } from '#core/access/rotation.ts';
import type { Session } from '#core/access/types.ts';
import { openAnchors } from '#core/record/anchors.ts';
import { copyDatabase, openCopy } from '#core/store/copies.ts';
import { CATALOGUE_FILE } from '#core/store/databases.ts';
import { openFile } from '#core/store/sqlite.ts';
import { backUp } from '#core/upkeep/backup.ts';
import { verifyBackup, type BackupVerdict } from '#core/upkeep/backup-verify.ts';
import { encodeState, listStates, readState } from '#core/upkeep/manifest.ts';
import { generateRawKeyPair, privateKeyObject } from '#core/vault/curve-keys.ts';
import { restoreBackup, type Restored } from '#core/upkeep/restore.ts';
import { addOriginals } from '../../support/originals.ts';
import { haveTool, runTool } from '../../support/stock-tools.ts';
import { realClock, testPorts, type TestWorkspace } from '../../support/workspace.ts';
import { rotateNow } from '../access/rotation-support.ts';
import { entries } from '../review/fixture.ts';
import { readPage } from '../store/sqlcipher.ts';
import { codeOfAsync } from '../store/support.ts';
import { place, scrubNow, SIZES, unwatched, wrong, type Place } from './setup.ts';
import type { Watch } from '#core/upkeep/watch.ts';

const take = (session: Session, target: string, watch: Watch = unwatched()) =>
  backUp({ session, clock: realClock }, target, watch);
const verify = (target: string, here?: TestWorkspace): Promise<BackupVerdict> =>
  verifyBackup(
    { passwordCost: 'test' },
    target,
    null,
    here ? { member: null, password: here.passwordOf('Ines Ortega') } : null,
    unwatched(),
  );
const failed = (verdict: BackupVerdict): string[] =>
  verdict.checks.filter(({ outcome }) => outcome === 'bad').map(({ name }) => name);
const restore = (
  machineDir: string,
  backup: string,
  to: string,
  acceptOlder = false,
): Promise<Restored> =>
  restoreBackup(
    { clock: realClock, machineDir },
    { backup, state: null, to, acceptOlder },
    unwatched(),
  );
function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}
const flip = (file: string, at: number): void => {
  const bytes = readFileSync(file);
  bytes[at]! ^= 1;
  // Not in place: the file may have another name in the workspace.
  rmSync(file);
  writeFileSync(file, bytes, { mode: 0o600 });
};

function strangerKeys(): { signing: KeyObject; signingPublic: string } {
  const pair = generateRawKeyPair('ed25519');
  return {
    signing: privateKeyObject('ed25519', pair.privateKey),
    signingPublic: pair.publicKey.toString('hex'),
  };
}

async function backedUp(): Promise<{ here: Place; target: string; made: BackupSummary }> {
  const here = await place();
  const target = path.join(here.folder, 'backup');
  return { here, target, made: await take(here.session, target) };
}

describe('a copy of a database', () => {
  it('is encrypted under the same key, for its owner only, and holds what is committed', async () => {
    const here = await place();
    const { catalogue, keys } = here.session;
    const copy = path.join(here.folder, 'copy.db');
    copyDatabase(catalogue, copy, keys.db);
    const bytes = readFileSync(copy);
    for (let page = 1; page <= bytes.length / 4096; page++) {
      expect(readPage(bytes, page, keys.db)).not.toBeNull();
    }
    expect(bytes.includes('Harbour lights')).toBe(false);
    expect(statSync(copy).mode & 0o077).toBe(0);
    const opened = openCopy(copy, keys.db);
    expect(opened.prepare('SELECT title FROM cases').pluck().get()).toBe('Harbour lights');
    opened.close();
    expect(() => openCopy(copy, randomBytes(32))).toThrow(/could not be opened with its key/);
    // Control: the same statement on a database without a key writes plaintext, and is refused.
    const plain = openFile(path.join(here.folder, 'plain.db'), {});
    plain.exec(`CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('Harbour lights')`);
    const inClear = path.join(here.folder, 'clear.db');
    expect(() => copyDatabase(plain as never, inClear, keys.db)).toThrow(/read back/);
    expect(readFileSync(inClear).includes('Harbour lights')).toBe(true);
    plain.close();
  });
});

describe('a backup', () => {
  it('holds a whole state, proves itself, and tells nothing', async () => {
    const { here, target, made } = await backedUp();
    expect(made).toMatchObject({ added: SIZES.length, missing: 0, sameDisk: true });
    expect(listStates(target)).toEqual([made.state]);
    const verdict = await verify(target, here);
    expect(failed(verdict)).toEqual([]);
    expect(verdict.good).toBe(true);
    expect(verdict.checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Hashes', 'Record', 'Signer', 'Databases', 'Originals']),
    );
    const [ended] = entries(here.session, 'backup.ended');
    expect(ended?.detail).toMatchObject({ outcome: 'done', sha256: made.sha256 });
    for (const name of filesIn(target)) {
      const bytes = readFileSync(path.join(target, name));
      expect(bytes.includes('Harbour') || bytes.includes('Ines'), name).toBe(false);
      expect(statSync(path.join(target, name)).mode & 0o077, name).toBe(0);
    }
  });

  it.skipIf(!haveTool('sha256sum'))('is proved by stock tools', async () => {
    const { target, made } = await backedUp();
    const cwd = path.join(target, 'states', made.state);
    expect(runTool('sha256sum', ['-c', '--quiet', 'files.txt'], { cwd }).status).toBe(0);
  });

  it('taken again adds only what is new, and keeps the state before', async () => {
    const { here, target, made } = await backedUp();
    await addOriginals(here.session, [randomBytes(5000)]);
    const again = await take(here.session, target);
    expect(again).toMatchObject({ added: 1, files: made.files + 1 });
    expect(listStates(target)).toEqual([made.state, again.state]);
    expect((await verify(target, here)).good).toBe(true);
    const third = await take(here.session, target);
    expect(third.added).toBe(0);
    expect(listStates(target)).toEqual([again.state, third.state]);
    const earlier = await verifyBackup(
      { passwordCost: 'test' },
      target,
      again.state,
      null,
      unwatched(),
    );
    expect(earlier.good).toBe(true);
  });

  it('can be stopped and gone on with; what was not finished is no state', async () => {
    const here = await place();
    const target = path.join(here.folder, 'backup');
    const controller = new AbortController();
    let seen = 0;
    const stopping = take(here.session, target, {
      signal: controller.signal,
      setTotal: () => undefined,
      advance: () => {
        if (++seen === 3) controller.abort();
      },
    });
    expect(await codeOfAsync(() => stopping)).toBe('CANCELLED');
    expect(listStates(target)).toEqual([]);
    expect(readdirSync(path.join(target, 'states'))).toEqual([]);
    expect(await codeOfAsync(() => verify(target))).toBe('NOT_FOUND');
    expect(entries(here.session, 'backup.ended')[0]?.detail).toMatchObject({
      outcome: 'cancelled',
    });
    const made = await take(here.session, target);
    expect(made.added).toBe(SIZES.length - 3);
    expect((await verify(target, here)).good).toBe(true);
  });

  it('is not spoilt by damage of the workspace', async () => {
    const { here, target } = await backedUp();
    const [, , small, middle, large] = here.originals.map(here.blobPath);
    // In its head, where it could pass for another file; in its body; gone.
    flip(small!, 50);
    flip(middle!, 5000);
    rmSync(large!);
    const again = await take(here.session, target);
    expect(again).toMatchObject({ added: 0, missing: 1 });
    expect((await verify(target, here)).good).toBe(true);
  });

  it('takes an original that was imported anew in the place of the old one', async () => {
    const { here, target } = await backedUp();
    const { bytes, sha256 } = here.originals[3]!;
    rmSync(here.blobPath(here.originals[3]!));
    await here.session.blobs!.commit(await here.session.blobs!.seal(bytes), sha256);
    expect(await take(here.session, target)).toMatchObject({ added: 1 });
    expect((await verify(target, here)).good).toBe(true);
  });

  it('is made by a supervisor too, without the small pictures', async () => {
    const here = await place([
      { name: 'Ines Ortega', roles: ['investigator', 'supervisor'] },
      { name: 'Sol', roles: ['supervisor'] },
    ]);
    here.close();
    const target = path.join(here.folder, 'backup');
    const session = await here.open('Sol');
    const made = await take(session, target);
    expect(made.added).toBe(SIZES.length);
    expect(existsSync(path.join(target, 'states', made.state, 'derived.db'))).toBe(false);
    const verdict = await verifyBackup(
      { passwordCost: 'test' },
      target,
      null,
      { member: 'Ines Ortega', password: here.passwordOf('Ines Ortega') },
      unwatched(),
    );
    expect(verdict.good).toBe(true);
    here.close();
    const restored = await restore(
      path.join(here.folder, 'elsewhere'),
      target,
      path.join(here.folder, 'new'),
    );
    expect(restored.damaged).toBe(0);
    const ports = testPorts({ machineDir: path.join(here.folder, 'elsewhere') });
    const opened = await openWorkspace(
      ports,
      path.join(here.folder, 'new'),
      'Ines Ortega',
      here.passwordOf('Ines Ortega'),
    );
    expect(opened.notices.join(' ')).toMatch(/missing and begun anew/);
    expect(opened.readOnly).toBeNull();
    opened.close('command');
  });

  it('goes nowhere it should not', async () => {
    const here = await place();
    const other = path.join(here.folder, 'other');
    mkdirSync(other);
    writeFileSync(path.join(other, 'letter.txt'), 'hello');
    expect(await codeOfAsync(() => take(here.session, other))).toBe('WORKSPACE_EXISTS');
    expect(await codeOfAsync(() => take(here.session, path.join(here.dir, 'x')))).toBe('USAGE');
    expect(await codeOfAsync(() => take(here.session, here.folder))).toBe('USAGE');
    const foreign = path.join(here.folder, 'foreign');
    await take(here.session, foreign);
    writeFileSync(
      path.join(foreign, 'custos-backup.json'),
      JSON.stringify({ format: 'custos-backup', version: 1, workspace: 'f'.repeat(32) }),
    );
    expect(await codeOfAsync(() => take(here.session, foreign))).toBe('WORKSPACE_EXISTS');
    expect(readdirSync(here.dir)).not.toContain('x');
  });
});

describe('new keys', () => {
  it('leave the state before whole, and make the next one whole under them', async () => {
    const { here, target, made } = await backedUp();
    here.session.act({ type: 'keys.rotation', detail: {} }, askForNewKeys);
    await rotateNow(here.session, here.ports);
    const earlier = await verifyBackup(
      { passwordCost: 'test' },
      target,
      made.state,
      { member: null, password: here.passwordOf('Ines Ortega') },
      unwatched(),
    );
    expect(failed(earlier)).toEqual([]);
    const again = await take(here.session, target);
    expect(again).toMatchObject({ added: SIZES.length, missing: 0 });
    expect(failed(await verify(target, here))).toEqual([]);
    here.close();
    const machineDir = path.join(here.folder, 'elsewhere');
    const to = path.join(here.folder, 'restored');
    await restore(machineDir, target, to);
    const there = { ...here, ports: testPorts({ machineDir }) };
    const session = await openWorkspace(there.ports, to, null, here.passwordOf('Ines Ortega'));
    expect(session.readOnly).toBeNull();
    expect(wrong(await scrubNow(there, session, 'full'))).toEqual([]);
    session.close('command');
  });
});

describe('a backup that was changed', () => {
  it('is found, whatever was changed, without a password', async () => {
    const { target } = await backedUp();
    const names = filesIn(target).filter((name) => name !== 'custos-backup.json');
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const file = path.join(target, name);
      const good = readFileSync(file);
      const ways: (() => void)[] = [
        () => flip(file, Math.floor(good.length / 2)),
        () => truncateSync(file, good.length - 1),
        () => rmSync(file),
      ];
      for (const change of ways) {
        rmSync(file);
        writeFileSync(file, good);
        change();
        const outcome = await verify(target).then(
          (verdict) => (verdict.good ? 'good' : 'bad'),
          (error: { code: string }) => error.code,
        );
        expect(outcome, name).not.toBe('good');
      }
      rmSync(file, { force: true });
      writeFileSync(file, good);
    }
    expect((await verify(target)).good).toBe(true);
  });

  it('and signed anew by a stranger is found by whoever knows the members', async () => {
    const { here, target, made } = await backedUp();
    const { signing, signingPublic } = strangerKeys();
    const head = readState(target, made.state);
    const forged = { ...head, signing: signingPublic };
    writeFileSync(
      path.join(target, 'states', made.state, 'state.json'),
      encodeState(forged, signing),
    );
    expect((await verify(target)).good).toBe(true);
    expect(failed(await verify(target, here))).toEqual(['Signer']);
  });

  it('cannot name files outside', async () => {
    const { target, made } = await backedUp();
    const list = path.join(target, 'states', made.state, 'files.txt');
    const text = readFileSync(list, 'utf8');
    writeFileSync(list, text.replace('custos.json', '../../../escape'));
    expect(await codeOfAsync(() => verify(target))).toBe('BUNDLE_INVALID');
  });
});

describe('a restore', () => {
  it('gives the workspace back on another machine, and is on the record', async () => {
    const { here, target, made } = await backedUp();
    here.close();
    const machineDir = path.join(here.folder, 'elsewhere');
    const to = path.join(here.folder, 'restored', 'workspace');
    const told = await restore(machineDir, target, to);
    expect(told).toMatchObject({ entries: made.entries, seen: null, damaged: 0, notices: [] });
    const session = await openWorkspace(
      testPorts({ machineDir }),
      to,
      null,
      here.passwordOf('Ines Ortega'),
    );
    expect(session.readOnly).toBeNull();
    expect(session.notices.join(' ')).toMatch(/restored from the backup/);
    for (const { sha256, bytes } of here.originals) {
      expect(await session.blobs!.read(sha256)).toEqual(bytes);
    }
    const [entry] = entries(session, 'workspace.restored');
    expect(entry?.detail).toMatchObject({ state: made.state, entries: made.entries, seen: null });
    const there = { ...here, ports: testPorts({ machineDir }) };
    expect(await scrubNow(there, session, 'full')).toMatchObject({ good: true, findings: [] });
    session.close('command');
    const next = await openWorkspace(
      testPorts({ machineDir }),
      to,
      null,
      here.passwordOf('Ines Ortega'),
    );
    expect(next.notices.join(' ')).not.toMatch(/restored/);
    next.close('command');
  });

  it('of what is older than this machine remembers needs a deliberate word', async () => {
    const { here, target, made } = await backedUp();
    await addOriginals(here.session, [randomBytes(100)]);
    here.close();
    const { machineDir } = here.ports;
    const to = path.join(here.folder, 'restored');
    const before = openAnchors(machineDir).get(made.state) ?? null;
    expect(before).toBeNull();
    await expect(restore(machineDir, target, to)).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
      message: expect.stringMatching(/has seen \d+ entries.*ends after \d+/) as string,
    });
    expect(existsSync(to)).toBe(false);
    const told = await restore(machineDir, target, to, true);
    expect(told.seen).toBeGreaterThan(told.entries);
    expect(told.notices[0]).toMatch(/had seen \d+ entries/);
    const session = await openWorkspace(here.ports, to, null, here.passwordOf('Ines Ortega'));
    expect(session.readOnly).toBeNull();
    expect(entries(session, 'workspace.restored')[0]?.detail).toMatchObject({
      seen: told.seen,
      entries: made.entries,
    });
    session.close('command');
    // Control: the same files put there by hand, the memory being what it was, open read-only.
    openAnchors(machineDir).put(session.workspace.id, {
      size: told.seen! + 100,
      root: 'ab'.repeat(32),
    });
    const byHand = await openWorkspace(here.ports, to, null, here.passwordOf('Ines Ortega'));
    expect(byHand.readOnly).not.toBeNull();
    byHand.close('command');
  });

  it('is not kept from the rest by a damaged original, and says so', async () => {
    const { here, target } = await backedUp();
    here.close();
    const name = path.relative(here.dir, here.blobPath(here.originals[3]!));
    flip(path.join(target, name), 3000);
    const machineDir = path.join(here.folder, 'elsewhere');
    const to = path.join(here.folder, 'restored');
    const told = await restore(machineDir, target, to);
    expect(told).toMatchObject({ damaged: 1 });
    expect(told.notices.join(' ')).toMatch(/1 original is missing or damaged/);
    const session = await openWorkspace(
      testPorts({ machineDir }),
      to,
      null,
      here.passwordOf('Ines Ortega'),
    );
    const report = await scrubNow(here, session, 'quick');
    expect(report.originals).toMatchObject({ damaged: 1 });
    session.close('command');
  });

  it('does not begin where the state itself does not hold, and leaves nothing', async () => {
    const { here, target, made } = await backedUp();
    here.close();
    const before = readdirSync(here.folder).sort();
    const machineDir = path.join(here.folder, 'elsewhere');
    flip(path.join(target, 'states', made.state, CATALOGUE_FILE), 9000);
    const to = path.join(here.folder, 'restored');
    expect(await codeOfAsync(() => restore(machineDir, target, to))).toBe('BUNDLE_INVALID');
    expect(await codeOfAsync(() => restore(machineDir, target, here.dir))).toBe('WORKSPACE_EXISTS');
    expect(readdirSync(here.folder).sort()).toEqual(before);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says where it may not write',
    async () => {
      const { here, target } = await backedUp();
      const shut = path.join(here.folder, 'shut');
      mkdirSync(shut);
      chmodSync(shut, 0o500);
      const to = path.join(shut, 'restored');
      expect(await codeOfAsync(() => restore(here.folder, target, to))).toBe('IO_FAILED');
    },
  );
});
