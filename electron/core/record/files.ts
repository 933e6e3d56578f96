/**
 * Where the record lies and the system calls it uses. The calls are handed in so that a test can
 * take one away (no fdatasync, a full disk) and see that it is missed.
 */
import fs from 'node:fs';
import path from 'node:path';

export type RecordFiles = Pick<
  typeof fs,
  | 'openSync'
  | 'closeSync'
  | 'readSync'
  | 'writeSync'
  | 'fstatSync'
  | 'ftruncateSync'
  | 'fsyncSync'
  | 'fdatasyncSync'
  | 'mkdirSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'renameSync'
>;

export const nodeFiles: RecordFiles = {
  openSync: fs.openSync,
  closeSync: fs.closeSync,
  readSync: fs.readSync,
  writeSync: fs.writeSync,
  fstatSync: fs.fstatSync,
  ftruncateSync: fs.ftruncateSync,
  fsyncSync: fs.fsyncSync,
  fdatasyncSync: fs.fdatasyncSync,
  mkdirSync: fs.mkdirSync,
  readdirSync: fs.readdirSync,
  readFileSync: fs.readFileSync,
  renameSync: fs.renameSync,
};

/** Opens for reading and writing, never truncates. */
export const READ_WRITE = fs.constants.O_RDWR;
/** Opens for reading and writing, creates where missing, never truncates. */
export const READ_WRITE_CREATE = fs.constants.O_RDWR | fs.constants.O_CREAT;

export function recordDir(workspaceDir: string): string {
  return path.join(workspaceDir, 'record');
}

export function segmentPath(workspaceDir: string, number: number): string {
  return path.join(recordDir(workspaceDir), `${String(number).padStart(6, '0')}.evl`);
}

export function notesPath(workspaceDir: string): string {
  return path.join(recordDir(workspaceDir), 'checkpoints.txt');
}

export function witnessesPath(workspaceDir: string): string {
  return path.join(recordDir(workspaceDir), 'witnesses.txt');
}

export interface SegmentFile {
  number: number;
  bytes: number;
}

/** The segments in order, with their sizes now. Names that are no segment's are left alone. */
export function listSegments(files: RecordFiles, workspaceDir: string): SegmentFile[] {
  return namesIn(files, recordDir(workspaceDir))
    .map((name) => /^(\d{6,9})\.evl$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => ({ number, bytes: sizeOf(files, segmentPath(workspaceDir, number)) }));
}

function namesIn(files: RecordFiles, dir: string): string[] {
  try {
    return files.readdirSync(dir);
  } catch (error) {
    // A folder that was taken away holds no segment, which the reader says in words.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function sizeOf(files: RecordFiles, file: string): number {
  const fd = files.openSync(file, 'r');
  try {
    return files.fstatSync(fd).size;
  } finally {
    files.closeSync(fd);
  }
}

/** Writes all of `bytes` from byte `at` on; one system call unless the system splits it. */
export function writeAll(files: RecordFiles, fd: number, bytes: Buffer, at: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += files.writeSync(fd, bytes, written, bytes.length - written, at + written);
  }
}

/** Fills `target` from byte `at` on; false where the file ends before. */
export function readAll(files: RecordFiles, fd: number, target: Buffer, at: number): boolean {
  let read = 0;
  while (read < target.length) {
    const got = files.readSync(fd, target, read, target.length - read, at + read);
    if (got === 0) return false;
    read += got;
  }
  return true;
}

/** A file that is whole under its own name or not there at all; durable when this returns. */
export function writeFileDurably(files: RecordFiles, file: string, bytes: Buffer): void {
  const temporary = `${file}.new`;
  const fd = files.openSync(temporary, 'w', 0o600);
  try {
    writeAll(files, fd, bytes, 0);
    files.fsyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
  files.renameSync(temporary, file);
  syncDir(files, path.dirname(file));
}

/** Makes names created in `dir` durable. Windows keeps names durable itself and refuses the call. */
export function syncDir(files: RecordFiles, dir: string): void {
  if (process.platform === 'win32') return;
  const fd = files.openSync(dir, 'r');
  try {
    files.fsyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
}
