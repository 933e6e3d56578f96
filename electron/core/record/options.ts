/** What the record is opened with, and what an open record is. */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '#core/ports.ts';
import type { Anchors } from './anchors.ts';
import type { RecordFiles } from './files.ts';
import type { MemberDirectory, SigningMember } from './member-proof.ts';
import type { Recorder } from './types.ts';

/** Enough to find the record and to hold it against what was said about it earlier. */
export interface RecordPlace {
  /** The workspace's folder. */
  dir: string;
  workspaceId: string;
  /** 32 bytes, raw Ed25519: checks signed checkpoints. */
  checkpointPublic: Buffer;
  /** Keys of earlier epochs: each counts only for checkpoints of up to `until` entries. */
  earlierCheckpoints?: readonly EarlierCheckpointKey[];
  anchors: Anchors;
  /** System calls; a test may take one away. */
  files?: RecordFiles;
}

/** A checkpoint key that was replaced when keys were rotated. */
export interface EarlierCheckpointKey {
  /** 32 bytes, raw Ed25519. */
  readonly publicKey: Buffer;
  /** Entries at the moment of replacing it: what it signs beyond them counts for nothing. */
  readonly until: number;
}

export interface ReadingOptions extends RecordPlace {
  /** 32 bytes, or null for a member who may not read the record. Not copied, not wiped. */
  recordPrivate: Buffer | null;
  /** Whose signatures sessions are held against. */
  members: MemberDirectory;
  /** 32 bytes each: private keys of earlier epochs, which open the sessions of their time. */
  earlierPrivates?: readonly Buffer[];
}

export interface RecordOptions extends ReadingOptions {
  /** 32 bytes, X25519: what session keys are sealed to. */
  recordPublic: Buffer;
  /** Ed25519 private key; null where nobody is unlocked, and then no checkpoint is made. */
  checkpoint: KeyObject | null;
  /** Whose session this is; null for what happens before anybody is let in. */
  member: SigningMember | null;
  clock: Clock;
  /** Frees the ballast so that the last entries fit on a full disk. */
  onFull?: () => void;
  /** A new segment is begun before one would grow beyond this. */
  segmentBytes?: number;
}

export interface OpenRecord extends Recorder {
  /** What was found and put right at opening, in words. */
  readonly notices: readonly string[];
}

export interface ReadOnlyRecord extends OpenRecord {
  /** What does not hold, in words; empty where the record is whole. */
  readonly problems: readonly string[];
}
