/**
 * The command line as a process of its own, with cheap passwords: machine folder, milliseconds by
 * which every picture is held back (so that a test can meet an import in the middle), arguments.
 */
import type { DecoderProcess } from '#core/ports.ts';
import { forkDecoder } from '#electron/cli/decoder-host.ts';
import { main } from '#electron/cli/main.ts';
import { processSurroundings } from '#electron/cli/surroundings.ts';
import { testPorts } from '../../support/workspace.ts';

const [machineDir, pace, ...args] = process.argv.slice(2);
process.exitCode = await main(args, {
  ...processSurroundings(),
  ports: () => testPorts({ machineDir: machineDir!, spawnDecoder: slowDecoder }),
});

function slowDecoder(): DecoderProcess {
  const decoder = forkDecoder();
  return {
    ...decoder,
    send: (message) => setTimeout(() => decoder.send(message), Number(pace)),
  };
}
