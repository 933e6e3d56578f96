/** Finding out, before anything else runs, whether this machine can run Custos. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSuitable, pinnedNode, unsuitableSentence } from '#electron/cli/guard.mjs';
import { createLocalLog } from '#electron/hosting/local-log.ts';
import { decoderCount } from '#electron/hosting/machine.ts';
import { machineFolder, resourcesFolder } from '#electron/hosting/places.ts';
import { REPOSITORY, temporaryFolder } from '../../hosts/app.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('start');
});
afterEach(() => folder.remove());

describe('the start-up guard', () => {
  it.each([
    [{ node: '24.21.0', napi: '10' }, true],
    [{ node: '26.0.0', napi: '11' }, true],
    [{ node: '22.20.0', napi: '10' }, false],
    [{ node: '20.20.2', napi: '9' }, false],
    [{ node: '24.0.0', napi: '9' }, false],
    [{ node: '18.0.0' }, false],
  ])('judges %j', (versions, suitable) => expect(isSuitable(versions)).toBe(suitable));

  it('says in one sentence what is wrong and what to do', () => {
    const sentence = unsuitableSentence({ node: '20.1.0' });
    expect(sentence).toContain('Node 20.1.0');
    expect(sentence).toContain('npm ci');
  });

  it('finds the Node that npm ci brought along', async () => {
    expect(pinnedNode(folder.path)).toBeNull();
    const bin = path.join(folder.path, 'node_modules', '.bin');
    await mkdir(bin, { recursive: true });
    await writeFile(path.join(bin, 'node'), '');
    expect(pinnedNode(folder.path, 'linux', 'x64')).toBe(path.join(bin, 'node'));
    expect(pinnedNode(folder.path, 'win32', 'x64')).toBeNull();
  });

  it.runIf(process.platform !== 'win32')(
    'runs the command again on the pinned Node, with its arguments and exit code',
    async () => {
      await cp(
        path.join(REPOSITORY, 'electron', 'cli', 'guard.mjs'),
        path.join(folder.path, 'electron', 'cli', 'guard.mjs'),
        { recursive: true },
      );
      // Pretends to be an old Node; the second run is the fake pinned one.
      const entry = path.join(folder.path, 'entry.mjs');
      await writeFile(
        entry,
        `Object.defineProperty(process.versions, 'node', { value: '20.1.0' });
         const { ensureRuntime } = await import('./electron/cli/guard.mjs');
         ensureRuntime();`,
      );
      const run = () =>
        spawnSync(process.execPath, [entry, 'list', '--json'], {
          encoding: 'utf8',
          env: { ...process.env, CUSTOS_SECOND_RUN: undefined },
        });
      const without = run();
      expect(without.status).toBe(5);
      expect(without.stderr).toContain('Custos needs Node 24');
      expect(without.stderr.trim().split('\n')).toHaveLength(1);

      const bin = path.join(folder.path, 'node_modules', '.bin');
      await mkdir(bin, { recursive: true });
      await writeFile(path.join(bin, 'node'), '#!/bin/sh\nshift\necho "again: $*"\nexit 3\n', {
        mode: 0o755,
      });
      const again = run();
      expect(again.stdout).toBe('again: list --json\n');
      expect(again.status).toBe(3);
    },
  );
});

describe('npm start without a display', () => {
  it.runIf(process.platform === 'linux' && existsSync(path.join(REPOSITORY, 'out', 'devhost')))(
    'says what there is to do and ends with 5',
    () => {
      const run = spawnSync(
        process.execPath,
        [path.join(REPOSITORY, 'electron', 'devhost', 'start.mjs')],
        {
          encoding: 'utf8',
          env: { PATH: '/nowhere', HOME: folder.path, ELECTRON_OVERRIDE_DIST_PATH: folder.path },
        },
      );
      expect(run.stderr).toContain("Electron's own binary is not here");
      expect(run.stderr).toContain('There is no display here');
      expect(run.stderr).toContain('npm run demo');
      expect(run.status).toBe(5);
    },
  );
});

describe('places', () => {
  it('keeps this machine’s own folder where each system wants it', () => {
    expect(machineFolder('linux', '/home/a', {})).toBe('/home/a/.local/state/custos');
    expect(machineFolder('linux', '/home/a', { XDG_STATE_HOME: '/s' })).toBe('/s/custos');
    expect(machineFolder('linux', '/home/a', { XDG_STATE_HOME: 'relative' })).toBe(
      '/home/a/.local/state/custos',
    );
    expect(machineFolder('darwin', '/Users/a', {})).toBe(
      '/Users/a/Library/Application Support/Custos',
    );
    expect(machineFolder('win32', 'C:/a', { LOCALAPPDATA: 'C:/l' })).toContain('Custos');
  });

  it('finds the law packs from the source tree and from a build, and says when there are none', () => {
    const expected = path.join(REPOSITORY, 'resources');
    expect(resourcesFolder(path.join(REPOSITORY, 'electron', 'cli'))).toBe(expected);
    expect(resourcesFolder(path.join(REPOSITORY, 'out', 'test-build', 'main'))).toBe(expected);
    expect(() => resourcesFolder(folder.path)).toThrow('Install Custos again');
  });

  it('starts at least one decoder and at most four', () => {
    expect([0, 1, 2, 4, 64].map(decoderCount)).toEqual([1, 1, 2, 4, 4]);
  });
});

describe('the local log', () => {
  it('is private, one JSON document a line, and turns over at 1 MB', async () => {
    const log = createLocalLog(path.join(folder.path, 'state'));
    log({ level: 'error', text: 'router: INTERNAL', incident: 'abc' });
    const file = path.join(folder.path, 'state', 'custos.log');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ incident: 'abc' });
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o077).toBe(0);
    await writeFile(file, 'x'.repeat(1_048_577));
    log({ level: 'info', text: 'next' });
    expect((await stat(`${file}.1`)).size).toBe(1_048_577);
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(1);
  });
});
