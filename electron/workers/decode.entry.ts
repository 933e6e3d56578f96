/**
 * Entry of a decoder process. It is given pictures' bytes and gives back facts and re-encoded
 * pixels; it holds no key, no path and no database, and anything it is sent that is not a request
 * ends it. Runs as a forked Node process or as Electron's utility process.
 */
import { READY, type DecoderAnswer } from '#core/media/protocol.ts';
import type { Port } from '#electron/hosting/core-wire.ts';
import { fromElectronPort, type ElectronPort } from '#electron/hosting/electron-port.ts';

/** The two kinds of wire. */
interface Wire {
  send(answer: DecoderAnswer | typeof READY): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** What Electron puts on `process` inside a utility process. */
interface ParentPort {
  once(event: 'message', listener: (event: { ports: readonly ElectronPort[] }) => void): void;
}

const NOT_A_REQUEST = 2;

// SECURITY: read by libvips when it starts, so it must be set before sharp is loaded, and is set
// here whatever the host did: it disables every loader that libvips itself calls untrusted.
process.env['VIPS_BLOCK_UNTRUSTED'] = '1';
const loaded = import('#core/media/decoder/serve.ts');

const wire = openWire();
// A library that cannot be loaded ends the process by Node's own rule, and nothing was said.
void loaded.then(() => wire.send(READY));
wire.onMessage((message) => {
  void handle(message);
});

/** A failure that is no picture's fault ends the process by Node's own rule; the pool reports it. */
async function handle(message: unknown): Promise<void> {
  const { answer } = await loaded;
  const reply = await answer(message);
  if (reply) wire.send(reply);
  else process.exit(NOT_A_REQUEST);
}

function openWire(): Wire {
  const parentPort = (process as { parentPort?: ParentPort }).parentPort;
  if (parentPort) return electronWire(parentPort);
  if (!process.send) throw new Error('A decoder is started by the core, not by hand.');
  // Nobody is left to answer to.
  process.on('disconnect', () => process.exit(0));
  return {
    send: (reply) => process.send?.(reply),
    onMessage: (listener) => process.on('message', listener),
  };
}

/**
 * SECURITY: the first message brings a port that leads straight to the core, so that a picture's
 * bytes never pass through the process that holds the windows. Nothing else is heard from there.
 */
function electronWire(parentPort: ParentPort): Wire {
  const core = new Promise<Port>((resolve, reject) => {
    parentPort.once('message', ({ ports: [port] }) => {
      if (port) resolve(fromElectronPort(port));
      else reject(new Error('The host sent no port.'));
    });
  });
  return {
    send: (reply) => void core.then((port) => port.post(reply)),
    onMessage: (listener) => void core.then((port) => port.onMessage(listener)),
  };
}
