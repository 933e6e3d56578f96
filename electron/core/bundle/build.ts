/**
 * Builds an approved bundle as one stream: tar → age → a temporary file beside the target → flush
 * → read back and check everything → rename → flush of the folder. Nothing in the clear is ever
 * on disk, and no unfinished file is left behind.
 */
import type { BundleSummary } from '#shared/contract/bundles.ts';
import type { CaseFigures } from '#shared/contract/values.ts';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import type { Clock } from '#core/ports.ts';
import type { BlobStore } from '#core/store/types.ts';
import { getBundle, markBuilt, markFailed, type BundleRow } from '#core/store/tables/bundles.ts';
import { encryptTo, type ReadBack } from './age.ts';
import { editionPlan } from './editions.ts';
import { bagFiles, NAMES } from './payload.ts';
import { bundleSummary, needsApproval, requireRole } from './requests.ts';
import { allowedSigners } from './signers.ts';
import { takeSnapshot } from './snapshot.ts';
import { packTar } from './tar.ts';
import { openTarget, type Written } from './target.ts';
import { verifySource } from './verify.ts';

/** How the building tells whoever watches, and hears that it should stop; a job, in the program. */
export interface BuildWatch {
  readonly signal: AbortSignal;
  /** Every item counts twice: written, and read back. */
  setTotal(total: number): void;
  advance(by: { done?: number; bytes?: number }): void;
}

export interface BuildDeps {
  session: Session;
  clock: Clock;
  /** `review/figures.ts`, handed in. */
  figures(session: Session, caseId: number): CaseFigures;
  job?: BuildWatch;
}

const UNWATCHED: BuildWatch = {
  signal: new AbortController().signal,
  setTotal: () => undefined,
  advance: () => undefined,
};

/**
 * Writes the bundle to `outFile`, which must not exist.
 *
 * Throws NOT_FOUND, NOT_ALLOWED, APPROVAL_REQUIRED, KEY_UNAVAILABLE, BAD_REQUEST, READ_ONLY,
 * ALREADY_EXISTS before anything is recorded; then BLOB_DAMAGED, DISK_FULL, IO_FAILED, CANCELLED,
 * and APPROVAL_REQUIRED where the case has grown since; each recorded as `bundle.failed`.
 */
export async function buildBundle(
  deps: BuildDeps,
  bundleId: number,
  outFile: string,
): Promise<BundleSummary> {
  const { session } = deps;
  const { row, blobs } = requireBuildable(session, bundleId);
  const target = await openTarget(outFile);
  try {
    const { edition, recipients, caseId } = row;
    // SECURITY: the intent is durable before the first byte leaves the workspace.
    session.note({ type: 'bundle.begun', detail: { bundleId, caseId, edition, recipients } });
  } catch (error) {
    await target.discard();
    throw error;
  }
  try {
    const { items, written, builtAt } = await write(deps, row, blobs, target);
    await target.keep();
    recordBuilt(session, row, items, written, builtAt);
    return bundleSummary(session, bundleId);
  } catch (error) {
    await target.discard();
    recordFailed(session, row, error);
    throw error;
  }
}

function requireBuildable(
  session: Session,
  bundleId: number,
): { row: BundleRow; blobs: BlobStore } {
  requireRole(session, ['investigator', 'legal'], 'build a bundle');
  const row = getBundle(session.catalogue, bundleId);
  editionPlan(row.edition);
  if (row.state === 'built') {
    throw new CustosError('ALREADY_EXISTS', 'This bundle was built already. Request a new one.');
  }
  // SECURITY: policy as it was when the bundle was asked for, and as it is now: a request made
  // before there was a second member is no way around that member.
  if ((row.needsApproval || needsApproval(session)) && row.approvedBy === null) {
    throw new CustosError(
      'APPROVAL_REQUIRED',
      'This bundle waits for approval: a supervisor other than the one who asked for it has to approve it first.',
    );
  }
  if (session.readOnly !== null) throw new CustosError('READ_ONLY', session.readOnly);
  if (!session.blobs) {
    throw new CustosError(
      'KEY_UNAVAILABLE',
      'You do not hold the key to the pictures, so you cannot export them.',
    );
  }
  return { row, blobs: session.blobs };
}

