/**
 * One offered file becomes something that can be written down: its hashes, its sealed original
 * waiting in `tmp/`, and what a decoder says about it. Nothing is visible yet; `commit.ts` does that.
 */
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Media, PictureFacts, Unreadable } from '#core/media/types.ts';
import { sniff } from '#core/media/sniff.ts';
import type { BlobStore, SealedTemp } from '#core/store/types.ts';
import type { Allowance } from './allowance.ts';
import {
  hashBytes,
  hashWhilePassing,
  openSource,
  type SourceFile,
  type ThreeHashes,
} from './read.ts';
import type { Found, FoundFile, FoundRefusal } from './sources.ts';

/** Larger files go through in chunks and never lie in memory as a whole while being sealed. */
const HELD_IN_MEMORY = 64 * 1024 * 1024;
/** What a decoder takes at all (docs/security.md, hostile input). */
const DECODER_LIMIT = 512 * 1024 * 1024;

/** New bytes: everything a row needs. */
export interface Content {
  hashes: ThreeHashes;
  bytes: number;
  /** Null once it has taken its place among the originals. */
  temp: SealedTemp | null;
  facts: PictureFacts | Unreadable;
}
export interface PreparedFile {
  kind: 'file';
  path: Buffer;
  sha256: Buffer;
  bytes: number;
  modifiedAt: string | null;
  /** Null where the case holds these bytes already. */
  content: Content | null;
}
export type Prepared = PreparedFile | FoundRefusal;

export interface PrepareDeps {
  blobs: BlobStore;
  media: Media;
  /** Aborted: what is still being read is given up with CANCELLED; what was read is finished. */
  signal: AbortSignal;
  /** Shared by all files of an import. */
  memory: Allowance;
  /** Whether the case has these bytes in its catalogue already. */
  isKnown(sha256: Buffer): boolean;
  /** Bytes being prepared right now by another slot of the same import, by SHA-256 in hex. */
  inFlight: Map<string, Promise<Content>>;
}

/** Throws DISK_FULL, IO_FAILED, CANCELLED: those end the import. A bad source is a refusal. */
export async function prepare(deps: PrepareDeps, found: Found): Promise<Prepared> {
  if (found.kind === 'refused') return found;
  try {
    return await prepareFile(deps, found);
  } catch (error) {
    if (isCustosError(error) && isAboutTheSource(error.code))
      return { kind: 'refused', path: found.path, code: error.code, reason: error.message };
    throw error;
  }
}

type SourceCode = FoundRefusal['code'];
function isAboutTheSource(code: string): code is SourceCode {
  return code === 'SOURCE_UNREADABLE' || code === 'SOURCE_REFUSED' || code === 'SOURCE_CHANGED';
}

async function prepareFile(deps: PrepareDeps, found: FoundFile): Promise<PreparedFile> {
  const source = await openSource(found.path, deps.signal);
  try {
    const { hashes, bytes, content } =
      source.bytes > HELD_IN_MEMORY
        ? await prepareLarge(deps, source)
        : await prepareWhole(deps, source);
    const { modifiedAt } = source;
    return { kind: 'file', path: found.path, sha256: hashes.sha256, bytes, modifiedAt, content };
  } finally {
    await source.close();
  }
}

interface Outcome {
  hashes: ThreeHashes;
  bytes: number;
  content: Content | null;
}

async function prepareWhole(deps: PrepareDeps, source: SourceFile): Promise<Outcome> {
  const giveBack = await deps.memory.take(source.bytes);
  try {
    const whole = await source.readAll();
    const hashes = hashBytes(whole);
    const bytes = whole.length;
    if (deps.isKnown(hashes.sha256)) return { hashes, bytes, content: null };
    const key = hashes.sha256.toString('hex');
    let content = deps.inFlight.get(key);
    if (!content) {
      content = makeContent(deps, whole, hashes);
      deps.inFlight.set(key, content);
    }
    return { hashes, bytes, content: await content };
  } finally {
    giveBack();
  }
}

/**
 * Always seals, also where a blob of these bytes is there: it may be damaged, or never have been
 * flushed by a process that was killed. Putting it into place checks what is there.
 */
async function makeContent(
  deps: PrepareDeps,
  whole: Buffer,
  hashes: ThreeHashes,
): Promise<Content> {
  const work = [deps.blobs.seal(whole), deps.media.analyse(whole)] as const;
  const [sealed, analysed] = await Promise.allSettled(work);
  if (sealed.status === 'rejected') throw sealed.reason;
  if (analysed.status === 'rejected') {
    await deps.blobs.discard(sealed.value);
    throw analysed.reason;
  }
  return { hashes, bytes: whole.length, temp: sealed.value, facts: analysed.value };
}

async function prepareLarge(deps: PrepareDeps, source: SourceFile): Promise<Outcome> {
  const passing = hashWhilePassing(source.chunks());
  const temp = await deps.blobs.seal(passing.chunks);
  let kept = false;
  try {
    const hashes = passing.result();
    const { bytes } = temp;
    if (deps.isKnown(hashes.sha256)) return { hashes, bytes, content: null };
    const facts = await analyseLarge(deps, source, hashes);
    kept = true;
    return { hashes, bytes, content: { hashes, bytes, temp, facts } };
  } finally {
    if (!kept) await deps.blobs.discard(temp);
  }
}

async function analyseLarge(
  deps: PrepareDeps,
  source: SourceFile,
  hashes: ThreeHashes,
): Promise<PictureFacts | Unreadable> {
  if (source.bytes > DECODER_LIMIT) {
    const head = (await source.chunks().next()).value as Buffer | undefined;
    const { mime, ext } = sniff(head ?? Buffer.alloc(0));
    const reason = 'This file is larger than 512 MB, the most that is given to a decoder.';
    return { readable: false, code: 'PICTURE_TOO_LARGE', reason, mime, ext };
  }
  const giveBack = await deps.memory.take(source.bytes);
  try {
    const whole = await source.readAll();
    // The second reading is what is described, the first is what is kept: they must be the same.
    if (!hashBytes(whole).sha256.equals(hashes.sha256))
      throw new CustosError(
        'SOURCE_CHANGED',
        'This file gave different bytes when it was read again. Import it again once nothing writes to it, or check the disk it lies on.',
      );
    return await deps.media.analyse(whole);
  } finally {
    giveBack();
  }
}
