/** The core's process: keys, database, blobs and record live there and end with it. */
import path from 'node:path';
import { MessageChannelMain, utilityProcess } from 'electron';
import type { CoreEvent } from '#shared/contract/contract.ts';
import type { Dialogs } from '#core/ports.ts';
import { connectCore, type CoreClient } from '#electron/hosting/core-client.ts';
import type { CoreSettings, LockReason } from '#electron/hosting/core-wire.ts';
import { fromElectronPort } from '#electron/hosting/electron-port.ts';
import type { HostedCore } from '#electron/hosting/workstation.ts';
import { childEnvironment } from './child-environment.ts';
import { createDecoders } from './decoders.ts';

/** A core that has not locked by then is ended as it is; its next open finds what was in flight. */
const PATIENCE_MS = 5_000;

export interface CoreProcess extends HostedCore {
  lock(why: LockReason): Promise<void>;
  /** Ends the process and starts a fresh one that holds no key. */
  replace(): Promise<void>;
  /** Ends the process for good. */
  end(): Promise<void>;
  /** The process ended without being asked to. */
  onCrash(listener: () => void): void;
}

interface Running {
  client: CoreClient;
  /** Settles when the process has gone. */
  gone: Promise<void>;
  kill: () => void;
}

export function startCore(parts: {
  /** Folder of the built entries. */
  folder: string;
  settings: CoreSettings;
  dialogs: Dialogs;
}): CoreProcess {
  const listeners = new Set<(event: CoreEvent) => void>();
  const crashed = new Set<() => void>();
  let ending = false;
  let running = start();

  function start(): Running {
    const child = utilityProcess.fork(path.join(parts.folder, 'core.entry.js'), [], {
      serviceName: 'custos-core',
      stdio: 'ignore',
      env: childEnvironment(process.env),
    });
    const { port1, port2 } = new MessageChannelMain();
    child.postMessage(null, [port1]);
    const decoders = createDecoders(path.join(parts.folder, 'decode.entry.js'), (message, ports) =>
      port2.postMessage(message, ports),
    );
    const client = connectCore(fromElectronPort(port2), parts.settings, {
      dialogs: parts.dialogs,
      decoders,
    });
    client.onEvent((event) => {
      for (const listener of listeners) listener(event);
    });
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => {
        client.ended();
        decoders.killAll();
        port2.close();
        resolve();
        if (!ending) for (const listener of crashed) listener();
      });
    });
    return { client, gone, kill: () => void child.kill() };
  }

  /** Locks in order where the core still can, and ends the process in any case. */
  async function stop(why: LockReason): Promise<void> {
    ending = true;
    const { client, gone, kill } = running;
    await Promise.race([client.lock(why), gone, delay(PATIENCE_MS)]);
    // SECURITY: lock means purge. The keys were zeroed by the core; the process goes as well.
    kill();
    await gone;
  }

  return {
    call: (channel, input) => running.client.call(channel, input),
    picture: (token) => running.client.picture(token),
    activity: () => running.client.activity(),
    lock: (why) => running.client.lock(why),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onCrash: (listener) => void crashed.add(listener),
    async replace() {
      await stop('command');
      running = start();
      ending = false;
    },
    end: () => stop('closed'),
  };
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
