/**
 * Giving up on a source. A disk or share that has gone away may never answer, and the system has no
 * way to take a read back; yet a lock must not wait for it.
 */
import { CustosError } from '#shared/domain/errors.ts';

/**
 * Settles as `work` does, or fails with CANCELLED as soon as `signal` is aborted. `work` itself
 * goes on and is heard no more, so it may only read.
 */
export function orCancelled<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const give = (): void => reject(new CustosError('CANCELLED', 'The import was cancelled.'));
    const settled = (): void => signal.removeEventListener('abort', give);
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
    work.then(
      (value) => {
        settled();
        resolve(value);
      },
      (error: unknown) => {
        settled();
        reject(error as Error);
      },
    );
  });
}
