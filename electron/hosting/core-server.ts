/** The core's end of the wire: serves one host over one port. */
import type { DecoderProcess, Dialogs, Ports } from '#core/ports.ts';
import { createLocalLog } from './local-log.ts';
import { systemClock } from './machine.ts';
import type { CoreSettings, FromCore, LockReason, Port, ToCore } from './core-wire.ts';
import type { HostedCore } from './workstation.ts';

/** The core as it is served: what a host needs, and locking. */
export interface ServedCore extends HostedCore {
  lock(why: LockReason): Promise<void>;
}

/** Serves until the process ends. `create` is called once, when the host says how to start. */
export function serveCore(port: Port, create: (ports: Ports) => ServedCore): void {
  const post = (message: FromCore): void => port.post(message);
  const dialogs = createRemoteDialogs(post);
  const decoders = createRemoteDecoders(post);
  let core: ServedCore | null = null;

  const answer = (id: number, work: Promise<unknown>): void => {
    // Calls and pictures never reject; a lock that does has already been logged by the core.
    void work.catch(() => null).then((value) => post({ t: 'answer', id, value }));
  };
  port.onMessage((raw, ports) => {
    const message = raw as ToCore;
    switch (message.t) {
      case 'start': {
        core = create(remotePorts(message.settings, dialogs.port, decoders.spawn));
        core.onEvent((event) => post({ t: 'event', event }));
        return;
      }
      case 'call':
        return answer(message.id, started(core).call(message.channel, message.input));
      case 'picture':
        return answer(message.id, started(core).picture(message.token));
      case 'lock':
        return answer(message.id, started(core).lock(message.why));
      case 'activity':
        return started(core).activity();
      case 'dialog-answer':
        return dialogs.answered(message.id, message.value);
      case 'decoder-ready':
        return decoders.ready(message.id, ports[0]);
      case 'decoder-memory':
        return decoders.memory(message.id, message.bytes);
      case 'decoder-exit':
        return decoders.exited(message.id, message.reason);
    }
  });
}

function started(core: ServedCore | null): ServedCore {
  if (!core) throw new Error('the host asked before it said how to start');
  return core;
}

function remotePorts(
  settings: CoreSettings,
  dialogs: Dialogs,
  spawnDecoder: Ports['spawnDecoder'],
): Ports {
  return {
    ...settings,
    host: 'electron',
    clock: systemClock,
    spawnDecoder,
    dialogs,
    log: createLocalLog(settings.machineDir),
  };
}

function createRemoteDialogs(post: (message: FromCore) => void) {
  const waiting = new Map<number, (value: unknown) => void>();
  let lastId = 0;
  const ask = <T>(name: keyof Dialogs, argument: unknown): Promise<T> =>
    new Promise((resolve) => {
      const id = ++lastId;
      waiting.set(id, (value) => resolve(value as T));
      post({ t: 'dialog', id, ask: name, argument });
    });
  const port: Dialogs = {
    chooseWorkspace: (purpose) => ask('chooseWorkspace', purpose),
    chooseSources: (kind) => ask('chooseSources', kind),
    chooseTarget: (suggestedName) => ask('chooseTarget', suggestedName),
    chooseReceived: () => ask('chooseReceived', null),
  };
  return {
    port,
    answered(id: number, value: unknown): void {
      waiting.get(id)?.(value);
      waiting.delete(id);
    },
  };
}

/** A decoder that the host is still starting: messages wait until its port arrives. */
interface RemoteDecoder {
  port: Port | null;
  queued: unknown[];
  bytes: number | null;
  messages: ((message: unknown) => void)[];
  exits: ((reason: string) => void)[];
}

function createRemoteDecoders(post: (message: FromCore) => void) {
  const alive = new Map<number, RemoteDecoder>();
  let lastId = 0;

  const spawn = (): DecoderProcess => {
    const id = ++lastId;
    const decoder: RemoteDecoder = { port: null, queued: [], bytes: null, messages: [], exits: [] };
    alive.set(id, decoder);
    post({ t: 'decoder-spawn', id });
    return {
      send(message) {
        if (decoder.port) decoder.port.post(message);
        else decoder.queued.push(message);
      },
      onMessage: (listener) => void decoder.messages.push(listener),
      onExit: (listener) => void decoder.exits.push(listener),
      kill: () => post({ t: 'decoder-kill', id }),
      residentBytes: () => decoder.bytes,
    };
  };
  return {
    spawn,
    ready(id: number, port: Port | undefined): void {
      const decoder = alive.get(id);
      if (!decoder || !port) return;
      decoder.port = port;
      port.onMessage((message) => {
        for (const listener of decoder.messages) listener(message);
      });
      for (const message of decoder.queued.splice(0)) port.post(message);
    },
    memory(id: number, bytes: number): void {
      const decoder = alive.get(id);
      if (decoder) decoder.bytes = bytes;
    },
    exited(id: number, reason: string): void {
      const decoder = alive.get(id);
      alive.delete(id);
      for (const listener of decoder?.exits ?? []) listener(reason);
    },
  };
}
