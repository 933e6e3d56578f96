/** What every host tells the core about the machine it runs on. */
import type { Clock } from '#core/ports.ts';

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** One decoder per processor, at most four: each may take up to 1 GB while it decodes. */
export function decoderCount(processors: number): number {
  return Math.max(1, Math.min(4, processors));
}
