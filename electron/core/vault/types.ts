/** Keys as the rest of the core sees them. Everything here is zeroed by `wipe` when locking. */
import type { KeyObject } from 'node:crypto';

/**
 * The compartment keys a member is entitled to. Independent random keys, so that a role is a
 * matter of mathematics: a supervisor simply does not hold `content` and `name`.
 */
export interface Keyring {
  readonly epoch: number;
  /** 32 bytes: raw SQLCipher key of the catalogue. */
  readonly db: Buffer;
  /** 32 bytes: originals and derived pictures. Null for a member who may not hold pictures. */
  readonly content: Buffer | null;
  /** 32 bytes: names of blob files. Null together with `content`. */
  readonly name: Buffer | null;
  /** 32 bytes, X25519 public: whoever writes to the record seals a session key to it. */
  readonly recordPublic: Buffer;
  /** 32 bytes, X25519 private: reads the record. Supervisors only. */
  readonly recordPrivate: Buffer | null;
  /** Ed25519 private key that signs checkpoints. */
  readonly checkpoint: KeyObject;
  /** 32 bytes, raw Ed25519 public key of `checkpoint`. */
  readonly checkpointPublic: Buffer;
  /** The member's own Ed25519 signing key: bundles, role statements. */
  readonly signing: KeyObject;
  /** 32 bytes, raw. */
  readonly signingPublic: Buffer;
  wipe(): void;
}
