/** How upkeep tells whoever watches, and hears that it should stop; a job, in the program. */
export interface Watch {
  readonly signal: AbortSignal;
  setTotal(total: number): void;
  advance(by: { done?: number; failed?: number; bytes?: number }): void;
}
