/**
 * One decoder process and the one job it may have. Watches the clock and the memory while it works,
 * and ends the process when either runs out. A slot is used until it is `over`, never revived.
 */
import { CustosError } from '#shared/domain/errors.ts';
import type { DecoderProcess } from '#core/ports.ts';
import type { DecoderLimits } from './limits.ts';
import { isReady, parseAnswer, type DecoderOutcome, type DecoderWork } from './protocol.ts';

export interface Job {
  work: DecoderWork;
  /** Called exactly once. */
  settle(outcome: DecoderOutcome | CustosError): void;
}

export interface SlotEvents {
  /** The job is settled and the decoder is good for another. */
  idle(): void;
  /** The process ended or was ended; `why` is for the log. Null where it was simply replaced. */
  over(why: string | null): void;
}

export class DecoderSlot {
  #job: Job | null = null;
  #jobs = 0;
  /** Whether the program in the process has ever come up. */
  #ready = false;
  #over = false;
  #timers: NodeJS.Timeout[] = [];
  readonly #process: DecoderProcess;
  readonly #limits: DecoderLimits;
  readonly #events: SlotEvents;
  /** Resolves when the process is truly gone. */
  readonly gone: Promise<void>;

  constructor(process: DecoderProcess, limits: DecoderLimits, events: SlotEvents) {
    this.#process = process;
    this.#limits = limits;
    this.#events = events;
    process.onMessage((message) => this.#onMessage(message));
    this.gone = new Promise((resolve) =>
      process.onExit((reason) => {
        this.#fail('DECODE_KILLED', `The decoder ended while reading it (${reason}).`, reason);
        resolve();
      }),
    );
  }

  get free(): boolean {
    return this.#job === null && !this.#over;
  }

  get working(): DecoderWork['kind'] | null {
    return this.#job && this.#job.work.kind;
  }

  start(job: Job): void {
    this.#job = job;
    this.#jobs++;
    this.#watch();
    try {
      this.#process.send({ ...job.work, id: this.#jobs });
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown failure';
      this.#fail('DECODE_KILLED', 'The decoder could not be reached.', `send failed: ${why}`);
    }
  }

  /** Ends the process; its job, if any, fails with CANCELLED. */
  cancel(): void {
    const job = this.#end(null);
    job?.settle(new CustosError('CANCELLED', 'Reading of pictures was ended.'));
  }

  #watch(): void {
    const { wallClockMs, memoryBytes, pollMs } = this.#limits;
    this.#timers = [
      setTimeout(() => {
        const seconds = Math.round(wallClockMs / 1000);
        const reason = `Reading it took longer than ${seconds} seconds and was stopped.`;
        this.#fail('DECODE_TIMEOUT', reason, `past ${wallClockMs} ms`);
      }, wallClockMs),
      setInterval(() => {
        const bytes = this.#process.residentBytes();
        if (bytes === null || bytes <= memoryBytes) return;
        const limit = Math.round(memoryBytes / 1024 / 1024);
        const reason = `Reading it took more than ${limit} MB of memory and was stopped.`;
        this.#fail('DECODE_KILLED', reason, `past ${limit} MB`);
      }, pollMs),
    ];
  }

  #onMessage(message: unknown): void {
    if (this.#over) return;
    if (!this.#ready && isReady(message)) {
      this.#ready = true;
      return;
    }
    if (!this.#job) return;
    const outcome = parseAnswer(message, this.#jobs, this.#job.work.kind);
    if (!outcome) {
      // SECURITY: a decoder that answers out of form is no longer our program.
      const reason = 'The decoder gave an answer that makes no sense and was stopped.';
      this.#fail('DECODE_KILLED', reason, 'malformed answer');
      return;
    }
    const job = this.#rest();
    job?.settle(outcome);
    if (this.#isWorn()) this.#end(null);
    else this.#events.idle();
  }

  #isWorn(): boolean {
    const { recycleJobs, recycleBytes } = this.#limits;
    return this.#jobs >= recycleJobs || (this.#process.residentBytes() ?? 0) > recycleBytes;
  }

  #fail(code: 'DECODE_TIMEOUT' | 'DECODE_KILLED', reason: string, why: string): void {
    // A program that never came up says nothing about the picture: evidence is not called
    // unreadable because an installation is broken.
    const outcome = this.#ready ? ({ kind: 'failed', code, reason } as const) : notStarted();
    this.#end(why)?.settle(outcome);
  }

  #rest(): Job | null {
    const job = this.#job;
    this.#job = null;
    // One clears both kinds.
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    return job;
  }

  #end(why: string | null): Job | null {
    if (this.#over) return null;
    this.#over = true;
    const job = this.#rest();
    this.#process.kill();
    this.#events.over(why);
    return job;
  }
}

/** What work is told for which no decoder could be brought up. */
export function notStarted(cause?: unknown): CustosError {
  return new CustosError(
    'IO_FAILED',
    'The decoder, which reads pictures, could not be started. Nothing is wrong with the pictures. Install Custos again, then try once more.',
    { cause },
  );
}
