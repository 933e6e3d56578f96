/** A disk that fills up, for real: a small memory disk, where this system lets us have one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '#shared/domain/errors.ts';
import { makePlace, type Place, type Ran } from './cli.ts';
import { pictures } from './evidence.ts';

const place: Place = makePlace();
const disk = place.at('disk');
const TOOLS = { mount: 'mount', unmount: 'umount' };
const COUNT = 60;
/** Enough to open a workspace without what it keeps for emergencies, too little for the pictures. */
const TOO_LITTLE = 1_600_000;

function mount(): boolean {
  mkdirSync(disk, { recursive: true });
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync(TOOLS.mount, ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk]).status === 0;
}

const mounted = mount();
if (!mounted) console.warn('SKIPPED: no small disk can be mounted here; none was filled up.');

afterAll(() => {
  if (mounted) spawnSync(TOOLS.unmount, [disk]);
  place.remove();
});

const ada = (...args: string[]): Promise<Ran> =>
  place.custos([...args, '--password-file', place.passwordFile('Ada')]);
const workspace = path.join(disk, 'workspace');
const filler = path.join(disk, 'filler');

/** Makes room, and lets the workspace take back what it keeps for such moments. */
async function clear(): Promise<void> {
  rmSync(filler, { force: true });
  expect(await ada('case', 'list', workspace)).toMatchObject({ exit: EXIT.done });
}

/** Leaves this many bytes free. */
function fill(left: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - left)));
}

describe.skipIf(!mounted)('a full disk', () => {
  beforeAll(async () => {
    await pictures(place.at('source'), COUNT);
    expect(await ada('init', workspace, '--member', 'Ada')).toMatchObject({ exit: EXIT.done });
    await ada('case', 'create', workspace, '--ref', 'OP-7', '--title', 'Full');
  });

  it('keeps nobody out', async () => {
    fill(0);
    expect(statfsSync(disk).bavail).toBe(0);
    const listed = await ada('case', 'list', workspace, '--json');
    expect(listed).toMatchObject({ exit: EXIT.done });
    expect(listed.lines()).toMatchObject([{ ref: 'OP-7' }]);
    await clear();
  });

  it('ends an import with a typed error, a balanced ledger and nothing half-made', async () => {
    fill(TOO_LITTLE);
    const args = ['import', workspace, place.at('source'), '--case', 'OP-7', '--json'];
    const ran = await ada(...args);
    expect(ran).toMatchObject({ exit: EXIT.io });
    expect(ran.err).toMatch(/The disk is full/);
    const { error, ...ledger } = ran.json<Record<string, number> & { error: { code: string } }>();
    expect(['DISK_FULL', 'RECORD_UNWRITABLE']).toContain(error.code);
    expect(ledger['offered']).toBeLessThan(COUNT);
    expect(ledger['offered']).toBe(
      ledger['new']! + ledger['duplicate']! + ledger['unreadable']! + ledger['refused']!,
    );
    expect(readdirSync(path.join(workspace, 'tmp'))).toEqual([]);

    await clear();
    const again = await ada(...args);
    expect(again).toMatchObject({ exit: EXIT.done });
    expect(again.json()).toMatchObject({ offered: COUNT, duplicate: ledger['new'], unreadable: 0 });
    expect(await ada('record', 'verify', workspace)).toMatchObject({ exit: EXIT.done });
  });

  it('leaves no bundle, and no recovery words without a workspace', async () => {
    const out = path.join(disk, 'bundle.tar.age');
    const to = 'age1g3mw92nruhff98c7nzpxz2ma0h9js0nrw3pkynl0gfgpf05kj44qndhnzj';
    fill(TOO_LITTLE);
    const ran = await ada(
      ...['bundle', 'build', workspace, '--case', 'OP-7', '--to', to, '--out', out, '--json'],
    );
    expect(ran).toMatchObject({ exit: EXIT.io });
    expect(ran.json()).toMatchObject({ error: { code: 'DISK_FULL' } });

    await clear();
    fill(0);
    const words = path.join(disk, 'words.txt');
    const made = await ada(
      ...['init', path.join(disk, 'second'), '--member', 'Ada', '--recovery-out', words],
    );
    expect(made).toMatchObject({ exit: EXIT.io, out: '' });
    expect(made.err).toMatch(/recovery words cannot be written \(ENOSPC\)/);
    expect(existsSync(words)).toBe(false);
    expect(readdirSync(disk).sort()).toEqual(['filler', 'workspace']);
  });
});
