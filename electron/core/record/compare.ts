/** Holding a scanned record against what was said about it earlier: signed notes, the anchor. */
import type { Anchor } from './anchors.ts';
import { checkpointOrigin, verifyCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { EarlierCheckpointKey, RecordPlace } from './options.ts';
import type { Scan } from './scan.ts';

/** Null where the record still begins as the anchor remembers it. */
export function anchorProblem(anchor: Anchor, scan: Scan): string | null {
  const { size } = scan.index;
  if (anchor.size > size) {
    return `This machine remembers a record of ${anchor.size} entries; now there are ${size}. Entries were cut off, or an earlier state of the workspace was put back.`;
  }
  if (scan.roots.get(anchor.size)?.toString('hex') !== anchor.root) {
    return `The first ${anchor.size} entries of the record are not those that this machine remembers.`;
  }
  return null;
}

/** What signs the checkpoints of a record, now and before keys were rotated. */
export interface CheckpointKeys {
  origin: string;
  publicKey: Buffer;
  earlier: readonly EarlierCheckpointKey[];
}

export function checkpointKeys(place: RecordPlace): CheckpointKeys {
  return {
    origin: checkpointOrigin(place.workspaceId),
    publicKey: place.checkpointPublic,
    earlier: place.earlierCheckpoints ?? [],
  };
}

/** A note's checkpoint if it is signed and the record still begins as it says; else why not. */
export function checkNote(note: string, scan: Scan, keys: CheckpointKeys): Checkpoint | string {
  const checkpoint = signedCheckpoint(note, keys);
  if (!checkpoint) {
    return "A checkpoint is not signed with this workspace's key, or was changed.";
  }
  return coverProblem(checkpoint, scan, 'signed in a checkpoint') ?? checkpoint;
}

/** Null where the record still begins as the checkpoint says. `how`: as in "that were signed". */
export function coverProblem({ size, root }: Checkpoint, scan: Scan, how: string): string | null {
  if (size > scan.index.size) {
    return `A checkpoint covers ${size} entries, ${how}; now there are ${scan.index.size}. Entries were cut off.`;
  }
  if (!scan.roots.get(size)?.equals(root)) {
    return `The first ${size} entries of the record are not those that were ${how}.`;
  }
  return null;
}

/**
 * SECURITY: a key that was replaced signs for its own time only, or somebody whose membership was
 * revoked could go on signing with it.
 */
export function signedCheckpoint(note: string, keys: CheckpointKeys): Checkpoint | null {
  const current = verifyCheckpoint(note, keys.origin, keys.publicKey);
  if (current) return current;
  for (const { publicKey, until } of keys.earlier) {
    const checkpoint = verifyCheckpoint(note, keys.origin, publicKey);
    if (checkpoint && checkpoint.size <= until) return checkpoint;
  }
  return null;
}
