/** Electron's doors, as far as they can be held without its binary. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Session } from 'electron';
import { describe, expect, it } from 'vitest';
import { childEnvironment } from '#electron/main/child-environment.ts';
import { FUSES, STRICTLY_REQUIRE_ALL_FUSES } from '#electron/main/hardening/fuses.ts';
import { findRefused } from '#electron/main/hardening/switches.ts';
import { windowOptions } from '#electron/main/hardening/window-options.ts';
import { REPOSITORY } from '../../hosts/app.ts';

describe('switches', () => {
  const linux = { platform: 'linux', testBuild: false } as const;

  it.each([
    '--remote-debugging-port=9222',
    '--remote-debugging-port',
    '--remote-debugging-pipe',
    '--no-sandbox',
    '-no-sandbox',
    '--No-Sandbox',
    '--disable-web-security',
    '--load-extension=/x',
    '--js-flags=--expose-gc',
    '--proxy-server=http://x',
    '--ssl-key-log-file=/x',
    '--host-resolver-rules=MAP * x',
    '--inspect=0',
    '--inspect-brk',
    '--user-data-dir=/x',
    '--log-net-log=/x',
  ])('refuses %s', (argument) => {
    expect(findRefused(['custos', argument], linux)).toHaveLength(1);
  });

  it('accepts ordinary arguments', () => {
    expect(findRefused(['.', 'a-file', '--ozone-platform=wayland', '/no-sandbox'], linux)).toEqual(
      [],
    );
  });

  it('knows the form with a slash on Windows', () => {
    expect(findRefused(['/no-sandbox'], { platform: 'win32', testBuild: false })).toEqual([
      'no-sandbox',
    ]);
  });

  it('lets a driver attach to a test build and nothing else', () => {
    const test = { platform: 'linux', testBuild: true } as const;
    expect(findRefused(['--inspect=0', '--remote-debugging-port=0'], test)).toEqual([]);
    expect(findRefused(['--no-sandbox', '--disable-web-security'], test)).toHaveLength(2);
  });
});

describe('the window', () => {
  it('has every preference of the promise', () => {
    const preferences = (packaged: boolean) =>
      windowOptions({ session: {} as Session, preload: '/x', packaged }).webPreferences;
    expect(preferences(true)).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      plugins: false,
      webgl: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      imageAnimationPolicy: 'noAnimation',
      devTools: false,
    });
    expect(preferences(false)?.devTools).toBe(true);
  });
});

describe('fuses', () => {
  it('are set as promised', () => {
    expect(FUSES).toEqual({
      RunAsNode: false,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      LoadBrowserProcessSpecificV8Snapshot: false,
      GrantFileProtocolExtraPrivileges: false,
      EnableCookieEncryption: true,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
    });
    expect(STRICTLY_REQUIRE_ALL_FUSES).toBe(true);
  });
});

describe('child processes', () => {
  it('inherit nothing that loads code or writes keys down', () => {
    const passed = childEnvironment({
      HOME: '/home/x',
      NODE_OPTIONS: '--require /x',
      LD_PRELOAD: '/x.so',
      LD_LIBRARY_PATH: '/x',
      DYLD_INSERT_LIBRARIES: '/x',
      ELECTRON_RUN_AS_NODE: '1',
      SSLKEYLOGFILE: '/x',
      PATH: '/x',
    });
    expect(passed).toEqual({ HOME: '/home/x' });
  });
});

describe('the source of main and preload', () => {
  const files = async (folder: string): Promise<Map<string, string>> => {
    const names = (await readdir(folder, { recursive: true })).filter((n) => n.endsWith('.ts'));
    return new Map(
      await Promise.all(
        names.map(async (name) => [name, await readFile(path.join(folder, name), 'utf8')] as const),
      ),
    );
  };
  const using = (sources: Map<string, string>, word: RegExp): string[] =>
    [...sources].filter(([, text]) => word.test(withoutComments(text))).map(([name]) => name);

  it('uses ipcMain in the gate only, and never what opens a door outwards', async () => {
    const main = await files(path.join(REPOSITORY, 'electron', 'main'));
    expect(using(main, /\bipcMain\b/)).toEqual(['ipc-gate.ts']);
    expect(
      using(
        main,
        /\b(shell|openExternal|autoUpdater|crashReporter|net\.(fetch|request)|bypassCSP|executeJavaScript|loadFile)\b/,
      ),
    ).toEqual([]);
  });

  it('crosses the bridge once', async () => {
    const preload = await files(path.join(REPOSITORY, 'electron', 'preload'));
    expect(using(preload, /exposeInMainWorld/)).toEqual(['index.ts']);
    expect(using(preload, /ipcRenderer/)).toEqual(['index.ts']);
  });
});

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
