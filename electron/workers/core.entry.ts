/**
 * The core in a process of its own, as Electron runs it: waits for its port, then serves. Ended by
 * the host, on lock and on quitting; there is no way out from here.
 */
import { createWorkstation } from '#core/workstation.ts';
import { serveCore } from '#electron/hosting/core-server.ts';
import { fromElectronPort, type ElectronPort } from '#electron/hosting/electron-port.ts';

interface ParentPort {
  once(event: 'message', listener: (event: { ports: readonly ElectronPort[] }) => void): void;
}

const { parentPort } = process as unknown as { parentPort?: ParentPort };
if (!parentPort) throw new Error('core.entry runs in a utility process only');

parentPort.once('message', ({ ports: [port] }) => {
  if (!port) throw new Error('the host sent no port');
  serveCore(fromElectronPort(port), createWorkstation);
});
