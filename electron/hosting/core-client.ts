/** The host's end of the wire to a core in another process. */
import type { CoreEvent } from '#shared/contract/contract.ts';
import type { Dialogs } from '#core/ports.ts';
import type { Result } from '#shared/domain/errors.ts';
import type { CoreSettings, FromCore, LockReason, Port, ToCore } from './core-wire.ts';
import type { HostedCore, PictureAnswer } from './workstation.ts';

export interface DecoderKeeper {
  spawn(id: number): void;
  kill(id: number): void;
}

export interface CoreClient extends HostedCore {
  /** Settles when the core has locked, or has ended. */
  lock(why: LockReason): Promise<void>;
  send(message: ToCore): void;
  /** The process has gone: everything that was asked of it is answered here. */
  ended(): void;
}

interface Waiting {
  resolve: (value: unknown) => void;
  /** What to answer when the core ends first. */
  otherwise: unknown;
}

const LOCKED_MEANWHILE: Result<unknown> = {
  ok: false,
  error: {
    code: 'NOT_UNLOCKED',
    message: 'The workspace was locked while this was being done.',
  },
};
const NO_PICTURE: PictureAnswer = { status: 503, headers: {}, body: new Uint8Array() };

export function connectCore(
  port: Port,
  settings: CoreSettings,
  parts: { dialogs: Dialogs; decoders: DecoderKeeper },
): CoreClient {
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(event: CoreEvent) => void>();
  let gone = false;
  let lastId = 0;

  const send = (message: ToCore): void => {
    if (!gone) port.post(message);
  };
  const ask = <T>(message: (id: number) => ToCore, otherwise: T): Promise<T> => {
    if (gone) return Promise.resolve(otherwise);
    const id = ++lastId;
    return new Promise<T>((resolve) => {
      waiting.set(id, { resolve: (value) => resolve(value as T), otherwise });
      send(message(id));
    });
  };

  port.onMessage((raw) => {
    const message = raw as FromCore;
    switch (message.t) {
      case 'answer': {
        waiting.get(message.id)?.resolve(message.value);
        waiting.delete(message.id);
        return;
      }
      case 'event': {
        for (const listener of listeners) listener(message.event);
        return;
      }
      case 'dialog': {
        const { id } = message;
        void answerDialog(parts.dialogs, message).then((value) =>
          send({ t: 'dialog-answer', id, value }),
        );
        return;
      }
      case 'decoder-spawn':
        return parts.decoders.spawn(message.id);
      case 'decoder-kill':
        return parts.decoders.kill(message.id);
    }
  });
  send({ t: 'start', settings });

  return {
    send,
    call: (channel, input) => ask((id) => ({ t: 'call', id, channel, input }), LOCKED_MEANWHILE),
    picture: (token) => ask((id) => ({ t: 'picture', id, token }), NO_PICTURE),
    lock: (why) => ask<void>((id) => ({ t: 'lock', id, why }), undefined),
    activity: () => send({ t: 'activity' }),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ended() {
      gone = true;
      for (const { resolve, otherwise } of waiting.values()) resolve(otherwise);
      waiting.clear();
    },
  };
}

/** Never rejects: a dialog that could not be shown chose nothing. */
async function answerDialog(
  dialogs: Dialogs,
  { ask, argument }: Extract<FromCore, { t: 'dialog' }>,
): Promise<unknown> {
  try {
    switch (ask) {
      case 'chooseWorkspace':
        return await dialogs.chooseWorkspace(argument as 'open' | 'create');
      case 'chooseSources':
        return await dialogs.chooseSources(argument as 'files' | 'folder');
      case 'chooseTarget':
        return await dialogs.chooseTarget(String(argument));
      case 'chooseReceived':
        return await dialogs.chooseReceived();
    }
  } catch {
    // The window the dialog belongs to was closed under it.
    return null;
  }
}
