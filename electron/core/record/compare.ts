/** Holding a scanned record against what was said about it earlier: signed notes, the anchor. */
import type { Anchor } from './anchors.ts';
import { verifyCheckpoint, type Checkpoint } from './checkpoint.ts';
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

/** A note's checkpoint if it is signed and the record still begins as it says; else why not. */
export function checkNote(
  note: string,
  scan: Scan,
  key: { origin: string; publicKey: Buffer },
): Checkpoint | string {
  const checkpoint = verifyCheckpoint(note, key.origin, key.publicKey);
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
