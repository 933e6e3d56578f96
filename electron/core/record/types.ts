/** The record as the rest of the core sees it. */
import type { KeyObject } from 'node:crypto';
import type { MemberDirectory } from './member-proof.ts';
import type { EntryType } from '#shared/contract/entry-types.ts';

export interface EntryInput {
  type: EntryType;
  /** JSON-plain, without secrets. `caseId`, `itemId`, `stackId` at the top level where they apply. */
  detail: Record<string, unknown>;
}

export interface ReadEntry {
  seq: number;
  at: string;
  type: EntryType;
  /** Name of the member whose session wrote it; "nobody" before a session exists. */
  by: string;
  detail: Record<string, unknown>;
  /** 64 hex characters. */
  hash: string;
}

/** What a rotation of keys replaces while the record is open. */
export interface RecordKeys {
  recordPublic: Buffer;
  recordPrivate: Buffer | null;
  earlierPrivates: readonly Buffer[];
  checkpoint: KeyObject;
  checkpointPublic: Buffer;
  members: MemberDirectory;
}

export interface Recorder {
  /** Entries so far; the next entry's sequence number. */
  readonly size: number;
  /** Highest sequence number that a `done` entry has closed; -1 where there is none. */
  readonly lastDone: number;
  /**
   * Appends one entry and returns its sequence number once it is durable on disk.
   * Throws RECORD_UNWRITABLE; nothing that depends on the entry may then happen.
   */
  append(entry: EntryInput): number;
  /** Several entries with one flush; returns the first one's sequence number. */
  appendMany(entries: readonly EntryInput[]): number;
  /** Closes `seq`: its effect is in the catalogue. Durable when it returns. */
  done(seq: number): void;
  /** Newest first. Needs the record's private key, else throws NOT_ALLOWED. */
  read(query: {
    types: readonly EntryType[];
    by: string | null;
    caseId: number | null;
    itemId: number | null;
    before: number | null;
    limit: number;
  }): { entries: ReadEntry[]; more: boolean };
  /** Signs a checkpoint now, stores it in the record and in this machine's anchor store. */
  checkpoint(): { note: string; size: number; root: string };
  /**
   * From the next entry on, writes under other keys, beginning with a session of its own. Touches
   * no file, so it cannot fail half-way: after it the earlier checkpoint key signs nothing more.
   */
  rekey(keys: RecordKeys): void;
  close(): void;
}
