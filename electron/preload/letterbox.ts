/**
 * The letter box between the screen and the host: known channels and plain data, nothing else.
 * The same factory serves Electron's preload and the development host.
 */
import { CHANNEL_NAMES } from '#shared/contract/names.ts';
import { isPlain } from '#shared/contract/plain.ts';
import type { Call, CoreEvent } from '#shared/contract/contract.ts';
import type { ErrorData, Result } from '#shared/domain/errors.ts';

/** What carries the messages. */
export interface Wire {
  invoke(channel: string, input: unknown): Promise<unknown>;
  subscribe(listener: (event: unknown) => void): () => void;
}

/** `window.custos`: everything a screen can reach of the world outside it. */
export interface Letterbox {
  call: Call;
  /** Tells the listener of every event from now on; returns how to stop. */
  on(listener: (event: CoreEvent) => void): () => void;
}

const KNOWN: ReadonlySet<unknown> = new Set(CHANNEL_NAMES);

export function createLetterbox(wire: Wire): Letterbox {
  const call = async (channel: string, input: unknown): Promise<Result<unknown>> => {
    // SECURITY: a kindness to honest screens, not the wall. The gate behind the wire checks again.
    if (!KNOWN.has(channel)) {
      return no('UNKNOWN_CHANNEL', 'The window asked for something Custos does not know.');
    }
    if (!isPlain(input)) {
      return no('BAD_REQUEST', 'The window sent something that is not plain data.');
    }
    try {
      const answer = await wire.invoke(channel, input);
      if (isResult(answer)) return answer;
      return no('INTERNAL', 'The answer from the core could not be read.');
    } catch {
      // The wire breaks when the core is ended (on lock) while a call is under way.
      return no('NOT_UNLOCKED', 'The workspace was locked while this was being done.');
    }
  };
  const on = (listener: (event: CoreEvent) => void): (() => void) =>
    wire.subscribe((event) => {
      if (isPlain(event)) listener(event as CoreEvent);
    });
  return Object.freeze({ call: call as Letterbox['call'], on });
}

function no(code: ErrorData['code'], message: string): Result<unknown> {
  return { ok: false, error: { code, message } };
}

function isResult(value: unknown): value is Result<unknown> {
  return (
    typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean'
  );
}
