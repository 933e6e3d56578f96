/**
 * Proving the whole record: everything opening checks, and besides every checkpoint's signature
 * and root, every co-signature, and that entries and notes speak of the same checkpoints. Where the
 * private key is at hand: every payload, and every session's signature by the member it names.
 * Reads only; lets other work in between.
 */
import type { RecordVerdict } from '#shared/contract/record.ts';
import type { Anchor } from './anchors.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { CHECKPOINT_MADE, SESSION_STARTED, WITNESS_ACCEPTED, type EntryView } from './entry.ts';
import { listSegments, nodeFiles } from './files.ts';
import { readNotes, readWitnessed } from './notes.ts';
import type { ReadingOptions } from './options.ts';
import { UNSIGNED_CODES, type Scan } from './scan.ts';
import { NOBODY, openSession, type OpenSession } from './session.ts';
import { scanGently } from './walk.ts';
import { checkWitnessed, type Cosigned } from './witnessed.ts';
import {
  anchorProblem,
  checkNote,
  checkpointKeys,
  coverProblem,
  type CheckpointKeys,
} from './compare.ts';

/** More findings than these say nothing new. */
const MAX_FINDINGS = 50;

/** `dir`: the workspace's folder. With `recordPrivate` every payload is decrypted, too. */
export async function verifyRecord(
  dir: string,
  options: Omit<ReadingOptions, 'dir'>,
): Promise<RecordVerdict> {
  const started = performance.now();
  const { workspaceId, anchors } = options;
  const files = options.files ?? nodeFiles;
  // Taken in one breath, notes first, so that what is appended meanwhile does not matter.
  const { notes } = readNotes(dir, files);
  const key = checkpointKeys({ dir, ...options });
  const blocks = readWitnessed(dir, files);
  const cosigned = blocks.map((block) => checkWitnessed(block, key));
  const anchor = anchors.get(workspaceId);
  const segments = listSegments(files, dir);
  const sizes = new Set(notes.map((note) => parseCheckpoint(note)?.checkpoint.size ?? -1));
  const payloads = checkPayloads(options);
  const walls = new Map<number, number>();
  let accepted = 0;
  const witnessed = cosigned.map((seen) => seen?.checkpoint.size ?? -1);
  const scan = await scanGently({
    files,
    workspaceDir: dir,
    workspaceId,
    segments,
    rootsAt: [...sizes, ...witnessed, anchor?.size ?? -1],
    onEntry(entry) {
      payloads.see(entry);
      const { code, seq, wall } = entry.head;
      if (sizes.has(seq)) walls.set(seq, wall);
      if (code === WITNESS_ACCEPTED) accepted += 1;
    },
  });
  payloads.wipe();

  const signed = checkNotes(notes, scan, key);
  const findings = [
    ...scan.problems,
    ...tornFinding(scan),
    ...payloads.findings,
    ...signed.findings,
    ...missingNotes(scan, sizes),
    ...strayNotes(payloads.notes, notes),
    ...witnessProblems(cosigned, scan, accepted),
  ];
  const disagreement = anchor && anchorProblem(anchor, scan);
  if (disagreement) findings.push(disagreement);
  const { newest } = signed;
  return {
    good: findings.length === 0,
    entries: scan.index.size,
    root: scan.frontier.root().toString('hex'),
    checkpoints: signed.good,
    lastCheckpoint: newest && {
      at: new Date(walls.get(newest.size) ?? scan.lastWall).toISOString(),
      size: newest.size,
      root: newest.root.toString('hex'),
    },
    sinceCheckpoint: entriesSince(newest, scan),
    anchor: anchorWord(anchor, disagreement),
    witnesses: witnessWords(cosigned, scan),
    findings: findings.slice(0, MAX_FINDINGS),
    seconds: (performance.now() - started) / 1000,
  };
}

interface PayloadChecks {
  see(entry: EntryView): void;
  findings: string[];
  /** What the entries say was signed, by the size it was signed at. */
  notes: Map<number, unknown>;
  wipe(): void;
}

