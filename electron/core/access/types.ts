/** An unlocked workspace: what every feature is handed instead of keys, files and handles. */
import type { Role } from '#shared/domain/words.ts';
import type { EntryInput, Recorder } from '#core/record/types.ts';
import type { BlobStore, Reader, Writer } from '#core/store/types.ts';
import type { Keyring } from '#core/vault/types.ts';

/** What a rotation of keys replaces while the workspace is open. */
export interface Exchangeable {
  keys: Keyring;
  catalogue: Writer;
  derived: Writer | null;
  blobs: BlobStore | null;
}

export interface Session {
  readonly workspace: {
    readonly id: string;
    readonly dir: string;
    readonly name: string;
    readonly fingerprint: string;
    readonly created: string;
  };
  readonly member: { readonly id: string; readonly name: string; readonly roles: readonly Role[] };
  readonly keys: Keyring;
  readonly catalogue: Reader;
  /** Thumbnails and other pictures that can be made again; null without the content key. */
  readonly derived: Writer | null;
  /** Null without the content key. */
  readonly blobs: BlobStore | null;
  readonly record: Recorder;
  /** Why nothing may be changed, or null. */
  readonly readOnly: string | null;
  readonly notices: readonly string[];
  /**
   * The one way to change the catalogue: the entry is durable first, then the change and the
   * entry's number are committed together, then the entry is closed. `change` is synchronous.
   * Throws READ_ONLY, RECORD_UNWRITABLE, DISK_FULL; on a throw nothing has changed.
   */
  act<T>(entry: EntryInput, change: (tx: Writer, seq: number) => T): T;
  /** As `act`, for work with several entries; `seqs` are their numbers in order. */
  actMany<T>(entries: readonly EntryInput[], change: (tx: Writer, seqs: number[]) => T): T;
  /**
   * As `act`, for the one change that is no transaction of the catalogue: its replacement by a copy
   * that already holds the entry's number. Only for rotating keys (`rotation.ts`).
   */
  exchange(entry: EntryInput, change: (seq: number) => Partial<Exchangeable>): void;
  /** Uses other keys or handles from now on, after what made them so was recorded. */
  adopt(next: Partial<Exchangeable>): void;
  /** An entry that changes nothing in the catalogue. Durable when it returns. */
  note(entry: EntryInput): number;
  close(why: 'command' | 'idle' | 'suspend' | 'closed'): void;
}
