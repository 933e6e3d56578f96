/** The real core and the built screens in Chromium, in this process. */
import path from 'node:path';
import { createWorkstation } from '#core/workstation.ts';
import { nodePorts } from '#electron/cli/node-ports.ts';
import { openDevHost } from '#electron/devhost/host.ts';
import { NO_ANSWERS, REPOSITORY, temporaryFolder, type Answers, type OpenApp } from './app.ts';
import { anyChromium } from './chromium.ts';

export const openInBrowser: OpenApp = async (options = {}) => {
  const machine = await temporaryFolder('machine');
  let answers: Answers = { ...NO_ANSWERS, ...options.answers };
  const workstation = createWorkstation(
    nodePorts({
      host: 'development',
      machineDir: options.machineDir ?? machine.path,
      passwordCost: 'test',
      dialogs: {
        chooseWorkspace: async () => answers.workspace,
        chooseSources: async () => answers.sources,
        chooseTarget: async () => answers.target,
        chooseReceived: async () => answers.received,
      },
    }),
  );
  const host = await openDevHost({
    core: workstation,
    chromium: await anyChromium(),
    headless: true,
    built: path.join(REPOSITORY, 'out'),
    ...(options.size ? { size: options.size } : {}),
  });
  return {
    host: 'browser',
    page: host.page,
    workstation,
    async answer(next) {
      answers = { ...answers, ...next };
    },
    async close() {
      await host.close();
      await workstation.shutdown();
      await machine.remove();
    },
  };
};