/** Decrypts entry after entry; does nothing where the private key is not at hand. */
function checkPayloads(options: Omit<ReadingOptions, 'dir'>): PayloadChecks {
  const { recordPrivate, workspaceId, members } = options;
  const privates = recordPrivate ? [recordPrivate, ...(options.earlierPrivates ?? [])] : [];
  const findings: string[] = [];
  const notes = new Map<number, unknown>();
  let session: OpenSession | null = null;

  function find(sentence: string): void {
    if (findings.length < MAX_FINDINGS) findings.push(sentence);
  }

  function checkpoint(seq: number, detail: Record<string, unknown>): void {
    notes.set(seq, detail['note']);
    const root = String(detail['root']);
    // The note says the same root, or it is not the one in the file of checkpoints.
    const said = parseCheckpoint(String(detail['note']))?.checkpoint;
    const fits = said?.size === seq && said.root.toString('hex') === root;
    if (!fits || !session?.isCheckpointSigned({ size: seq, root }, detail['signature'])) {
      find(`The checkpoint in entry ${seq} is not signed by the member whose session it is in.`);
    }
  }

  return {
    findings,
    notes,
    see(entry) {
      if (privates.length === 0) return;
      const { code, seq } = entry.head;
      if (code === SESSION_STARTED) {
        session?.wipe();
        session = openSession(entry, privates, workspaceId, members);
        if (session.problem !== null) find(session.problem);
      }
      const detail = session?.detailOf(entry);
      if (!detail) {
        find(`Entry ${seq} does not decrypt: it was changed, or written with other keys.`);
        return;
      }
      if (session?.by === NOBODY && !UNSIGNED_CODES.has(code)) {
        find(`Entry ${seq} is in a session in which nobody had been let in.`);
      }
      if (code === CHECKPOINT_MADE) checkpoint(seq, detail);
    },
    wipe() {
      session?.wipe();
    },
  };
}

/** `accepted`: entries that say that a co-signature was kept, each of which must still be there. */
function witnessProblems(
  cosigned: readonly (Cosigned | null)[],
  scan: Scan,
  accepted: number,
): string[] {
  const problems = cosigned.map((seen) =>
    seen
      ? coverProblem(seen.checkpoint, scan, `co-signed by ${seen.name}`)
      : 'A co-signature of a witness does not hold: it was changed.',
  );
  const found = problems.filter((problem) => problem !== null);
  if (cosigned.length < accepted) {
    found.push('A co-signature of a witness is missing from the file of witnesses.');
  }
  return found;
}

/** Up to where each witness vouches for what is here now. */
function witnessWords(
  cosigned: readonly (Cosigned | null)[],
  scan: Scan,
): RecordVerdict['witnesses'] {
  const newest = new Map<string, RecordVerdict['witnesses'][number]>();
  for (const seen of cosigned) {
    if (!seen || coverProblem(seen.checkpoint, scan, '') !== null) continue;
    const { name, fingerprint, key, checkpoint, at } = seen;
    const { size } = checkpoint;
    if (size >= (newest.get(key)?.size ?? 0)) {
      newest.set(key, { name, fingerprint, size, at: at.toISOString() });
    }
  }
  return [...newest.values()];
}

interface SignedNotes {
  good: number;
  newest: Checkpoint | null;
  findings: string[];
}

function checkNotes(notes: readonly string[], scan: Scan, key: CheckpointKeys): SignedNotes {
  const signed: SignedNotes = { good: 0, newest: null, findings: [] };
  for (const note of notes) {
    const outcome = checkNote(note, scan, key);
    if (typeof outcome === 'string') {
      signed.findings.push(outcome);
      continue;
    }
    signed.good += 1;
    if (!signed.newest || outcome.size >= signed.newest.size) signed.newest = outcome;
  }
  // A record's very first session is signed for, so there is no honest record without one.
  if (notes.length === 0 && scan.index.size > 0) {
    signed.findings.push('There is no signed checkpoint: the file of checkpoints was taken away.');
  }
  return signed;
}

function tornFinding({ torn }: Scan): string[] {
  return torn
    ? [
        `The last entry is incomplete (${torn.bytes.length} bytes): it was cut off while it was being written. Opening the workspace sets it aside.`,
      ]
    : [];
}

/** A note is written before its entry, so every entry must find its note. */
function missingNotes(scan: Scan, sizes: ReadonlySet<number>): string[] {
  return scan.checkpointSeqs
    .filter((seq) => !sizes.has(seq))
    .map((seq) => `The checkpoint of ${seq} entries is missing from the file of checkpoints.`);
}

function strayNotes(inEntries: Map<number, unknown>, inFile: readonly string[]): string[] {
  const known = new Set<unknown>(inFile);
  return [...inEntries]
    .filter(([, note]) => !known.has(note))
    .map(([seq]) => `Entry ${seq} speaks of another checkpoint than the file of checkpoints.`);
}

/** The entry that says the checkpoint was made is not counted: it says nothing new. */
function entriesSince(newest: Checkpoint | null, scan: Scan): number {
  if (!newest) return scan.index.size;
  const said = scan.checkpointSeqs.includes(newest.size) ? 1 : 0;
  return scan.index.size - newest.size - said;
}

function anchorWord(anchor: Anchor | null, disagreement: string | null): RecordVerdict['anchor'] {
  if (!anchor) return 'none';
  return disagreement ? 'disagrees' : 'agrees';
}
