/**
 * One offered file becomes something that can be written down: its hashes, its sealed original
 * waiting in `tmp/`, and what a decoder says about it. Nothing is visible yet; `commit.ts` does that.
 */
import { isCustosError } from '#shared/domain/errors.ts';
import type { Media, PictureFacts, Unreadable } from '#core/media/types.ts';
import { sniff } from '#core/media/sniff.ts';
import type { BlobStore, SealedTemp } from '#core/store/types.ts';
import { hashBytes, hashWhilePassing, openSource, type ThreeHashes } from './read.ts';
import type { Found, FoundFile, FoundRefusal } from './sources.ts';

/** Larger files go through in chunks and never lie in memory as a whole while being sealed. */
const HELD_IN_MEMORY = 64 * 1024 * 1024;
/** What a decoder takes at all (docs/security.md, hostile input). */
const DECODER_LIMIT = 512 * 1024 * 1024;

/** New bytes: everything a row needs. */
export interface Content {
  hashes: ThreeHashes;
  bytes: number;
  /** Null where the bytes are in the blob store already (another case of this workspace). */
  temp: SealedTemp | null;
  facts: PictureFacts | Unreadable;
}
export interface PreparedFile {
  kind: 'file';
  path: Buffer;
  sha256: Buffer;
  bytes: number;
  modifiedAt: string;
  /** Null where the case holds these bytes already. */
  content: Content | null;
}
export type Prepared = PreparedFile | FoundRefusal;

export interface PrepareDeps {
  blobs: BlobStore;
  media: Media;
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
  const source = await openSource(found.path);
  try {
    if (source.bytes > HELD_IN_MEMORY) return await prepareLarge(deps, found, source);
    const bytes = await source.readAll();
    const hashes = hashBytes(bytes);
    const file = {
      kind: 'file' as const,
      path: found.path,
      sha256: hashes.sha256,
      bytes: bytes.length,
      modifiedAt: source.modifiedAt,
    };
    if (deps.isKnown(hashes.sha256)) return { ...file, content: null };
    const key = hashes.sha256.toString('hex');
    let content = deps.inFlight.get(key);
    if (!content) {
      content = makeContent(deps, bytes, hashes);
      deps.inFlight.set(key, content);
    }
    return { ...file, content: await content };
  } finally {
    await source.close();
  }
}

async function makeContent(
  deps: PrepareDeps,
  bytes: Buffer,
  hashes: ThreeHashes,
): Promise<Content> {
  const stored = deps.blobs.has(hashes.sha256);
  const sealing = stored ? Promise.resolve(null) : deps.blobs.seal(bytes);
  const analysing = deps.media.analyse(bytes);
  const [sealed, analysed] = await Promise.allSettled([sealing, analysing]);
  if (sealed.status === 'rejected') throw sealed.reason;
  if (analysed.status === 'rejected') {
    if (sealed.value) await deps.blobs.discard(sealed.value);
    throw analysed.reason;
  }
  return { hashes, bytes: bytes.length, temp: sealed.value, facts: analysed.value };
}

async function prepareLarge(
  deps: PrepareDeps,
  found: FoundFile,
  source: Awaited<ReturnType<typeof openSource>>,
): Promise<PreparedFile> {
  const passing = hashWhilePassing(source.chunks());
  const temp = await deps.blobs.seal(passing.chunks);
  const hashes = passing.result();
  const file = {
    kind: 'file' as const,
    path: found.path,
    sha256: hashes.sha256,
    bytes: temp.bytes,
    modifiedAt: source.modifiedAt,
  };
  if (deps.isKnown(hashes.sha256)) {
    await deps.blobs.discard(temp);
    return { ...file, content: null };
  }
  const facts = await analyseLarge(deps, source);
  return { ...file, content: { hashes, bytes: temp.bytes, temp, facts } };
}

async function analyseLarge(
  deps: PrepareDeps,
  source: Awaited<ReturnType<typeof openSource>>,
): Promise<PictureFacts | Unreadable> {
  if (source.bytes <= DECODER_LIMIT) return deps.media.analyse(await source.readAll());
  const head = (await source.chunks().next()).value as Buffer | undefined;
  return {
    readable: false,
    code: 'PICTURE_TOO_LARGE',
    reason: 'This file is larger than 512 MB, the most that is given to a decoder.',
    ...sniff(head ?? Buffer.alloc(0)),
  };
}
