/** Scans that let other work in between, for whatever reads a whole record while it is in use. */
import { setImmediate as pause } from 'node:timers/promises';
import { listSegments, nodeFiles } from './files.ts';
import type { RecordPlace } from './options.ts';
import { scanRecord, type Scan, type ScanOptions } from './scan.ts';
import { createTree, type Tree } from './tree.ts';

export async function scanGently(options: ScanOptions): Promise<Scan> {
  const steps = scanRecord(options);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    await pause();
  }
}

/** The tree over the record's first `size` entries; over fewer where there are no more. */
export async function treeOf(
  place: Pick<RecordPlace, 'dir' | 'workspaceId' | 'files'>,
  size: number,
): Promise<Tree> {
  const files = place.files ?? nodeFiles;
  const tree = createTree();
  await scanGently({
    files,
    workspaceDir: place.dir,
    workspaceId: place.workspaceId,
    segments: listSegments(files, place.dir),
    rootsAt: [],
    onEntry({ hash }) {
      if (tree.size < size) tree.append(hash);
    },
  });
  return tree;
}
