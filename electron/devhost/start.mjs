// `npm start`: Electron where its binary is, else the same workstation in an installed Chromium,
// else a sentence that says what to do. Plain JavaScript, so that it can speak on any Node.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureRuntime } from '../cli/guard.mjs';

ensureRuntime();

const root = fileURLToPath(new URL('../../', import.meta.url));
const electron = findElectron();
const asRoot = process.getuid?.() === 0;

if (electron && !(asRoot && process.platform === 'linux')) {
  await runElectron(electron);
} else {
  say(
    electron
      ? 'Electron does not run as root with its sandbox on, and Custos never turns that off there.'
      : `Electron's own binary is not here (it is fetched separately: "npx install-electron").`,
  );
  process.exitCode = await runInChromium();
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

/** Never asks the package for its path: that would start a download. */
function findElectron() {
  const home = path.join(root, 'node_modules', 'electron');
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
  const told = path.join(home, 'path.txt');
  const program = existsSync(told)
    ? readFileSync(told, 'utf8').trim()
    : (names[process.platform] ?? 'electron');
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(home, 'dist');
  const file = path.join(folder, program);
  return existsSync(file) ? file : null;
}

async function runInChromium() {
  try {
    const { openWindow } = await import('./window.ts');
    return await openWindow({ root, say });
  } catch (error) {
    // Failures of ours carry a code and a sentence; anything else is told in full.
    say(error?.code && error.message ? error.message : String(error?.stack ?? error));
    return 5;
  }
}

async function runElectron(binary) {
  // The folder, not the file: Electron then reads name and entry from package.json.
  const entry = [root, ...process.argv.slice(2)];
  // SECURITY: no core file may be written, it would hold pictures and keys. Only the shell can set
  // the limit before the program starts.
  const [command, args] =
    process.platform === 'win32'
      ? [binary, entry]
      : ['/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', binary, ...entry]];
  const env = { ...process.env };
  // Set by some terminals; it would turn Electron into a plain Node.
  delete env.ELECTRON_RUN_AS_NODE;
  const child = spawn(command, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve) => {
    child.on('error', () => {
      say('Electron is here but could not be started. Fetch it again: "npx install-electron".');
      resolve(5);
    });
    child.on('exit', (code) => resolve(code ?? 5));
  });
}
