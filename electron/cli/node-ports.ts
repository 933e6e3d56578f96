/** What the core needs from a host that is plain Node: the command line, tests, development host. */
import { availableParallelism, homedir } from 'node:os';
import type { Dialogs, Ports } from '#core/ports.ts';
import { createLocalLog } from '#electron/hosting/local-log.ts';
import { decoderCount, systemClock } from '#electron/hosting/machine.ts';
import { machineFolder, resourcesFolder } from '#electron/hosting/places.ts';
import { forkDecoder } from './decoder-host.ts';

export interface NodePortsOptions {
  host: 'development' | 'command-line';
  dialogs: Dialogs;
  passwordCost?: Ports['passwordCost'];
  /** Where this machine's own folder lies; tests give a temporary one. */
  machineDir?: string;
}

export function nodePorts(options: NodePortsOptions): Ports {
  const machineDir = options.machineDir ?? machineFolder(process.platform, homedir(), process.env);
  return {
    host: options.host,
    clock: systemClock,
    resourcesDir: resourcesFolder(import.meta.dirname),
    machineDir,
    decoders: decoderCount(availableParallelism()),
    spawnDecoder: forkDecoder,
    dialogs: options.dialogs,
    log: createLocalLog(machineDir),
    passwordCost: options.passwordCost ?? 'product',
  };
}

/** For hosts without a window: nobody is there to choose. */
export const noDialogs: Dialogs = {
  chooseWorkspace: () => Promise.resolve(null),
  chooseSources: () => Promise.resolve(null),
  chooseTarget: () => Promise.resolve(null),
  chooseReceived: () => Promise.resolve(null),
};
