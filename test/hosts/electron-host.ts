/** The same under real Electron: a test build of its own, driven by Playwright. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { _electron as driver } from 'playwright';
import { NO_ANSWERS, REPOSITORY, temporaryFolder, type Answers, type OpenApp } from './app.ts';

/** Electron's program, or null where its binary was not fetched. Never fetches it. */
export function electronBinary(): string | null {
  const home = path.join(REPOSITORY, 'node_modules', 'electron');
  const told = path.join(home, 'path.txt');
  if (!existsSync(told)) return null;
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(home, 'dist');
  const program = path.join(folder, readFileSync(told, 'utf8').trim());
  return existsSync(program) ? program : null;
}

let built: Promise<unknown> | null = null;

/** A normal build refuses to be driven, so the suite drives one that is marked as a test's. */
function buildOnce(): Promise<unknown> {
  built ??= promisify(execFile)(
    process.execPath,
    ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
    { cwd: REPOSITORY, env: { ...process.env, CUSTOS_BUILD: 'test' } },
  );
  return built;
}

export const openInElectron: OpenApp = async (options = {}) => {
  const executablePath = electronBinary();
  if (!executablePath) throw new Error('Electron binary absent');
  await buildOnce();
  const machine = await temporaryFolder('machine');
  const answersFile = path.join(machine.path, 'answers.json');
  let answers: Answers = { ...NO_ANSWERS, ...options.answers };
  const write = (): Promise<void> => writeFile(answersFile, JSON.stringify(answers));
  await write();
  const electron = await driver.launch({
    executablePath,
    args: [path.join(REPOSITORY, 'out', 'test-build', 'main', 'index.js')],
    env: {
      ...(process.env as Record<string, string>),
      CUSTOS_TEST: JSON.stringify({
        machineDir: options.machineDir ?? machine.path,
        answersFile,
      }),
    },
  });
  const first = await electron.firstWindow();
  if (options.size) await first.setViewportSize(options.size);
  return {
    host: 'electron',
    // A lock throws the window away and opens another.
    get page() {
      return electron.windows().at(-1) ?? first;
    },
    async answer(next) {
      answers = { ...answers, ...next };
      await write();
    },
    async close() {
      await electron.close();
      await machine.remove();
    },
  };
};
