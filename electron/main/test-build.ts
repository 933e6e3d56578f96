/** What a test may set from outside. In a normal build this whole file answers null. */
import type { Dialogs } from '#core/ports.ts';
import type { CoreSettings } from '#electron/hosting/core-wire.ts';

/** Set by the build (electron.vite.config.ts). */
declare const __CUSTOS_TEST_BUILD__: boolean;

export interface TestSettings {
  machineDir: string;
  passwordCost: CoreSettings['passwordCost'];
  dialogs: Dialogs;
}

/**
 * SECURITY: decided when Custos is built, not when it is started: no environment variable makes a
 * normal build take its dialogs' answers, or a cheap password, from outside.
 * `CUSTOS_TEST` holds JSON: machineDir, and the answers of the dialogs.
 */
export function testSettings(env: NodeJS.ProcessEnv): TestSettings | null {
  if (!__CUSTOS_TEST_BUILD__) return null;
  const given = JSON.parse(env['CUSTOS_TEST'] ?? '{}') as {
    machineDir: string;
    answers: {
      workspace: string | null;
      sources: string[] | null;
      target: string | null;
      received: { file: string; identity: string | null } | null;
    };
  };
  const { machineDir, answers } = given;
  return {
    machineDir,
    passwordCost: 'test',
    dialogs: {
      chooseWorkspace: () => Promise.resolve(answers.workspace),
      chooseSources: () => Promise.resolve(answers.sources),
      chooseTarget: () => Promise.resolve(answers.target),
      chooseReceived: () => Promise.resolve(answers.received),
    },
  };
}
