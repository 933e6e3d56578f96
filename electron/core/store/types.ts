/** Handles and shapes of the store as the rest of the core sees them. */
import type { Database } from 'better-sqlite3';

declare const reader: unique symbol;
declare const writer: unique symbol;

/** A handle that may only be read through. */
export type Reader = Database & { readonly [reader]: true };
/** The one handle that may write; every writer can read. Obtained inside `Session.act` only. */
export type Writer = Reader & { readonly [writer]: true };

/** Originals on disk, sealed. Every read is checked against the SHA-256 it is asked for. */
export interface BlobStore {
  has(sha256: Buffer): boolean;
  /** `ab/abcd….evb`, below `blobs/`. */
  nameOf(sha256: Buffer): string;
  /** Bytes of the sealed file on disk; null where there is none. Errors: IO_FAILED. */
  sealedBytes(sha256: Buffer): number | null;
  /**
   * Seals bytes into a temporary file, flushes it, reads it back and checks it.
   * Errors: DISK_FULL, IO_FAILED. Nothing is visible in the store until `commit`.
   */
  seal(bytes: Buffer | AsyncIterable<Buffer>): Promise<SealedTemp>;
  /** Renames into place and flushes the folder. A blob that is there already wins. */
  commit(temp: SealedTemp, sha256: Buffer): Promise<void>;
  discard(temp: SealedTemp): Promise<void>;
  /** The whole original, verified. Errors: BLOB_DAMAGED. */
  read(sha256: Buffer): Promise<Buffer>;
  /** The original in order, chunk by chunk; throws BLOB_DAMAGED before the last chunk is trusted. */
  stream(sha256: Buffer): AsyncIterable<Buffer>;
}

export interface SealedTemp {
  readonly path: string;
  /** Bytes of the original. */
  readonly bytes: number;
}
