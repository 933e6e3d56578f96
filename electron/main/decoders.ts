/** Decoder processes, started and ended for the core; their messages do not pass through here. */
import {
  app,
  MessageChannelMain,
  utilityProcess,
  type MessagePortMain,
  type UtilityProcess,
} from 'electron';
import type { DecoderKeeper } from '#electron/hosting/core-client.ts';
import type { ToCore } from '#electron/hosting/core-wire.ts';
import { childEnvironment } from './child-environment.ts';

export interface Decoders extends DecoderKeeper {
  killAll(): void;
}

/** How often the core learns how much memory each decoder holds. */
const MEMORY_EVERY_MS = 250;

/** `send` reaches the core, with the port that leads to the new decoder where there is one. */
export function createDecoders(
  entry: string,
  send: (message: ToCore, ports?: MessagePortMain[]) => void,
): Decoders {
  const running = new Map<number, UtilityProcess>();
  let watch: NodeJS.Timeout | null = null;

  const reportMemory = (): void => {
    const sizes = new Map(
      app.getAppMetrics().map(({ pid, memory }) => [pid, memory.workingSetSize]),
    );
    for (const [id, child] of running) {
      const kilobytes = child.pid === undefined ? undefined : sizes.get(child.pid);
      if (kilobytes !== undefined) send({ t: 'decoder-memory', id, bytes: kilobytes * 1024 });
    }
  };
  const watchWhileRunning = (): void => {
    if (running.size > 0) {
      watch ??= setInterval(reportMemory, MEMORY_EVERY_MS);
    } else if (watch) {
      clearInterval(watch);
      watch = null;
    }
  };

  return {
    spawn(id) {
      // SECURITY: a decoder is told nothing: no argument, no path, no key, hardly an environment.
      const child = utilityProcess.fork(entry, [], {
        serviceName: 'custos-decoder',
        stdio: 'ignore',
        env: { ...childEnvironment(process.env), VIPS_BLOCK_UNTRUSTED: '1' },
      });
      running.set(id, child);
      const { port1, port2 } = new MessageChannelMain();
      child.postMessage(null, [port1]);
      child.once('exit', (code) => {
        running.delete(id);
        send({ t: 'decoder-exit', id, reason: `exit code ${String(code)}` });
        watchWhileRunning();
      });
      send({ t: 'decoder-ready', id }, [port2]);
      watchWhileRunning();
    },
    kill(id) {
      running.get(id)?.kill();
    },
    killAll() {
      for (const child of running.values()) child.kill();
    },
  };
}