type Target = Awaited<ReturnType<typeof openTarget>>;

async function write(
  deps: BuildDeps,
  row: BundleRow,
  blobs: BlobStore,
  target: Target,
): Promise<{ items: number; written: Written; builtAt: string }> {
  const { session, clock, job = UNWATCHED } = deps;
  const now = clock.now();
  const builtAt = now.toISOString();
  const figures = deps.figures(session, row.caseId);
  const snapshot = takeSnapshot(session, row, builtAt, target.name, figures);
  const items = snapshot.payload.length;
  // SECURITY: somebody approved so many pictures, and nobody approved those that came since.
  if (row.approvedBy !== null && items > row.items) {
    throw new CustosError(
      'APPROVAL_REQUIRED',
      `This bundle was asked for with ${String(row.items)} items and approved as such; the case holds ${String(items)} now. Ask for a new bundle and have that one approved.`,
    );
  }
  job.setTotal(2 * items);

  const plan = { bundleId: row.id, edition: row.edition, builtAt, snapshot };
  const files = bagFiles(session, blobs, plan, (item) => {
    job.advance({ done: 1, bytes: item.bytes });
  });
  const plain = packTar(files, now);
  const { cipher, readBack } = await encryptTo(row.recipients, plain);
  try {
    const written = await target.write(cipher, job.signal);
    await requireGood(session, target, readBack, items, job);
    return { items, written, builtAt };
  } finally {
    readBack.wipe();
    // After a failure, no original stays open behind the caller's back.
    await plain.return(undefined);
  }
}

/** SECURITY: what is handed over was read from the disk and checked like a received bundle. */
async function requireGood(
  session: Session,
  target: Target,
  readBack: ReadBack,
  items: number,
  job: BuildWatch,
): Promise<void> {
  const watch = {
    signal: job.signal,
    onFile: (path: string) => {
      if (path.startsWith(NAMES.items)) job.advance({ done: 1 });
    },
  };
  const signers = allowedSigners(session);
  const result = await verifySource(
    target.partial,
    'encrypted',
    [readBack.identity],
    signers,
    watch,
  );
  if (result.good && result.items === items) return;
  const failed = result.checks.filter((check) => check.outcome === 'bad');
  throw new CustosError(
    'IO_FAILED',
    `The bundle was read back after writing and is not as it should be (${failed.map((check) => check.name).join(', ')}). It was removed. Check the disk it was written to and build it again.`,
  );
}

function recordBuilt(
  session: Session,
  row: BundleRow,
  items: number,
  { bytes, sha256 }: Written,
  builtAt: string,
): void {
  const { id: bundleId, caseId, edition, recipients } = row;
  const detail = {
    bundleId,
    caseId,
    edition,
    recipients,
    items,
    bytes,
    sha256: sha256.toString('hex'),
  };
  session.act({ type: 'bundle.built', detail }, (tx, seq) => {
    markBuilt(tx, bundleId, { builtBy: session.member.id, builtAt, items, bytes, sha256, seq });
  });
}

/** A cancelled bundle stays as it was; any other failure is shown beside it until the next try. */
function recordFailed(session: Session, row: BundleRow, error: unknown): void {
  const code = isCustosError(error) ? error.code : 'INTERNAL';
  const reason = isCustosError(error) ? error.message : 'Something unexpected went wrong.';
  const entry = {
    type: 'bundle.failed' as const,
    detail: { bundleId: row.id, caseId: row.caseId, code, reason },
  };
  // After a failure of the disk or the record itself, the error on its way says all there is to say.
  if (session.readOnly !== null || code === 'RECORD_UNWRITABLE' || code === 'NOT_UNLOCKED') return;
  if (code === 'CANCELLED') session.note(entry);
  else session.act(entry, (tx, seq) => markFailed(tx, row.id, { message: reason, seq }));
}
