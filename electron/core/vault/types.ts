/** Keys as the rest of the core sees them. Everything here is zeroed by `wipe` when locking. */
import type { KeyObject } from 'node:crypto';

/** The keys of originals and derived pictures, of one epoch. */
export interface PictureKeys {
  readonly epoch: number;
  /** 32 bytes: seals originals and derived pictures. */
  readonly content: Buffer;
  /** 32 bytes: names of blob files. */
  readonly name: Buffer;
}

/** A checkpoint key that was replaced: good for checkpoints of up to `until` entries. */
export interface EarlierCheckpoint {
  /** 32 bytes, Ed25519. */
  readonly publicKey: Buffer;
  readonly until: number;
}

/** The record's public keys: those in use, and which came before. */
export interface RecordPublicKeys {
  /** 32 bytes, X25519: whoever writes to the record seals a session key to it. */
  readonly recordPublic: Buffer;
  /** 32 bytes, Ed25519: verifies checkpoints. */
  readonly checkpointPublic: Buffer;
  readonly earlierCheckpoints: readonly EarlierCheckpoint[];
  /** Public halves of K_record by epoch, all of them. */
  readonly recordPublics: ReadonlyMap<number, Buffer>;
}

/**
 * The compartment keys a member is entitled to. Independent random keys, so that a role is a
 * matter of mathematics: a supervisor simply does not hold `content` and `name`.
 */
export interface Keyring extends RecordPublicKeys {
  /** Of the catalogue and the record. */
  readonly catalogueEpoch: number;
  /** 32 bytes: raw SQLCipher key of the catalogue. */
  readonly db: Buffer;
  /** What comes in is sealed with these. Null for a member who may not hold pictures. */
  readonly pictures: PictureKeys | null;
  /** `pictures.content` and `pictures.name`. */
  readonly content: Buffer | null;
  readonly name: Buffer | null;
  /** What originals that are not sealed anew yet still need; null where there are none. */
  readonly earlier: PictureKeys | null;
  /** 32 bytes, X25519 private: reads the record. Supervisors only. */
  readonly recordPrivate: Buffer | null;
  /** Of earlier epochs, newest first: they open what was written in their time. */
  readonly earlierPrivates: readonly { readonly epoch: number; readonly key: Buffer }[];
  /** Ed25519 private key that signs checkpoints. */
  readonly checkpoint: KeyObject;
  /** The member's own Ed25519 signing key: bundles, role statements. */
  readonly signing: KeyObject;
  /** 32 bytes, raw. */
  readonly signingPublic: Buffer;
  wipe(): void;
}
