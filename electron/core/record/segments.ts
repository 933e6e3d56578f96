/**
 * The writing end: `record/000001.evl`, `000002.evl`, … Append only; what is appended is on the
 * disk when `append` returns.
 */
import { segmentHeader, SEGMENT_HEADER_BYTES, type SegmentPlace } from './entry.ts';
import { READ_WRITE, segmentPath, writeAll, writeFileDurably, type SegmentFile } from './files.ts';
import type { WriteGuard } from './guard.ts';

/** A segment is closed before it would grow beyond this. */
export const SEGMENT_BYTES = 32 * 1024 * 1024;

export interface SegmentWriter {
  /**
   * Writes one or more whole entries, durable on return; answers where the first one lies.
   * `first` tells the entries' place in the record, for the header of a new segment.
   * Throws RECORD_UNWRITABLE; then nothing of `bytes` is in the record.
   */
  append(
    bytes: Buffer,
    first: { seq: number; prevHash: Buffer },
  ): { segment: number; offset: number };
  close(): void;
}

/** Makes a segment that holds its header only. The name is there whole and durable, or not at all. */
export function createSegment(
  guard: WriteGuard,
  workspaceDir: string,
  workspaceId: string,
  place: SegmentPlace,
): SegmentFile {
  const header = segmentHeader(workspaceId, place);
  writeFileDurably(guard.files, segmentPath(workspaceDir, place.number), header);
  return { number: place.number, bytes: header.length };
}

/** `last`: the newest segment, and how many of its bytes are whole entries. */
export function openSegments(options: {
  guard: WriteGuard;
  workspaceDir: string;
  workspaceId: string;
  last: SegmentFile;
  segmentBytes: number;
}): SegmentWriter {
  const { guard, workspaceDir, workspaceId, segmentBytes } = options;
  const { files } = guard;
  let { number, bytes: end } = options.last;
  let fd = files.openSync(segmentPath(workspaceDir, number), READ_WRITE);

  function roll(first: { seq: number; prevHash: Buffer }): void {
    const place = { number: number + 1, firstSeq: first.seq, prevHash: first.prevHash };
    const next = createSegment(guard, workspaceDir, workspaceId, place);
    const nextFd = files.openSync(segmentPath(workspaceDir, next.number), READ_WRITE);
    files.closeSync(fd);
    ({ number, bytes: end } = next);
    fd = nextFd;
  }

  function place(bytes: Buffer, first: { seq: number; prevHash: Buffer }): void {
    if (end > SEGMENT_HEADER_BYTES && end + bytes.length > segmentBytes) roll(first);
    try {
      writeAll(files, fd, bytes, end);
    } catch (error) {
      // A part of the entry may be there: a reader must not find it.
      files.ftruncateSync(fd, end);
      throw error;
    }
    // SECURITY (P3): nothing that needs this entry happens before this call has returned.
    files.fdatasyncSync(fd);
  }

  return {
    append(bytes, first) {
      guard.run(() => place(bytes, first));
      const offset = end;
      end += bytes.length;
      return { segment: number, offset };
    },
    close() {
      files.closeSync(fd);
    },
  };
}
