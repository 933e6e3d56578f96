/** A dry run: what is there, by type, before anything is kept. */
import { statfs } from 'node:fs/promises';
import type { Output } from '#shared/contract/contract.ts';
import { isCustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import { sniff } from '#core/media/sniff.ts';
import { measuredSpeed } from '#core/store/tables/imports.ts';
import { openSource } from './read.ts';
import { checkSources, walk } from './sources.ts';

/** Types are told from the first bytes of this many files; beyond it only sizes are counted. */
const SNIFFED = 5_000;
/** A preview answers soon or not at all: it stops counting here and says so. */
const COUNTED = 200_000;

export async function previewSources(
  session: Session,
  paths: readonly string[],
): Promise<Output<'intake.preview'>> {
  const dir = session.workspace.dir;
  await checkSources(paths, dir);
  const byType: Record<string, number> = {};
  let files = 0;
  let bytes = 0;
  let refused = 0;
  let truncated = false;
  for await (const found of walk(paths, dir)) {
    if (found.kind === 'refused') {
      refused += 1;
      continue;
    }
    if (files >= COUNTED) {
      truncated = true;
      break;
    }
    files += 1;
    bytes += found.bytes;
    const type = files <= SNIFFED ? await typeOf(found.path) : 'not looked at yet';
    byType[type] = (byType[type] ?? 0) + 1;
  }
  const speed = measuredSpeed(session.catalogue);
  const disk = await statfs(dir);
  return {
    files,
    bytes,
    refused,
    byType,
    freeBytes: disk.bavail * disk.bsize,
    expectedSeconds: speed ? files / speed : null,
    truncated,
  };
}

async function typeOf(path: Buffer): Promise<string> {
  try {
    const source = await openSource(path);
    try {
      const head = (await source.chunks().next()).value as Buffer | undefined;
      return sniff(head ?? Buffer.alloc(0)).ext || 'unknown';
    } finally {
      await source.close();
    }
  } catch (error) {
    // The import itself will name the file and the reason; the preview only counts.
    if (isCustosError(error)) return 'unreadable';
    throw error;
  }
}
