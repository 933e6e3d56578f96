/** The files of a bag in the order they are written, hashed while they pass. */
import { createHash } from 'node:crypto';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import { noteDamaged, noteMended } from '#core/access/damage.ts';
import type { Session } from '#core/access/types.ts';
import type { BlobStore } from '#core/store/types.ts';
import {
  ALGORITHMS,
  BAGIT_TXT,
  bagInfo,
  manifest,
  manifestName,
  payloadOxum,
  tagManifestName,
  type FileDigest,
} from './bagit.ts';
import type { PayloadItem } from './findings.ts';
import type { Snapshot } from './snapshot.ts';
import type { Spooled } from './spool.ts';
import { allowedSignersLine, NAMESPACE } from './ssh-key.ts';
import { signSsh } from './sshsig.ts';
import type { Bytes, TarInput } from './tar.ts';
import { TOOL } from './tool.ts';

/** Names that both the writer and the checker go by. */
export const NAMES = {
  bagit: 'bagit.txt',
  info: 'bag-info.txt',
  signers: 'allowed_signers',
  signed: 'tagmanifest-sha512.txt',
  signature: 'tagmanifest-sha512.txt.sig',
  report: 'data/report.html',
  findings: 'data/findings.json',
  table: 'data/items.csv',
  checkpoint: 'data/record/checkpoint.txt',
  items: 'data/items/',
} as const;

/** Labels in bag-info.txt that the checker reads back. */
export const INFO = {
  case: 'Custos-Case',
  edition: 'Custos-Edition',
  items: 'Custos-Items',
  signer: 'Custos-Signer',
  principal: 'Custos-Signer-Principal',
  fingerprint: 'Custos-Signer-Fingerprint',
} as const;

export interface BagPlan {
  bundleId: number;
  edition: string;
  builtAt: string;
  snapshot: Snapshot;
}

/**
 * Every file of the bag. `onItem` is called after each original.
 * Throws BLOB_DAMAGED naming the item whose original is not what was imported.
 */
export async function* bagFiles(
  session: Session,
  blobs: BlobStore,
  plan: BagPlan,
  onItem: (item: PayloadItem) => void,
): AsyncGenerator<TarInput> {
  const { snapshot } = plan;
  const payload: FileDigest[] = [];
  const tags: FileDigest[] = [];

  yield hashed(NAMES.bagit, text(BAGIT_TXT), tags);
  yield hashed(NAMES.report, snapshot.report, payload);
  yield hashed(NAMES.findings, snapshot.findings, payload);
  yield hashed(NAMES.table, snapshot.table, payload);
  yield hashed(NAMES.checkpoint, text(snapshot.checkpoint), payload);
  for (const item of snapshot.payload) {
    const original = {
      bytes: item.bytes,
      content: () => originalOf(session, blobs, plan.builtAt, item),
    };
    yield hashed(item.path, original, payload);
    onItem(item);
  }

  yield hashed(NAMES.info, text(describe(session, plan, payload)), tags);
  yield hashed(
    NAMES.signers,
    text(allowedSignersLine(snapshot.signer.principal, session.keys.signingPublic)),
    tags,
  );
  for (const algorithm of ALGORITHMS) {
    yield hashed(manifestName(algorithm), text(manifest(algorithm, payload)), tags);
  }
  // Tag manifests list every tag file but themselves and what is made from them.
  const tagManifests = ALGORITHMS.map(
    (algorithm) => [tagManifestName(algorithm), manifest(algorithm, tags)] as const,
  );
  for (const [name, content] of tagManifests) yield plain(name, text(content));
  const signed = tagManifests.find(([name]) => name === NAMES.signed)?.[1] ?? '';
  const { signing, signingPublic } = session.keys;
  const signature = signSsh(Buffer.from(signed), NAMESPACE, signing, signingPublic);
  yield plain(NAMES.signature, text(signature));
}

interface Content {
  bytes: number;
  content(): Bytes;
}

function text(value: string): Content & Spooled {
  const bytes = Buffer.from(value, 'utf8');
  return { bytes: bytes.length, content: () => [bytes] };
}

function plain(path: string, file: Content): TarInput {
  return { path, bytes: file.bytes, content: file.content() };
}

/** As `plain`; adds the file's hashes to `digests` once it has passed. */
function hashed(path: string, file: Content, digests: FileDigest[]): TarInput {
  async function* pass(): AsyncGenerator<Uint8Array> {
    const sha256 = createHash('sha256');
    const sha512 = createHash('sha512');
    for await (const chunk of file.content()) {
      sha256.update(chunk);
      sha512.update(chunk);
      yield chunk;
    }
    const [hex256, hex512] = [sha256.digest('hex'), sha512.digest('hex')];
    digests.push({ path, bytes: file.bytes, sha256: hex256, sha512: hex512 });
  }
  return { path, bytes: file.bytes, content: pass() };
}

/** SECURITY: what leaves is what was imported, byte for byte, or nothing leaves. */
async function* originalOf(
  session: Session,
  blobs: BlobStore,
  at: string,
  item: PayloadItem,
): AsyncGenerator<Uint8Array> {
  const sha256 = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of blobs.stream(item.sha256)) {
      sha256.update(chunk);
      bytes += chunk.length;
      if (bytes > item.bytes) throw damaged(item);
      yield chunk;
    }
  } catch (error) {
    if (!isCustosError(error) || error.code !== 'BLOB_DAMAGED') throw error;
    noteDamaged(session, at, item.sha256, error.message);
    throw damaged(item, error);
  }
  if (bytes !== item.bytes || !sha256.digest().equals(item.sha256)) throw damaged(item);
  // It may have been damaged once, and restored since: here it has just been read, whole and good.
  noteMended(session, item.sha256);
}

function damaged(item: PayloadItem, cause?: unknown): CustosError {
  return new CustosError(
    'BLOB_DAMAGED',
    `The stored original of item ${String(item.number)} (SHA-256 ${item.sha256.toString('hex').slice(0, 16)}…) is missing or damaged. The bundle was not built. Restore the workspace from a backup, then build it again.`,
    { cause },
  );
}

function describe(session: Session, plan: BagPlan, payload: FileDigest[]): string {
  const { snapshot } = plan;
  return bagInfo([
    ['Source-Organization', session.workspace.name],
    ['Bagging-Date', plan.builtAt.slice(0, 10)],
    ['Bag-Software-Agent', `${TOOL.name} ${TOOL.version}`],
    ['External-Identifier', `${snapshot.caseRef}-${String(plan.bundleId)}`],
    ['Payload-Oxum', payloadOxum(payload)],
    [INFO.case, snapshot.caseRef],
    [INFO.edition, plan.edition],
    [INFO.items, String(snapshot.payload.length)],
    [INFO.signer, snapshot.signer.name],
    [INFO.principal, snapshot.signer.principal],
    [INFO.fingerprint, snapshot.signer.fingerprint],
  ]);
}
