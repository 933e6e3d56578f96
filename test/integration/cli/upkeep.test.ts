/** Looking after a workspace from a shell: scrub, backup, verify, restore. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupSummary, ScrubReport } from '#shared/contract/upkeep.ts';
import { EXIT } from '#shared/domain/errors.ts';
import { createInterrupt } from '#electron/cli/interrupt.ts';
import { makePlace, type Place, type Ran, type RunOptions } from './cli.ts';
import { pictures } from './evidence.ts';

let place: Place;
const workspace = (): string => place.at('work space');
const backup = (): string => place.at('back up');
const ada = (args: string[], options?: RunOptions): Promise<Ran> =>
  place.custos([...args, '--password-file', place.passwordFile('Ada')], options);
const good = async (args: string[]): Promise<Ran> => {
  const ran = await ada(args);
  expect(ran, args.join(' ')).toMatchObject({ exit: EXIT.done });
  return ran;
};

beforeAll(async () => {
  place = makePlace();
  await good(['init', workspace(), '--member', 'Ada']);
  await good(['case', 'create', workspace(), '--ref', 'OP-7', '--title', 'Harbour']);
  await pictures(place.at('disk'), 3);
  await good(['import', workspace(), place.at('disk'), '--case', 'OP-7']);
});
afterAll(() => place.remove());

describe('custos scrub', () => {
  it('says in words and as JSON that nothing is wrong', async () => {
    expect((await good(['scrub', workspace()])).out).toMatch(
      /^Nothing is wrong\.\nChecked: 3 originals/,
    );
    const report = (await good(['scrub', workspace(), '--full', '--json'])).json<ScrubReport>();
    expect(report).toMatchObject({ good: true, originals: { checked: 3, damaged: 0 } });
    expect(report.record).toBeGreaterThan(10);
  });

  it('takes a pace, and refuses one that is none', async () => {
    await good(['scrub', workspace(), '--pace', '50%', '--from-start']);
    for (const pace of ['0', '3', '101', 'slow']) {
      expect(await ada(['scrub', workspace(), '--pace', pace])).toMatchObject({ exit: EXIT.usage });
    }
  });

  it('ends with 1 where something is wrong, and names the item', async () => {
    const shard = readdirSync(path.join(workspace(), 'blobs'), {
      recursive: true,
      withFileTypes: true,
    }).find((entry) => entry.isFile())!;
    const file = path.join(shard.parentPath, shard.name);
    const bytes = readFileSync(file);
    rmSync(file);
    const ran = await ada(['scrub', workspace()]);
    expect(ran).toMatchObject({ exit: EXIT.wrong });
    expect(ran.out).toMatch(/wrong: Item \d: The sealed file of the original is missing/);
    writeFileSync(file, bytes, { mode: 0o600 });
    await good(['scrub', workspace(), '--full']);
  });
});

describe('custos backup', () => {
  it('is made, made again, proved with and without a password, and restored', async () => {
    const made = (
      await good(['backup', workspace(), '--out', backup(), '--json'])
    ).json<BackupSummary>();
    expect(made).toMatchObject({ added: 3, missing: 0 });
    const again = await good(['backup', workspace(), '--out', backup()]);
    expect(again.out).toMatch(/0 originals added/);

    const closed = await place.custos(['backup', 'verify', backup()]);
    expect(closed).toMatchObject({ exit: EXIT.done });
    expect(closed.out).toMatch(/The backup is good\.[^]*not checked: Contents/);
    const open = await ada(['backup', 'verify', backup(), '--state', made.state, '--json']);
    expect(open.json<{ good: boolean; checks: { name: string }[] }>()).toMatchObject({
      good: true,
      checks: expect.arrayContaining([
        expect.objectContaining({ name: 'Originals', outcome: 'good' }),
      ]) as object[],
    });
    const stranger = path.join(place.folder, 'wrong.txt');
    writeFileSync(stranger, 'quite another password\n');
    expect(
      await place.custos(['backup', 'verify', backup(), '--password-file', stranger]),
    ).toMatchObject({ exit: EXIT.notAllowed });

    const to = place.at('restored');
    const refused = await place.custos(['restore', backup(), '--to', to]);
    expect(refused).toMatchObject({ exit: EXIT.notAllowed });
    expect(refused.err).toMatch(/has seen \d+ entries.*--accept-older/);
    const restored = await place.custos(['restore', backup(), '--to', to, '--accept-older']);
    expect(restored).toMatchObject({ exit: EXIT.done });
    expect(restored.out).toMatch(/^Restored the state of .*\nThis machine had seen \d+ entries/);
    const items = await good(['items', to, '--case', 'OP-7', '--json']);
    expect(items.lines()).toHaveLength(3);
    expect(items.err).toMatch(/was restored from the backup/);
    expect((await good(['record', 'list', to])).out).toMatch(/Restored from a backup/);
  });

  it('on another machine needs no further word', async () => {
    const to = place.at('elsewhere');
    const ports = { machineDir: place.at('another machine') };
    const restored = await place.custos(['restore', backup(), '--to', to, '--json'], { ports });
    expect(restored).toMatchObject({ exit: EXIT.done });
    expect(restored.json()).toMatchObject({ seen: null, damaged: 0, notices: [] });
    expect(await ada(['scrub', to, '--full'], { ports })).toMatchObject({ exit: EXIT.done });
  });

  it('says what is missing or wrong', async () => {
    expect(await ada(['backup', workspace()])).toMatchObject({ exit: EXIT.usage });
    const there = place.at('elsewhere');
    const ports = { machineDir: place.at('another machine') };
    expect(await ada(['backup', there, '--out', there], { ports })).toMatchObject({
      exit: EXIT.usage,
    });
    expect(await place.custos(['backup', 'verify', place.at('disk')])).toMatchObject({
      exit: EXIT.usage,
    });
    const full = await place.custos([
      'restore',
      backup(),
      '--to',
      place.at('disk'),
      '--accept-older',
    ]);
    expect(full).toMatchObject({ exit: EXIT.usage });
    const list = readdirSync(path.join(backup(), 'states')).sort().at(-1)!;
    writeFileSync(path.join(backup(), 'states', list, 'custos.json'), '{}');
    const bad = await place.custos(['backup', 'verify', backup(), '--json']);
    expect(bad).toMatchObject({ exit: EXIT.wrong });
    expect(bad.json()).toMatchObject({ good: false });
  });

  it('and a restore are stopped when somebody asks, and leave nothing half done', async () => {
    for (const args of [
      ['backup', 'verify', backup()],
      ['restore', backup(), '--to', place.at('stopped'), '--accept-older'],
    ]) {
      const interrupt = createInterrupt();
      interrupt.fire();
      expect(await place.custos(args, { interrupt }), args[0]!).toMatchObject({ exit: EXIT.wrong });
    }
    expect(readdirSync(place.folder)).not.toContain('stopped');
    expect(readdirSync(place.folder).some((name) => name.startsWith('.custos-restore'))).toBe(
      false,
    );
  });
});
