/**
 * How many bytes of originals may lie in memory at once, so that a folder of large files costs no
 * more memory than one of small files. First come, first served.
 */
export interface Allowance {
  /** Waits for room and answers with what gives it back, to be called once. */
  take(bytes: number): Promise<() => void>;
}

/** What alone is larger than `limit` is let through when nothing else is out. */
export function createAllowance(limit: number): Allowance {
  let out = 0;
  const waiting: { bytes: number; enter: () => void }[] = [];
  const admit = (): void => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (out > 0 && out + next.bytes > limit) return;
      waiting.shift();
      out += next.bytes;
      next.enter();
    }
  };
  return {
    take: (bytes) =>
      new Promise((resolve) => {
        const giveBack = (): void => {
          out -= bytes;
          admit();
        };
        waiting.push({ bytes, enter: () => resolve(giveBack) });
        admit();
      }),
  };
}
