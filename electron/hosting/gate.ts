/**
 * Decides whether a message from a window is let through to the core. The core checks session,
 * role and schema again; the gate keeps out what is not even from our own screen.
 */
import { CHANNEL_NAMES } from '#shared/contract/names.ts';
import { isPlain } from '#shared/contract/plain.ts';
import type { ErrorData, Result } from '#shared/domain/errors.ts';

/** Where a message came from, as the host (never the sender) knows it. */
export interface Sender {
  mainFrame: boolean;
  /** Scheme and host of the document that sent it. */
  origin: string;
}

export interface Message {
  channel: unknown;
  input: unknown;
}

export interface GateOptions {
  origin: string;
  /** Milliseconds that never run backwards. */
  now: () => number;
  /** Called for every refusal; codes only. */
  refused?: (code: ErrorData['code']) => void;
}

/** Characters of JSON; 1 MB is far above the largest honest message. */
export const LARGEST_MESSAGE = 1_048_576;
/** A person and a busy screen stay far below this; a runaway or hostile screen does not. */
export const CALLS_PER_SECOND = 100;
const BURST = 400;

export type Decision =
  { ok: true; channel: string; input: unknown } | { ok: false; error: ErrorData };

export type Gate = (sender: Sender, message: Message) => Decision;

export function createGate({ origin, now, refused }: GateOptions): Gate {
  const rate = createBucket(now);
  const no = (code: ErrorData['code'], message: string): Decision => {
    refused?.(code);
    return { ok: false, error: { code, message } };
  };
  return (sender, { channel, input }) => {
    if (!sender.mainFrame || sender.origin !== origin) {
      return no('NOT_ALLOWED', 'Only the window of Custos itself may ask for this.');
    }
    if (!rate.take()) {
      return no('SLOWED_DOWN', 'The window asks for too much at once. Wait a moment.');
    }
    if (!isChannel(channel)) {
      return no('UNKNOWN_CHANNEL', 'The window asked for something Custos does not know.');
    }
    if (!isPlain(input)) {
      return no('BAD_REQUEST', 'The window sent something that is not plain data.');
    }
    const text = JSON.stringify(input);
    if (text.length > LARGEST_MESSAGE) {
      return no('BAD_REQUEST', 'The window sent more than 1 MB in one message.');
    }
    // SECURITY: the core gets a fresh copy, so that nothing the sender still holds is passed on.
    return { ok: true, channel, input: JSON.parse(text) as unknown };
  };
}

/** Passes a message through the gate to the core; whatever fails is a result. */
export async function throughGate(
  gate: Gate,
  sender: Sender,
  message: Message,
  call: (channel: string, input: unknown) => Promise<Result<unknown>>,
): Promise<Result<unknown>> {
  const decision = gate(sender, message);
  return decision.ok ? call(decision.channel, decision.input) : decision;
}

const KNOWN: ReadonlySet<string> = new Set(CHANNEL_NAMES);

function isChannel(channel: unknown): channel is string {
  return typeof channel === 'string' && KNOWN.has(channel);
}

/** A bucket that refills steadily: bursts pass, floods do not. */
function createBucket(now: () => number) {
  let tokens = BURST;
  let last = now();
  return {
    take(): boolean {
      const at = now();
      tokens = Math.min(BURST, tokens + ((at - last) / 1000) * CALLS_PER_SECOND);
      last = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
