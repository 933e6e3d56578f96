/** Limits on hostile input, in one place (docs/security.md, "Hostile input"). */

export interface DecoderLimits {
  /** A job that takes longer ends with its decoder: DECODE_TIMEOUT. */
  wallClockMs: number;
  /** A decoder that grows past this is ended: DECODE_KILLED. */
  memoryBytes: number;
  /** How often memory is looked at while a job runs. */
  pollMs: number;
  /** A decoder is replaced after this many jobs, */
  recycleJobs: number;
  /** or when a job left it this large. */
  recycleBytes: number;
}

export const DECODER_LIMITS: DecoderLimits = {
  wallClockMs: 15_000,
  memoryBytes: 1024 * 1024 * 1024,
  pollMs: 100,
  recycleJobs: 500,
  recycleBytes: 600 * 1024 * 1024,
};

/** More bytes than this are stored, never decoded. */
export const MAX_INPUT_BYTES = 512 * 1024 * 1024;
export const MAX_PIXELS = 100_000_000;
/** A 1 kB AVIF of 64 megapixels takes 1.1 GB to decode. */
export const MAX_PIXELS_AVIF = 40_000_000;

/** Longest side of a thumbnail. */
export const THUMBNAIL_SIDE = 320;
/** Longest side of a rendition anybody may ask for, in device pixels. */
export const MAX_BOX = 8192;
