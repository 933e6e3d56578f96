/** Electron's message ports as `Port`, typed by shape: this folder does not know Electron. */
import type { Port } from './core-wire.ts';

export interface ElectronPort {
  postMessage(message: unknown): void;
  on(
    event: 'message',
    listener: (event: { data: unknown; ports: readonly ElectronPort[] }) => void,
  ): unknown;
  start(): void;
}

export function fromElectronPort(port: ElectronPort): Port {
  return {
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      port.on('message', ({ data, ports }) => listener(data, ports.map(fromElectronPort)));
      // Messages queue until somebody listens.
      port.start();
    },
  };
}
