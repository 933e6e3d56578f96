/**
 * The pool of decoders: the wall between hostile files and the keys. Each process has one job at a
 * time; one that crashes, hangs or swells is ended and its job becomes a recorded state, never a
 * second try by itself.
 *
 * Renders go before analyses, and one process beyond the number asked for serves renders alone: a
 * look never waits for an import.
 */
import { setTimeout } from 'node:timers/promises';
import { CustosError } from '#shared/domain/errors.ts';
import type { Ports } from '#core/ports.ts';
import { DecoderSlot, notStarted, type Job } from './decoder-slot.ts';
import { DECODER_LIMITS, MAX_BOX, type DecoderLimits } from './limits.ts';
import type { DecoderOutcome, DecoderWork } from './protocol.ts';
import { refusalOf } from './refusals.ts';
import { sniff } from './sniff.ts';
import type { Media, Unreadable } from './types.ts';

type MediaPorts = Pick<Ports, 'spawnDecoder' | 'decoders' | 'log'>;

/** Processes are started when first needed. `limits` are lowered in tests only. */
export function createMedia(ports: MediaPorts, limits: Partial<DecoderLimits> = {}): Media {
  const pool = new Pool(ports, { ...DECODER_LIMITS, ...limits });
  return {
    async analyse(bytes) {
      const refused = refusalOf(bytes);
      if (refused) return refused;
      // SECURITY: what the bytes are is our own reading, not what a decoder says.
      const { mime, ext } = sniff(bytes);
      const outcome = await pool.run({ kind: 'analyse', bytes });
      if (outcome.kind === 'facts') return { readable: true, mime, ext, ...outcome.facts };
      const { code, reason } = failureOf(outcome);
      return { readable: false, code, reason, mime, ext };
    },

    async render(bytes, { rung, box }) {
      const refused = refusalOf(bytes);
      if (refused) throw new CustosError(refused.code, refused.reason);
      const size = Math.max(1, Math.min(MAX_BOX, Math.round(box)));
      const outcome = await pool.run({ kind: 'render', bytes, rung, box: size });
      if (outcome.kind === 'rendered') return { mime: 'image/jpeg', ...outcome.rendered };
      const { code, reason } = failureOf(outcome);
      throw new CustosError(code, reason);
    },

    close: () => pool.close(),
  };
}

function failureOf(outcome: DecoderOutcome): { code: Unreadable['code']; reason: string } {
  if (outcome.kind === 'failed') return outcome;
  throw new CustosError('INTERNAL', `A decoder answered with ${outcome.kind} to another question.`);
}

/** A process that will not die must not hold up closing. */
const PATIENCE_MS = 5_000;

class Pool {
  readonly #ports: MediaPorts;
  readonly #limits: DecoderLimits;
  readonly #slots = new Set<DecoderSlot>();
  /** Ended, but perhaps not gone yet. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #renders: Job[] = [];
  readonly #analyses: Job[] = [];
  #closed = false;

  constructor(ports: MediaPorts, limits: DecoderLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  run(work: DecoderWork): Promise<DecoderOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<DecoderOutcome>();
    if (this.#closed) {
      reject(ended());
      return promise;
    }
    const queue = work.kind === 'analyse' ? this.#analyses : this.#renders;
    queue.push({
      work,
      settle: (outcome) => {
        if (outcome instanceof CustosError) reject(outcome);
        else resolve(outcome);
      },
    });
    this.#pump();
    return promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of [...this.#renders.splice(0), ...this.#analyses.splice(0)])
      job.settle(ended());
    for (const slot of [...this.#slots]) slot.cancel();
    await Promise.race([
      Promise.all(this.#leaving),
      setTimeout(PATIENCE_MS, undefined, { ref: false }),
    ]);
  }

  /** Hands out work while there is work and somebody for it. */
  #pump(): void {
    while (!this.#closed) {
      const queue = this.#nextQueue();
      const idle = [...this.#slots].find((slot) => slot.free);
      if (!queue || (!idle && this.#slots.size > this.#ports.decoders)) return;
      const job = queue.shift()!;
      try {
        (idle ?? this.#spawn()).start(job);
      } catch (error) {
        job.settle(notStarted(error));
      }
    }
  }

  #nextQueue(): Job[] | null {
    if (this.#renders.length > 0) return this.#renders;
    const analysing = [...this.#slots].filter((slot) => slot.working === 'analyse').length;
    return this.#analyses.length > 0 && analysing < this.#ports.decoders ? this.#analyses : null;
  }

  #spawn(): DecoderSlot {
    const slot = new DecoderSlot(this.#ports.spawnDecoder(), this.#limits, {
      idle: () => this.#pump(),
      over: (why) => {
        this.#slots.delete(slot);
        const gone = slot.gone.then(() => {
          this.#leaving.delete(gone);
        });
        this.#leaving.add(gone);
        if (why) this.#ports.log({ level: 'warning', text: `A decoder was ended: ${why}.` });
        this.#pump();
      },
    });
    this.#slots.add(slot);
    return slot;
  }
}

function ended(): CustosError {
  return new CustosError('CANCELLED', 'Reading of pictures was ended.');
}
