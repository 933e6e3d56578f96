/** What a run of the command line happens in: its streams, its ports, and being asked to stop. */
import { EXIT, CustosError, type ExitCode } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import { createInterrupt, type Interrupt } from './interrupt.ts';
import { noDialogs, nodePorts } from './node-ports.ts';
import type { SecretInput } from './secrets.ts';

/** One of the two streams that are written to. */
export interface Screen {
  /** Throws IO_FAILED where the answer cannot be written; nothing where nobody reads any more. */
  write(text: string): void;
  readonly isTTY: boolean;
  /** Characters in a line, where it is a terminal. */
  readonly columns: number | undefined;
}

export interface Surroundings {
  readonly stdin: SecretInput;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly interrupt: Interrupt;
  /** `machineDir`: for the demo, which keeps even that in its own folder. */
  ports(machineDir?: string): Ports;
  /** Waits until all output is written; the exit code of what went wrong with it, else null. */
  outputFailed(): Promise<ExitCode | null>;
  /** Called once, last. */
  leave(exit: ExitCode): void;
}

/** The process itself. */
export function processSurroundings(): Surroundings {
  let failed: ExitCode | null = null;
  const onFailure = (code: string): void => {
    failed = EXIT.io;
    process.stderr.write(`The answer could not be written to the output (${code}).\n`);
  };
  const interrupt = createInterrupt();
  const unlisten = listenForSignals(interrupt);
  return {
    stdin: process.stdin,
    stdout: screen(process.stdout, onFailure),
    // Where stderr itself cannot be written there is nobody left to tell.
    stderr: screen(process.stderr, () => undefined),
    interrupt,
    ports: (machineDir) =>
      nodePorts({
        host: 'command-line',
        dialogs: noDialogs,
        ...(machineDir === undefined ? {} : { machineDir }),
      }),
    async outputFailed() {
      // Its failure is told by the stream's own event; whoever reads no more is no failure.
      await new Promise<void>((written) => process.stdout.write('', () => written()));
      await new Promise((next) => setImmediate(next));
      return failed;
    },
    leave(exit) {
      unlisten();
      // What was left where it stood (a long reading, say) must not keep the process alive.
      if (interrupt.signal.aborted) process.exit(exit);
    },
  };
}

function screen(stream: NodeJS.WriteStream, onFailure: (code: string) => void): Screen {
  let unread = false;
  // Whoever reads our output may stop early (`custos items … | head`). That is no failure: the
  // command goes on without output, so that the workspace is closed as it should be.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!unread && error.code !== 'EPIPE') onFailure(error.code ?? 'unknown');
    unread = true;
  });
  return {
    isTTY: stream.isTTY,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    write(text) {
      if (unread) return;
      try {
        stream.write(text);
      } catch (error) {
        // Files are written to at once, so a full disk is met here.
        unread = true;
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        if (code === 'EPIPE') return;
        const sentence = `The answer could not be written to the output (${code}). Free some space, or send it elsewhere.`;
        throw new CustosError('IO_FAILED', sentence, { cause: error });
      }
    },
  };
}

/** The first Ctrl-C asks the work to end; a second one does not wait for that. */
function listenForSignals(interrupt: Interrupt): () => void {
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(EXIT.wrong);
    interrupt.fire();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
