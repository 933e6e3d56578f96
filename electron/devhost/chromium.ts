/** Finds a Chromium to run the screens in, without ever fetching one. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { carriedChromium, type Chromium } from './carried-chromium.ts';

export type { Chromium };

export interface FindOptions {
  /** Only one that can show a window will do. */
  withWindows: boolean;
  /** Asked for by name; wins over everything. */
  executable?: string | undefined;
}

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
  'msedge',
];

const USUAL_PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/usr/lib/chromium/chromium', '/opt/google/chrome/chrome', '/snap/bin/chromium'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) => {
    const base = process.env[name];
    return base
      ? [
          path.join(base, 'Google/Chrome/Application/chrome.exe'),
          path.join(base, 'Chromium/Application/chrome.exe'),
          path.join(base, 'Microsoft/Edge/Application/msedge.exe'),
        ]
      : [];
  }),
};

/**
 * In this order: the one asked for, `CUSTOS_CHROMIUM`, an installed one, then (where no window is
 * needed) the one a development package carries. Null where there is none.
 */
export async function findChromium({
  withWindows,
  executable,
}: FindOptions): Promise<Chromium | null> {
  const asked = executable ?? process.env['CUSTOS_CHROMIUM'];
  if (asked) return isFile(asked) ? installed(asked) : null;
  const found = [...onPath(), ...(USUAL_PLACES[process.platform] ?? [])].find(isFile);
  if (found) return installed(found);
  return withWindows ? null : carriedChromium();
}

function installed(executable: string): Chromium {
  return { executable, canShowWindows: true, env: {} };
}

function onPath(): string[] {
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .flatMap((folder) =>
      NAMES.flatMap((name) => endings.map((ending) => path.join(folder, name + ending))),
    );
}

function isFile(file: string): boolean {
  return existsSync(file) && statSync(file).isFile();
}
