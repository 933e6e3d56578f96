/**
 * Workspaces this machine opened before, newest first. The list holds folder paths only and lives
 * in the machine's private folder, never in a workspace.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Ports } from '#core/ports.ts';
import { makeFolder, writeFileDurably } from '#core/store/files.ts';

const MOST = 8;
const schema = z.array(z.strictObject({ path: z.string(), lastOpened: z.iso.datetime() }));
type Recents = z.infer<typeof schema>;

const fileOf = (ports: Pick<Ports, 'machineDir'>): string =>
  join(ports.machineDir, 'recent-workspaces.json');

/** Workspaces that are still there. A damaged list is a convenience lost, not an error. */
export function recentWorkspaces(ports: Pick<Ports, 'machineDir' | 'log'>): Recents {
  const file = fileOf(ports);
  if (!existsSync(file)) return [];
  try {
    const listed = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return listed.filter((entry) => existsSync(join(entry.path, 'custos.json')));
  } catch {
    ports.log({ level: 'warning', text: 'the list of recent workspaces could not be read' });
    return [];
  }
}

/** A list that cannot be written is no reason to keep a workspace from opening. */
export function rememberWorkspace(
  ports: Pick<Ports, 'machineDir' | 'log' | 'clock'>,
  path: string,
): void {
  const lastOpened = ports.clock.now().toISOString();
  const others = recentWorkspaces(ports).filter((entry) => entry.path !== path);
  const list = [{ path, lastOpened }, ...others].slice(0, MOST);
  try {
    makeFolder(ports.machineDir);
    writeFileDurably(fileOf(ports), JSON.stringify(list, null, 2));
  } catch {
    ports.log({ level: 'warning', text: 'the list of recent workspaces could not be written' });
  }
}
