/** What is looked at before the record is used, and what is done about a torn last entry. */
import path from 'node:path';
import { parseCheckpoint } from './checkpoint.ts';
import {
  listSegments,
  nodeFiles,
  READ_WRITE,
  recordDir,
  segmentPath,
  writeFileDurably,
  type RecordFiles,
} from './files.ts';
import { readNotes } from './notes.ts';
import type { RecordPlace } from './options.ts';
import { scanAtOnce, type Scan, type TornEntry } from './scan.ts';
import { sha256 } from './sha.ts';
import { newestByWitness } from './witnessed.ts';
import { anchorProblem, checkNote, checkpointKeys, coverProblem } from './compare.ts';

export interface Inspection {
  scan: Scan;
  /** What does not hold, in words. */
  problems: string[];
}

/**
 * Checks framing, numbering and chain of the whole record, the newest signed checkpoint, the
 * newest co-signature of every witness and this machine's anchor. Needs no key and writes nothing. Checking every checkpoint and every payload
 * is `verifyRecord`'s work.
 */
export function inspectRecord(place: RecordPlace): Inspection {
  const { dir, workspaceId, anchors } = place;
  const files = place.files ?? nodeFiles;
  const newest = readNotes(dir, files).notes.at(-1);
  const newestSize = newest ? (parseCheckpoint(newest)?.checkpoint.size ?? -1) : -1;
  const anchor = anchors.get(workspaceId);
  const cosigned = newestByWitness(place);
  const scan = scanAtOnce({
    files,
    workspaceDir: dir,
    workspaceId,
    segments: listSegments(files, dir),
    rootsAt: [newestSize, anchor?.size ?? -1, ...cosigned.map((seen) => seen.checkpoint.size)],
  });
  const problems = [...scan.problems];
  if (newest) {
    const outcome = checkNote(newest, scan, checkpointKeys(place));
    if (typeof outcome === 'string') problems.push(outcome);
  }
  // A note is on the disk before its entry is, so an entry without a note has lost it.
  if ((scan.checkpointSeqs.at(-1) ?? -1) > newestSize) {
    problems.push('The newest checkpoint is missing from the file of checkpoints.');
  }
  for (const { name, checkpoint } of cosigned) {
    const problem = coverProblem(checkpoint, scan, `co-signed by ${name}`);
    if (problem !== null) problems.push(problem);
  }
  const disagreement = anchor && anchorProblem(anchor, scan);
  if (disagreement) problems.push(disagreement);
  return { scan, problems };
}

export interface SetAside extends Record<string, unknown> {
  /** Name within the `record` folder. */
  file: string;
  segment: number;
  offset: number;
  bytes: number;
  sha256: string;
}

/** Keeps a torn entry's bytes in a file of their own, durably, and only then takes them away. */
export function setAside(files: RecordFiles, dir: string, torn: TornEntry, now: Date): SetAside {
  const file = `torn-${now.toISOString().replaceAll(/[-:.]/g, '')}.bin`;
  writeFileDurably(files, path.join(recordDir(dir), file), torn.bytes);
  const fd = files.openSync(segmentPath(dir, torn.segment), READ_WRITE);
  try {
    files.ftruncateSync(fd, torn.offset);
    files.fdatasyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
  return {
    file,
    segment: torn.segment,
    offset: torn.offset,
    bytes: torn.bytes.length,
    sha256: sha256(torn.bytes).toString('hex'),
  };
}

/** `file`: where the bytes were kept, or null where nothing was touched. */
export function tornNotice(torn: TornEntry, file: string | null): string {
  const kept = file === null ? 'They were left where they are' : `They were kept in record/${file}`;
  return `The last entry of the record was cut off while it was being written (${torn.bytes.length} bytes). ${kept}. Nothing that depended on it had happened.`;
}
