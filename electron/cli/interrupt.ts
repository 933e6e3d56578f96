/** Being asked to stop, by Ctrl-C or by whoever started the command. */
import { CustosError } from '#shared/domain/errors.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  fire(): void;
  /**
   * Work that stops by itself and then has something to tell says so here; what follows it may run
   * to the end. Without it, the next call is not made any more.
   */
  handled(): void;
  /** Throws CANCELLED where somebody asked to stop and nobody has taken that up. */
  check(): void;
  /** Settles as `work` does, or with CANCELLED as soon as somebody asks to stop. */
  orStop<T>(work: Promise<T>): Promise<T>;
}

export function createInterrupt(): Interrupt {
  const controller = new AbortController();
  const { signal } = controller;
  let isHandled = false;
  const cancelled = (): CustosError =>
    new CustosError('CANCELLED', 'Stopped, as you asked. What was finished before is kept.');
  return {
    signal,
    fire: () => controller.abort(),
    handled() {
      isHandled = true;
    },
    check() {
      if (signal.aborted && !isHandled) throw cancelled();
    },
    async orStop(work) {
      let stop = (): void => undefined;
      const stopped = new Promise<never>((_, reject) => {
        stop = () => reject(cancelled());
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      });
      try {
        return await Promise.race([work, stopped]);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
