/** Long work that leaves room for other work, and can be stopped between two steps. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { CustosError } from '#shared/domain/errors.ts';

/** Others are let in at least this often. */
const SLICE_MS = 40;

export interface Pace {
  /** To be awaited between steps. Throws CANCELLED once somebody asked to stop. */
  rest(): Promise<void>;
}

/** `duty`: share of the time that is worked, above 0 and at most 1. */
export function createPace(duty: number, signal: AbortSignal): Pace {
  let since = performance.now();
  return {
    async rest() {
      if (signal.aborted) throw cancelled();
      const worked = performance.now() - since;
      if (worked < SLICE_MS) return;
      if (duty >= 1) await turn();
      // A person who asks to stop does not wait for the end of a pause.
      else await sleep((worked * (1 - duty)) / duty, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw cancelled();
      since = performance.now();
    },
  };
}

function cancelled(): CustosError {
  return new CustosError('CANCELLED', 'Stopped, as you asked. What was finished before is kept.');
}
