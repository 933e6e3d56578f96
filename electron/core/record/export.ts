/**
 * A copy of the record, or of what it says about one case or item, for somebody without Custos:
 * JSON lines that hold the stored entries, the key of each, and the proofs that lead from each to
 * a signed checkpoint. docs/formats.md, "Record export", says how it is verified;
 * resources/verify-record.mjs does it.
 *
 * Nothing is judged here: what was tampered with is handed out as it is, for the verifier to find.
 */
import { sign, type KeyObject } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import type { CanonicalValue } from '#core/vault/canonical.ts';
import type { Checkpoint } from './checkpoint.ts';
import { checkpointKeys, signedCheckpoint } from './compare.ts';
import { DONE, SESSION_STARTED, typeOfCode, type EntryView } from './entry.ts';
import { createExportFile, type ExportFile } from './export-file.ts';
import { listSegments, nodeFiles } from './files.ts';
import type { KnownMember, MemberDirectory } from './member-proof.ts';
import type { ReadingOptions } from './options.ts';
import { openSession, type OpenSession } from './session.ts';
import { scanGently } from './walk.ts';
import { createTree, type Tree } from './tree.ts';
import { newestByWitness } from './witnessed.ts';

const PURPOSE = 'custos/record/export/v1\0';

export interface ExportOptions extends ReadingOptions {
  recordPrivate: Buffer;
  /** The fields of custos.json. */
  header: CanonicalValue;
  exporter: { id: string; signing: KeyObject };
  /** The signed checkpoint under which everything is proved. */
  note: string;
  /** An earlier one, held elsewhere, that the checkpoint must be shown to continue. */
  since: string | null;
  /** Both null for the whole record. */
  about: { caseId: number | null; itemId: number | null };
  now: Date;
}

export interface Exported {
  entries: number;
  size: number;
  /** 64 hex characters. */
  root: string;
  bytes: number;
  /** Of the whole file, 64 hex characters. */
  sha256: string;
}

/**
 * Writes the export whole under `file`, or nothing. Lets other work in between; what is appended
 * meanwhile is not part of it. Errors: BAD_REQUEST (`since` is no checkpoint of this record),
 * RECORD_TAMPERED (the record does not continue `since`), ALREADY_EXISTS, DISK_FULL, IO_FAILED.
 */
export async function exportRecord(file: string, options: ExportOptions): Promise<Exported> {
  const { about } = options;
  const checkpoint = requireCheckpoint(options.note, options);
  const whole = about.caseId === null && about.itemId === null;
  const { tree, chosen } = await survey(options, checkpoint.size, whole);
  const earlier = earlierNotes(options, checkpoint, tree);
  const out = createExportFile(file);
  try {
    out.line({
      format: 'custos-record-export',
      version: 1,
      made: options.now.toISOString(),
      by: options.exporter.id,
      scope: whole ? { kind: 'whole' } : { kind: 'about', ...about },
      workspace: options.header,
      checkpointKeys: keysOf(options),
      size: checkpoint.size,
      entries: chosen?.size ?? tree.size,
    });
    out.line({ checkpoint: { note: options.note } });
    for (const line of earlier) out.line({ earlier: line });
    const introduce = introductions(out, options.members);
    introduce(options.members(options.exporter.id));
    await writeEntries(options, out, { tree, chosen, introduce });
    const signed = Buffer.from(PURPOSE + out.digest());
    out.line({ signature: sign(null, signed, options.exporter.signing).toString('base64') });
    const { bytes, sha256 } = out.finish();
    const { size, root } = checkpoint;
    return { entries: chosen?.size ?? tree.size, size, root: root.toString('hex'), bytes, sha256 };
  } catch (error) {
    out.discard();
    throw error;
  }
}

/** Which keys signed checkpoints, and up to how many entries; null for the one in use. */
function keysOf({ earlierCheckpoints = [], checkpointPublic }: ReadingOptions): object[] {
  const keys = [...earlierCheckpoints, { publicKey: checkpointPublic, until: null }];
  return keys.map(({ publicKey, until }) => ({ key: publicKey.toString('hex'), until }));
}

function requireCheckpoint(note: string, of: ReadingOptions): Checkpoint {
  const checkpoint = signedCheckpoint(note, checkpointKeys(of));
  if (checkpoint) return checkpoint;
  throw new CustosError(
    'BAD_REQUEST',
    'This is not a checkpoint that this workspace signed. Give the file as it was kept.',
  );
}

interface Survey {
  tree: Tree;
  /** Numbers of the entries to hand out; null for all. */
  chosen: Set<number> | null;
}

