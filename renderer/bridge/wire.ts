/**
 * The one way out of the screens. The host puts `window.custos` there before any of our code
 * runs; everything that crosses is plain data, and a failure is a value, never a throw.
 */
import type { Call, ChannelName, CoreEvent } from '#shared/contract/contract.ts';
import type { Result } from '#shared/domain/errors.ts';

export interface Wire {
  call(channel: ChannelName, input: unknown): Promise<Result<unknown>>;
  /** Returns what stops the listening. */
  on(listener: (event: CoreEvent) => void): () => void;
}

declare global {
  interface Window {
    readonly custos: Wire;
  }
}

const SILENT: Result<never> = {
  ok: false,
  error: {
    code: 'INTERNAL',
    message:
      'The workstation did not answer. What was confirmed before is safe. Lock, or close the window and open it again.',
  },
};

export const call: Call = async (channel, input) => {
  try {
    // The contract table types what the router answers on this channel.
    return (await window.custos.call(channel, input)) as Awaited<
      ReturnType<typeof call<typeof channel>>
    >;
  } catch {
    // The wire itself broke (core ended, window closing): there is no answer to pass on, only this.
    return SILENT;
  }
};

export function listen(listener: (event: CoreEvent) => void): () => void {
  return window.custos.on(listener);
}
