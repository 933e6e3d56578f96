/** Everything that has to be settled before Electron is ready. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { app, protocol } from 'electron';
import { NO_NETWORK } from '#electron/hosting/no-network.ts';
import { findRefused, REFUSED_SWITCHES } from './switches.ts';

export const SCHEME = 'custos';
export const APP_ORIGIN = `${SCHEME}://app`;

/** Electron may set these on itself; as arguments of a person they are refused all the same. */
const SET_BY_ELECTRON: ReadonlySet<string> = new Set([
  'enable-features',
  'disable-features',
  'enable-blink-features',
  'disable-blink-features',
  'user-data-dir',
]);

const SESSION_PREFIX = 'session-';

/** True when Custos may start with these arguments; else says why not. */
export function acceptsSwitches(testBuild: boolean): boolean {
  const inArguments = findRefused(process.argv.slice(1), { platform: process.platform, testBuild });
  // Switches may also have come in by Electron's own ways, where only names can be asked for.
  // A test build is started by its driver, which applies switches of its own choice.
  const applied = testBuild
    ? []
    : REFUSED_SWITCHES.filter(
        (name) => !SET_BY_ELECTRON.has(name) && app.commandLine.hasSwitch(name),
      );
  const refused = [...new Set([...inArguments, ...applied])];
  if (refused.length === 0) return true;
  process.stderr.write(
    `Custos does not start with ${refused.map((name) => `--${name}`).join(', ')}: ` +
      'it would open the workstation to other programs. Start it without.\n',
  );
  return false;
}

/**
 * Sandbox, network, scheme and folders. `machineDir` holds Chromium's own files for this run, in a
 * private folder that is removed at the end. Returns how to remove it.
 */
export function prepare(machineDir: string): () => void {
  // SECURITY: every renderer is sandboxed, whatever a window asks for.
  app.enableSandbox();
  for (const [name, value] of NO_NETWORK) {
    if (value === undefined) app.commandLine.appendSwitch(name);
    else app.commandLine.appendSwitch(name, value);
  }
  app.commandLine.appendSwitch('disable-http-cache');
  app.commandLine.appendSwitch('disable-gpu-shader-disk-cache');
  // SECURITY: would write the keys of any connection to a file.
  Reflect.deleteProperty(process.env, 'SSLKEYLOGFILE');
  protocol.registerSchemesAsPrivileged([
    // SECURITY: never bypassCSP, never corsEnabled: the policy and the origin are the walls.
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);

  mkdirSync(machineDir, { recursive: true, mode: 0o700 });
  app.setPath('userData', machineDir);
  const sessionData = mkdtempSync(path.join(machineDir, SESSION_PREFIX));
  app.setPath('sessionData', sessionData);
  return () => rmSync(sessionData, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes what killed runs left. Only once this run is known to be the single instance. */
export function removeAbandonedSessions(machineDir: string): void {
  const mine = path.basename(app.getPath('sessionData'));
  for (const name of readdirSync(machineDir)) {
    if (!name.startsWith(SESSION_PREFIX) || name === mine) continue;
    rmSync(path.join(machineDir, name), { recursive: true, force: true });
  }
}
