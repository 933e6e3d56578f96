/** Asking for a bundle, approving it, and what became of each. */
import type { BundleSummary } from '#shared/contract/bundles.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Edition, Role } from '#shared/domain/words.ts';
import type { Session } from '#core/access/types.ts';
import type { Clock } from '#core/ports.ts';
import {
  getBundle,
  insertBundle,
  listBundleRows,
  markApproved,
  type BundleRow,
} from '#core/store/tables/bundles.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { exportCounts } from '#core/store/tables/export.ts';
import { listMemberRows } from '#core/store/tables/members.ts';
import { parseRecipients } from './age.ts';
import { editionPlan } from './editions.ts';

export interface RequestDeps {
  session: Session;
  clock: Clock;
}

export interface BundlePreview {
  items: number;
  decided: number;
  undecided: number;
  unreadable: number;
  bytes: number;
  needsApproval: boolean;
  pictures: boolean;
}

/** Of one case, or of all where `caseId` is null; newest first. */
export function listBundles(session: Session, caseId: number | null): BundleSummary[] {
  return listBundleRows(session.catalogue, caseId).map(summary);
}

export function bundleSummary(session: Session, bundleId: number): BundleSummary {
  return summary(getBundle(session.catalogue, bundleId));
}

/** What a bundle of the case would hold, by counts. Throws NOT_FOUND, BAD_REQUEST. */
export function previewBundle(
  session: Session,
  input: { caseId: number; edition: Edition },
): BundlePreview {
  getCase(session.catalogue, input.caseId);
  const { pictures } = editionPlan(input.edition);
  const counts = exportCounts(session.catalogue, input.caseId);
  return { ...counts, needsApproval: needsApproval(session), pictures };
}

/** Throws NOT_FOUND, BAD_REQUEST, UNKNOWN_RECIPIENT, NOT_ALLOWED; nothing is then recorded. */
export async function requestBundle(
  { session, clock }: RequestDeps,
  input: { caseId: number; edition: Edition; recipients: readonly string[] },
): Promise<BundleSummary> {
  requireRole(session, ['investigator', 'legal'], 'request a bundle');
  const recipients = await parseRecipients(input.recipients);
  const preview = previewBundle(session, input);
  if (preview.items === 0) {
    throw new CustosError(
      'BAD_REQUEST',
      'The case holds no items yet, so there is nothing to bundle.',
    );
  }
  const { caseId, edition } = input;
  const detail = { caseId, edition, recipients, items: preview.items };
  const bundleId = session.act({ type: 'bundle.requested', detail }, (tx, seq) =>
    insertBundle(tx, {
      caseId,
      edition,
      recipients,
      needsApproval: preview.needsApproval,
      requestedBy: session.member.id,
      requestedAt: clock.now().toISOString(),
      items: preview.items,
      seq,
    }),
  );
  return bundleSummary(session, bundleId);
}

/** Throws NOT_FOUND, NOT_ALLOWED (not a supervisor, or one's own request), ALREADY_EXISTS. */
export function approveBundle({ session, clock }: RequestDeps, bundleId: number): BundleSummary {
  requireRole(session, ['supervisor'], 'approve a bundle');
  const row = getBundle(session.catalogue, bundleId);
  // SECURITY: four eyes means two people; the catalogue refuses it as well.
  if (row.requestedBy === session.member.id) {
    throw new CustosError(
      'NOT_ALLOWED',
      'You asked for this bundle yourself. Another supervisor has to approve it.',
    );
  }
  if (row.approvedBy !== null || row.state === 'built') {
    throw new CustosError('ALREADY_EXISTS', 'This bundle needs no approval any more.');
  }
  const detail = {
    caseId: row.caseId,
    bundleId,
    edition: row.edition,
    recipients: row.recipients,
    requestedBy: row.requestedByName,
  };
  session.act({ type: 'bundle.approved', detail }, (tx, seq) => {
    const approvedAt = clock.now().toISOString();
    markApproved(tx, bundleId, { approvedBy: session.member.id, approvedAt, seq });
  });
  return bundleSummary(session, bundleId);
}

/** Policy: with two active members there is a second person, so there have to be two. */
export function needsApproval(session: Session): boolean {
  const rows = listMemberRows(session.catalogue);
  return rows.filter((row) => row.state === 'active').length >= 2;
}

/** Throws NOT_ALLOWED. The router checks the same by the contract; this holds for every caller. */
export function requireRole(session: Session, roles: readonly Role[], what: string): void {
  if (roles.some((role) => session.member.roles.includes(role))) return;
  throw new CustosError('NOT_ALLOWED', `To ${what} takes the role ${roles.join(' or ')}.`);
}

function summary(row: BundleRow): BundleSummary {
  return {
    id: row.id,
    caseId: row.caseId,
    caseRef: row.caseRef,
    edition: row.edition,
    recipients: row.recipients,
    state: row.state,
    needsApproval: row.needsApproval,
    requestedBy: row.requestedByName,
    requestedAt: row.requestedAt,
    approvedBy: row.approvedByName,
    approvedAt: row.approvedAt,
    builtAt: row.builtAt,
    builtBy: row.builtByName,
    items: row.items,
    bytes: row.bytes,
    sha256: row.sha256?.toString('hex') ?? null,
    message: row.message,
  };
}
