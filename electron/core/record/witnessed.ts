/** The workspace's side of witnessing: asking, and keeping what a witness answered. */
import { CustosError } from '#shared/domain/errors.ts';
import {
  checkpointOrigin,
  COSIGNATURE,
  parseCheckpoint,
  parseVerifierKey,
  verifierKey,
  verifyCheckpoint,
  type Checkpoint,
} from './checkpoint.ts';
import { checkpointKeys, signedCheckpoint, type CheckpointKeys } from './compare.ts';
import { cosignedAt } from './cosignature.ts';
import { nodeFiles } from './files.ts';
import { appendWitnessed, readNotes, readWitnessed, type WitnessedNote } from './notes.ts';
import type { RecordPlace } from './options.ts';
import { treeOf } from './walk.ts';
import { encodeRequest, keyFingerprint, parseAnswer } from './witness-files.ts';

/** A co-signature that holds. */
export interface Cosigned {
  /** The witness's name. */
  name: string;
  /** Of its key, for people to compare. */
  fingerprint: string;
  /** As C2SP verifier key. */
  key: string;
  checkpoint: Checkpoint;
  at: Date;
  note: string;
}

/** Null where the note is not both this record's own and co-signed with that key. */
export function checkWitnessed(
  { key, note }: WitnessedNote,
  record: CheckpointKeys,
): Cosigned | null {
  const witness = parseVerifierKey(key, COSIGNATURE);
  const checkpoint = signedCheckpoint(note, record);
  const at = witness && cosignedAt(note, witness);
  if (!witness || !checkpoint || !at) return null;
  const { name, publicKey } = witness;
  return { name, fingerprint: keyFingerprint(publicKey), key, checkpoint, at, note };
}

/** The newest of every witness, those that hold; in the order in which witnesses were met. */
export function newestByWitness(place: RecordPlace): Cosigned[] {
  const newest = new Map<string, Cosigned>();
  const record = checkpointKeys(place);
  for (const block of readWitnessed(place.dir, place.files ?? nodeFiles)) {
    const cosigned = checkWitnessed(block, record);
    const before = cosigned && newest.get(cosigned.key);
    if (cosigned && (!before || before.checkpoint.size <= cosigned.checkpoint.size)) {
      newest.set(cosigned.key, cosigned);
    }
  }
  return [...newest.values()];
}

export interface MadeRequest {
  /** The file to carry to the witness. */
  request: string;
  size: number;
  old: number;
  /** Of the record's key, to be compared at a first meeting. */
  fingerprint: string;
}

/**
 * A request about a checkpoint of this record. `old`: what the witness saw last; null takes it from
 * the co-signatures kept here (of `witness`, a name, where there are several).
 * Errors: USAGE (several witnesses and none named, none of that name), BAD_REQUEST (`old` beyond
 * the checkpoint), RECORD_TAMPERED.
 */
export async function makeRequest(
  place: RecordPlace,
  note: string,
  options: { old: number | null; witness: string | null },
): Promise<MadeRequest> {
  const origin = checkpointOrigin(place.workspaceId);
  const checkpoint = verifyCheckpoint(note, origin, place.checkpointPublic);
  if (!checkpoint) throw new RangeError('a checkpoint of another record');
  const { size, root } = checkpoint;
  const last = options.old === null ? chosenWitness(place, options.witness) : null;
  const old = options.old ?? last?.checkpoint.size ?? 0;
  if (old > size) {
    throw new CustosError('BAD_REQUEST', `The record has ${size} entries, fewer than ${old}.`);
  }
  const tree = await treeOf(place, size);
  const known = last?.checkpoint.root ?? null;
  if (tree.size < size || !tree.root().equals(root) || (known && !tree.root(old).equals(known))) {
    throw new CustosError(
      'RECORD_TAMPERED',
      'The record is not the one that its checkpoints were signed over, so no witness could co-sign it. Have it verified.',
    );
  }
  return {
    request: encodeRequest({
      key: verifierKey(origin, place.checkpointPublic),
      old,
      proof: old === 0 ? [] : tree.consistencyProof(old, size),
      note,
    }),
    size,
    old,
    fingerprint: keyFingerprint(place.checkpointPublic),
  };
}

function chosenWitness(place: RecordPlace, name: string | null): Cosigned | null {
  const all = newestByWitness(place);
  if (name === null && all.length <= 1) return all[0] ?? null;
  const chosen = all.find((witness) => witness.name === name);
  if (chosen) return chosen;
  const names = all.map((witness) => witness.name).join(', ') || 'none yet';
  throw new CustosError(
    'USAGE',
    `Say which witness this is for: ${names}. For one that has never seen this record, say --old 0.`,
  );
}

/**
 * Keeps a witness's answer durably; `known` where it was kept before. The caller records it.
 * Errors: BAD_REQUEST (no answer, or to another record), RECORD_TAMPERED (a co-signature that does
 * not hold, or under a checkpoint that this record does not have any more), RECORD_UNWRITABLE.
 */
export function acceptAnswer(place: RecordPlace, text: string): Cosigned & { known: boolean } {
  const answer = parseAnswer(text);
  const files = place.files ?? nodeFiles;
  const origin = checkpointOrigin(place.workspaceId);
  if (answer.checkpoint.origin !== origin) {
    throw new CustosError('BAD_REQUEST', 'This answer is about the record of another workspace.');
  }
  const cosigned = checkWitnessed(answer, checkpointKeys(place));
  if (!cosigned) {
    throw new CustosError(
      'RECORD_TAMPERED',
      'The co-signature in this file does not hold: the file was changed. Nothing was kept.',
    );
  }
  // SECURITY: every checkpoint this workspace ever signed is kept. One that is not there was signed
  // by a later state that has been put back, or elsewhere with this workspace's key.
  const own = readNotes(place.dir, files).notes.map((note) => parseCheckpoint(note)?.checkpoint);
  const { size, root } = cosigned.checkpoint;
  if (!own.some((made) => made?.size === size && made.root.equals(root))) {
    throw new CustosError(
      'RECORD_TAMPERED',
      `A witness has seen ${size} entries that this record does not have: it was put back to an earlier state, or continued in two places. Keep this file, and have the record verified.`,
    );
  }
  const known = readWitnessed(place.dir, files).some(({ note }) => note === answer.note);
  if (!known) keep(place, answer);
  return { ...cosigned, known };
}

function keep(place: RecordPlace, { key, note }: WitnessedNote): void {
  try {
    appendWitnessed(place.dir, place.files ?? nodeFiles, { key, note });
  } catch (cause) {
    throw new CustosError(
      'RECORD_UNWRITABLE',
      'The co-signature could not be written to the disk. Nothing was kept; check the disk and try again.',
      { cause },
    );
  }
}
