/**
 * `record/checkpoints.txt`: every checkpoint as a signed note, in order, each followed by an empty
 * line, so that a verifier without any key can hold the record against them.
 */
import {
  notesPath,
  READ_WRITE_CREATE,
  recordDir,
  syncDir,
  writeAll,
  type RecordFiles,
} from './files.ts';

/** The whole notes of the file, and how many bytes they take; what follows is a torn last note. */
export interface Notes {
  notes: string[];
  wholeBytes: number;
  tornBytes: number;
}

export function readNotes(workspaceDir: string, files: RecordFiles): Notes {
  const bytes = readOrEmpty(workspaceDir, files);
  const notes: string[] = [];
  let start = 0;
  for (;;) {
    const textEnd = bytes.indexOf('\n\n', start);
    const end = textEnd < 0 ? -1 : bytes.indexOf('\n\n', textEnd + 2);
    if (end < 0) break;
    notes.push(bytes.toString('utf8', start, end + 1));
    start = end + 2;
  }
  return { notes, wholeBytes: start, tornBytes: bytes.length - start };
}

/** Adds a note durably. A torn note before it, which no entry refers to, is cut off. */
export function appendNote(workspaceDir: string, files: RecordFiles, note: string): void {
  const { wholeBytes, tornBytes } = readNotes(workspaceDir, files);
  const fd = files.openSync(notesPath(workspaceDir), READ_WRITE_CREATE, 0o600);
  try {
    if (tornBytes > 0) files.ftruncateSync(fd, wholeBytes);
    writeAll(files, fd, Buffer.from(`${note}\n`), wholeBytes);
    files.fsyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
  if (wholeBytes === 0) syncDir(files, recordDir(workspaceDir));
}

function readOrEmpty(workspaceDir: string, files: RecordFiles): Buffer {
  try {
    return files.readFileSync(notesPath(workspaceDir));
  } catch (error) {
    // No checkpoint yet, or somebody took the file away: the verifier tells the two apart by the
    // entries that say a checkpoint was made.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
