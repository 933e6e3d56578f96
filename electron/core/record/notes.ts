/**
 * `record/checkpoints.txt`: every checkpoint as a signed note, in order, each followed by an empty
 * line, so that a verifier without any key can hold the record against them.
 * `record/witnesses.txt`: the notes that others co-signed, each after a line with the witness's key.
 */
import { CustosError } from '#shared/domain/errors.ts';
import {
  nodeFiles,
  notesPath,
  READ_WRITE_CREATE,
  recordDir,
  syncDir,
  witnessesPath,
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
  return readFrom(notesPath(workspaceDir), files);
}

/** Throws RECORD_TAMPERED where there is none: every record is signed from its first session on. */
export function newestNote(place: { dir: string; files?: RecordFiles }): string {
  const note = readNotes(place.dir, place.files ?? nodeFiles).notes.at(-1);
  if (note !== undefined) return note;
  throw new CustosError(
    'RECORD_TAMPERED',
    'The record has no signed checkpoint any more: the file of checkpoints was taken away.',
  );
}

/** Adds a note durably. A torn note before it, which no entry refers to, is cut off. */
export function appendNote(workspaceDir: string, files: RecordFiles, note: string): void {
  appendTo(notesPath(workspaceDir), workspaceDir, files, note);
}

/** A note that a witness co-signed, and the witness's key (as `verifierKey` writes it). */
export interface WitnessedNote {
  key: string;
  note: string;
}

export function readWitnessed(workspaceDir: string, files: RecordFiles): WitnessedNote[] {
  return readFrom(witnessesPath(workspaceDir), files).notes.map((block) => {
    const end = block.indexOf('\n');
    return { key: block.slice(0, end), note: block.slice(end + 1) };
  });
}

/** As `appendNote`. */
export function appendWitnessed(
  workspaceDir: string,
  files: RecordFiles,
  { key, note }: WitnessedNote,
): void {
  appendTo(witnessesPath(workspaceDir), workspaceDir, files, `${key}\n${note}`);
}

function readFrom(file: string, files: RecordFiles): Notes {
  const bytes = readOrEmpty(file, files);
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

function appendTo(file: string, workspaceDir: string, files: RecordFiles, note: string): void {
  const { wholeBytes, tornBytes } = readFrom(file, files);
  const fd = files.openSync(file, READ_WRITE_CREATE, 0o600);
  try {
    if (tornBytes > 0) files.ftruncateSync(fd, wholeBytes);
    writeAll(files, fd, Buffer.from(`${note}\n`), wholeBytes);
    files.fsyncSync(fd);
  } finally {
    files.closeSync(fd);
  }
  if (wholeBytes === 0) syncDir(files, recordDir(workspaceDir));
}

function readOrEmpty(file: string, files: RecordFiles): Buffer {
  try {
    return files.readFileSync(file);
  } catch (error) {
    // No note yet, or somebody took the file away: the verifier tells the two apart by the entries
    // that speak of notes.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
