import { useEffect, useState } from 'react';
import type { ErrorData } from '#shared/domain/errors.ts';

/** Seconds until another try, read from the sentence of a SLOWED_DOWN error and counted down. */
export function useCountdown(error: ErrorData | null): number {
  const [left, setLeft] = useState<{ error: ErrorData; seconds: number } | null>(null);
  const total =
    error?.code === 'SLOWED_DOWN' ? Number(/(\d+)\s*s/.exec(error.message)?.[1] ?? 0) : 0;

  useEffect(() => {
    if (error === null || total === 0) return;
    const end = Date.now() + total * 1000;
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      setLeft({ error, seconds });
      if (seconds === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [error, total]);

  return left !== null && left.error === error ? left.seconds : total;
}
