import { useCallback, useEffect, useState } from 'react';
import type { ChannelName, Input, Output } from '#shared/contract/contract.ts';
import type { ErrorData } from '#shared/domain/errors.ts';
import { call } from './wire.ts';

export interface Loaded<T> {
  /** The newest answer to this very question; while it is asked again, the one before stays. */
  value: T | null;
  error: ErrorData | null;
  loading: boolean;
  reload: () => void;
}

interface Answer<T> {
  key: string;
  asked: string;
  value: T | null;
  error: ErrorData | null;
}

/**
 * Asks the core and keeps the answer. `input` null asks nothing. `tick` asks again whenever it
 * changes, without clearing what is on the screen.
 */
export function useCall<C extends ChannelName>(
  channel: C,
  input: Input<C> | null,
  tick: number | string = 0,
): Loaded<Output<C>> {
  const key = input === null ? '' : `${channel} ${JSON.stringify(input)}`;
  const [again, setAgain] = useState(0);
  const [answer, setAnswer] = useState<Answer<Output<C>> | null>(null);
  const asked = `${key} ${tick} ${again}`;

  useEffect(() => {
    if (key === '') return;
    let wanted = true;
    const question = JSON.parse(key.slice(channel.length + 1)) as Input<C>;
    void call(channel, question).then((result) => {
      if (!wanted) return;
      setAnswer((before) => ({
        key,
        asked,
        value: result.ok ? result.value : before?.key === key ? before.value : null,
        error: result.ok ? null : result.error,
      }));
    });
    return () => {
      wanted = false;
    };
  }, [channel, key, asked]);

  const reload = useCallback(() => setAgain((n) => n + 1), []);
  const current = answer?.key === key ? answer : null;
  return {
    value: current?.value ?? null,
    error: current?.error ?? null,
    loading: key !== '' && current?.asked !== asked,
    reload,
  };
}
