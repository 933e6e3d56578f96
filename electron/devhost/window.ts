/** The development host with a person in front of it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createWorkstation } from '#core/workstation.ts';
import { nodePorts } from '#electron/cli/node-ports.ts';
import { findChromium } from './chromium.ts';
import { createPageDialogs } from './dialogs.ts';
import { isRoot, openDevHost } from './host.ts';

interface WindowOptions {
  /** Folder of the repository. */
  root: string;
  say: (sentence: string) => void;
}

const OTHERWISE =
  'Without a window, "npm run demo" shows the whole job and "npm run custos -- --help" lists the commands.';

/** Opens the workstation in an installed Chromium and returns the exit code once it is closed. */
export async function openWindow({ root, say }: WindowOptions): Promise<number> {
  const built = path.join(root, 'out');
  if (!existsSync(path.join(built, 'devhost', 'letterbox.js'))) {
    say('Custos is not built yet. Run "npm run build" first.');
    return 5;
  }
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) {
    say(`There is no display here to open a window on. ${OTHERWISE}`);
    return 5;
  }
  const chromium = await findChromium({ withWindows: true });
  if (!chromium) {
    say(
      'No Chromium, Chrome or Edge was found either. Install one (or name one in CUSTOS_CHROMIUM), ' +
        `or fetch Electron with "npx install-electron". ${OTHERWISE}`,
    );
    return 5;
  }
  say('Opening the development host: the same workstation in an installed Chromium.');
  if (isRoot()) say('You are root, so Chromium runs without its sandbox. Use an ordinary user.');
  return run(built, chromium);
}

async function run(
  built: string,
  chromium: NonNullable<Awaited<ReturnType<typeof findChromium>>>,
): Promise<number> {
  const dialogs = createPageDialogs();
  const workstation = createWorkstation(nodePorts({ host: 'development', dialogs }));
  try {
    const host = await openDevHost({ core: workstation, chromium, built, headless: false });
    dialogs.attach(host);
    const end = (): void => {
      // Its failure is seen by whoever waits for `closed`.
      host.close().catch(() => undefined);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
    await host.closed;
    return 0;
  } finally {
    await workstation.shutdown();
  }
}
