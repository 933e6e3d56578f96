/** The idle lock. While a job runs it waits: an import of an hour must not be cut off. */

export interface IdleTimer {
  start(): void;
  touch(): void;
  stop(): void;
}

export function createIdleTimer(
  afterMs: number,
  on: { busy(): boolean; expired(): void },
): IdleTimer {
  let timer: NodeJS.Timeout | null = null;
  const stop = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  const start = (): void => {
    stop();
    timer = setTimeout(() => (on.busy() ? start() : on.expired()), afterMs);
    // The command line must be able to end while the timer runs.
    timer.unref();
  };
  return {
    start,
    stop,
    touch: () => {
      if (timer) start();
    },
  };
}
