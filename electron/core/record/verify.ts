/**
 * Proving the whole record: everything opening checks, and besides every checkpoint's signature
 * and root, every payload where the private key is at hand, and that entries and notes speak of
 * the same checkpoints. Reads only; lets other work in between.
 */
import type { RecordVerdict } from '#shared/contract/record.ts';
import { setImmediate as pause } from 'node:timers/promises';
import type { Anchor } from './anchors.ts';
import { checkpointOrigin, parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { CHECKPOINT_MADE, SESSION_STARTED, type EntryView } from './entry.ts';
import { listSegments, nodeFiles } from './files.ts';
import { readNotes } from './notes.ts';
import type { ReadingOptions } from './options.ts';
import { scanRecord, type Scan } from './scan.ts';
import { openSession, type OpenSession } from './session.ts';
import { anchorProblem, checkNote } from './witnesses.ts';

/** More findings than these say nothing new. */
const MAX_FINDINGS = 50;

/** `dir`: the workspace's folder. With `recordPrivate` every payload is decrypted, too. */
export async function verifyRecord(
  dir: string,
  options: Omit<ReadingOptions, 'dir'>,
): Promise<RecordVerdict> {
  const started = performance.now();
  const { workspaceId, checkpointPublic, anchors } = options;
  const files = options.files ?? nodeFiles;
  // Taken in one breath, notes first, so that what is appended meanwhile does not matter.
  const { notes } = readNotes(dir, files);
  const anchor = anchors.get(workspaceId);
  const segments = listSegments(files, dir);
  const sizes = new Set(notes.map((note) => parseCheckpoint(note)?.checkpoint.size ?? -1));
  const payloads = checkPayloads(options);
  const walls = new Map<number, number>();
  const steps = scanRecord({
    files,
    workspaceDir: dir,
    workspaceId,
    segments,
    rootsAt: anchor ? [...sizes, anchor.size] : sizes,
    onEntry(entry) {
      payloads.see(entry);
      const { seq, wall } = entry.head;
      if (sizes.has(seq)) walls.set(seq, wall);
    },
  });
  let step = steps.next();
  while (!step.done) {
    await pause();
    step = steps.next();
  }
  const scan = step.value;
  payloads.wipe();

  const signed = checkNotes(notes, scan, {
    origin: checkpointOrigin(workspaceId),
    publicKey: checkpointPublic,
  });
  const findings = [
    ...scan.problems,
    ...tornFinding(scan),
    ...payloads.findings,
    ...signed.findings,
    ...missingNotes(scan, sizes),
    ...strayNotes(payloads.notes, notes),
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
  const { recordPrivate, workspaceId } = options;
  const findings: string[] = [];
  const notes = new Map<number, unknown>();
  let session: OpenSession | null = null;
  return {
    findings,
    notes,
    see(entry) {
      if (!recordPrivate) return;
      const { code, seq } = entry.head;
      if (code === SESSION_STARTED) {
        session?.wipe();
        session = openSession(entry, recordPrivate, workspaceId);
      }
      const detail = session?.detailOf(entry);
      if (!detail && findings.length < MAX_FINDINGS) {
        findings.push(`Entry ${seq} does not decrypt: it was changed, or written with other keys.`);
      }
      if (detail && code === CHECKPOINT_MADE) notes.set(seq, detail['note']);
    },
    wipe() {
      session?.wipe();
    },
  };
}

interface SignedNotes {
  good: number;
  newest: Checkpoint | null;
  findings: string[];
}

function checkNotes(
  notes: readonly string[],
  scan: Scan,
  key: { origin: string; publicKey: Buffer },
): SignedNotes {
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
