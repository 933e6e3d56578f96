/** Electron's entry: doors and locks, in the order they are put up. Holds no key and no picture. */
import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import { app, dialog } from 'electron';
import { createAnswer } from '#electron/hosting/answer.ts';
import { decoderCount } from '#electron/hosting/machine.ts';
import { machineFolder, resourcesFolder } from '#electron/hosting/places.ts';
import { loadStaticFiles } from '#electron/hosting/static-files.ts';
import { startCore, type CoreProcess } from './core-process.ts';
import {
  acceptsSwitches,
  APP_ORIGIN,
  prepare,
  removeAbandonedSessions,
} from './hardening/before-ready.ts';
import { openSession } from './hardening/session.ts';
import { hardenContents } from './hardening/window.ts';
import { openGate } from './ipc-gate.ts';
import { installLock } from './lock.ts';
import { createDialogs } from './os/dialogs.ts';
import { installMenu } from './os/menu.ts';
import { serveScheme } from './protocol.ts';
import { createScreen } from './screen.ts';
import { testSettings } from './test-build.ts';

const built = path.resolve(import.meta.dirname, '..');
const test = testSettings(process.env);
const machineDir = test?.machineDir ?? machineFolder(process.platform, homedir(), process.env);

if (acceptsSwitches(test !== null)) begin();
else app.exit(2);

function begin(): void {
  const removeSession = prepare(machineDir);
  app.on('quit', removeSession);
  hardenContents(app);
  if (!app.requestSingleInstanceLock()) return app.quit();
  removeAbandonedSessions(machineDir);
  app.whenReady().then(open).catch(giveUp);
}

async function open(): Promise<void> {
  const session = await openSession();
  const core: CoreProcess = startCore({
    folder: import.meta.dirname,
    settings: {
      machineDir,
      resourcesDir: resourcesFolder(import.meta.dirname),
      decoders: decoderCount(availableParallelism()),
      passwordCost: test?.passwordCost ?? 'product',
    },
    dialogs: test?.dialogs ?? createDialogs(() => screen.window()),
  });
  serveScheme(
    session,
    createAnswer({
      origin: APP_ORIGIN,
      files: await loadStaticFiles(path.join(built, 'renderer')),
      picture: (token) => core.picture(token),
    }),
  );
  const screen = createScreen({
    session,
    url: `${APP_ORIGIN}/`,
    preload: path.join(built, 'preload', 'index.cjs'),
    packaged: app.isPackaged,
    closed: () => app.quit(),
    // SECURITY: what killed the renderer may have been an attack on it: ask for the password again.
    crashed: () => purge(),
  });
  openGate({ origin: APP_ORIGIN, core, contents: () => screen.contents() });
  const purge = installLock(core, screen, giveUp);
  installMenu({ packaged: app.isPackaged, lock: () => void core.lock('command') });
  app.on('second-instance', () => screen.focus());
  endInOrder(core);
  await screen.open();
}

/** Quitting waits until the core has closed the workspace and its process has gone. */
function endInOrder(core: CoreProcess): void {
  let ended = false;
  app.on('before-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    void core.end().finally(() => {
      ended = true;
      app.quit();
    });
  });
}

function giveUp(): void {
  dialog.showErrorBox(
    'Custos has to close',
    'A part of the workstation stopped working. Everything that was confirmed is safe. ' +
      'Start Custos again; the local log says more.',
  );
  app.exit(5);
}
