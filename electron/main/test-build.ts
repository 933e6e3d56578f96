/** What a test may set from outside. In a normal build this whole file answers null. */
import { readFile } from 'node:fs/promises';
import type { Dialogs } from '#core/ports.ts';
import type { CoreSettings } from '#electron/hosting/core-wire.ts';

/** Set by the build (electron.vite.config.ts). */
declare const __CUSTOS_TEST_BUILD__: boolean;

export interface TestSettings {
  machineDir: string;
  passwordCost: CoreSettings['passwordCost'];
  dialogs: Dialogs;
}

/** What the scripted dialogs answer; a test rewrites the file between steps. */
export interface Answers {
  workspace: string | null;
  sources: string[] | null;
  target: string | null;
  received: { file: string; identity: string | null } | null;
}

/**
 * SECURITY: decided when Custos is built, not when it is started: no environment variable makes a
 * normal build take its dialogs' answers, or a cheap password, from outside.
 * `CUSTOS_TEST` holds JSON: `machineDir`, and `answersFile` with the dialogs' answers.
 */
export function testSettings(env: NodeJS.ProcessEnv): TestSettings | null {
  if (!__CUSTOS_TEST_BUILD__) return null;
  const { machineDir, answersFile } = JSON.parse(env['CUSTOS_TEST'] ?? '{}') as {
    machineDir: string;
    answersFile: string;
  };
  const answers = async (): Promise<Answers> =>
    JSON.parse(await readFile(answersFile, 'utf8')) as Answers;
  return {
    machineDir,
    passwordCost: 'test',
    dialogs: {
      chooseWorkspace: async () => (await answers()).workspace,
      chooseSources: async () => (await answers()).sources,
      chooseTarget: async () => (await answers()).target,
      chooseReceived: async () => (await answers()).received,
    },
  };
}