/** One pass: the tree, and which entries are asked for. */
async function survey(options: ExportOptions, size: number, whole: boolean): Promise<Survey> {
  const tree = createTree();
  const chosen = new Set<number>();
  const { caseId, itemId } = options.about;
  let started = -1;
  await eachEntry(options, size, (entry, session) => {
    tree.append(entry.hash);
    if (whole) return;
    const { seq, code, ref } = entry.head;
    if (code === SESSION_STARTED) started = seq;
    const detail = session?.detailOf(entry) ?? {};
    const asked =
      code === DONE
        ? ref !== null && chosen.has(ref)
        : (caseId === null || detail['caseId'] === caseId) &&
          (itemId === null || detail['itemId'] === itemId);
    // Its session's first entry says, signed, who wrote it.
    if (asked) for (const number of [started, seq]) if (number >= 0) chosen.add(number);
  });
  return { tree, chosen: whole ? null : chosen };
}

interface Earlier {
  note: string;
  /** Keys of witnesses whose co-signatures the note carries. */
  witnesses: string[];
  /** RFC 6962, section 2.1.2. */
  proof: string[];
}

/** What the checkpoint must be shown to continue: the note asked for, each witness's newest. */
function earlierNotes(options: ExportOptions, checkpoint: Checkpoint, tree: Tree): Earlier[] {
  const earlier: Earlier[] = [];
  const prove = (note: string, { size }: Checkpoint, witnesses: string[]): void => {
    const within = size > 0 && size <= checkpoint.size && checkpoint.size <= tree.size;
    const hashes = within ? tree.consistencyProof(size, checkpoint.size) : [];
    earlier.push({ note, witnesses, proof: hashes.map((hash) => hash.toString('base64')) });
  };
  if (options.since !== null) {
    const since = requireCheckpoint(options.since, options);
    if (since.size > tree.size || !tree.root(since.size).equals(since.root)) {
      throw new CustosError(
        'RECORD_TAMPERED',
        `The record does not continue the checkpoint of ${since.size} entries that was given: it was changed since. Keep both, and have the record verified.`,
      );
    }
    prove(options.since, since, []);
  }
  for (const { key, note, checkpoint: seen } of newestByWitness(options)) prove(note, seen, [key]);
  return earlier;
}

type Introduce = (member: KnownMember | null) => void;

/** Writes a member's signed statement before the first entry that rests on it, signers first. */
function introductions(out: ExportFile, members: MemberDirectory): Introduce {
  const known = new Set<string>();
  return function introduce(member) {
    if (!member || known.has(member.id)) return;
    known.add(member.id);
    introduce(members(member.signedBy));
    const signature = member.signature.toString('base64');
    out.line({ member: { statement: member.statement, signature } });
  };
}

async function writeEntries(
  options: ExportOptions,
  out: ExportFile,
  { tree, chosen, introduce }: Survey & { introduce: Introduce },
): Promise<void> {
  const { size } = tree;
  await eachEntry(options, size, (entry, session) => {
    const { seq, wall, code } = entry.head;
    if (chosen && !chosen.has(seq)) return;
    introduce(session?.member ?? null);
    const shown = session?.disclose(entry) ?? null;
    const proof = chosen && seq < size ? tree.inclusionProof(seq, size) : null;
    out.line({
      entry: {
        seq,
        at: new Date(wall).toISOString(),
        type: typeOfCode(code) ?? 'unknown',
        by: session?.by ?? 'unknown',
        text: shown?.text ?? null,
        key: shown?.key.toString('base64') ?? null,
        bytes: entry.bytes.toString('base64'),
        ...(proof && { proof: proof.map((hash) => hash.toString('base64')) }),
      },
    });
    shown?.key.fill(0);
  });
}

/** The first `size` entries in order, each with its session as far as that opens. */
async function eachEntry(
  options: ExportOptions,
  size: number,
  use: (entry: EntryView, session: OpenSession | null) => void,
): Promise<void> {
  const { dir, workspaceId, recordPrivate, members } = options;
  const privates = [recordPrivate, ...(options.earlierPrivates ?? [])];
  const files = options.files ?? nodeFiles;
  const segments = listSegments(files, dir);
  let session: OpenSession | null = null;
  let count = 0;
  await scanGently({
    files,
    workspaceDir: dir,
    workspaceId,
    segments,
    rootsAt: [],
    onEntry(entry) {
      if (count >= size) return;
      count += 1;
      if (entry.head.code === SESSION_STARTED) {
        session?.wipe();
        session = openSession(entry, privates, workspaceId, members);
      }
      use(entry, session);
    },
  });
  (session as OpenSession | null)?.wipe();
}
