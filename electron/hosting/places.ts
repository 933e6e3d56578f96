/** Where things lie on this machine. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CustosError } from '#shared/domain/errors.ts';

/** This machine's private folder for Custos, outside every workspace. It may not exist yet. */
export function machineFolder(
  platform: NodeJS.Platform,
  home: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  switch (platform) {
    case 'darwin':
      return path.join(home, 'Library', 'Application Support', 'Custos');
    case 'win32':
      return path.join(env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'Custos');
    default: {
      // The specification says a relative value must be ignored.
      const state = env['XDG_STATE_HOME'];
      return path.join(
        state && path.isAbsolute(state) ? state : path.join(home, '.local', 'state'),
        'custos',
      );
    }
  }
}

/** The nearest `resources` folder at or above `from`: source tree and build differ in depth. */
export function resourcesFolder(from: string): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'resources');
    if (existsSync(path.join(candidate, 'law-packs'))) return candidate;
    if (path.dirname(folder) === folder) {
      throw new CustosError(
        'IO_FAILED',
        'The law packs that belong to Custos are missing. Install Custos again.',
      );
    }
  }
}
