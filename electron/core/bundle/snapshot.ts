/** Everything a bundle says about a case, taken in one turn, so that it is true of one instant. */
import type { CaseFigures } from '#shared/contract/values.ts';
import type { Session } from '#core/access/types.ts';
import { sshFingerprint } from '#core/access/ssh-fingerprint.ts';
import { parseCheckpoint } from '#core/record/checkpoint.ts';
import type { BundleRow } from '#core/store/tables/bundles.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { listImports } from '#core/store/tables/imports.ts';
import { getMember, listMemberRows } from '#core/store/tables/members.ts';
import { editionPlan } from './editions.ts';
import { collectFindings, type PayloadItem } from './findings.ts';
import { renderReport, type ReportImport } from './report.ts';
import { createSpool, type Spooled } from './spool.ts';
import { principal } from './ssh-key.ts';
import { TOOL } from './tool.ts';

/** Rows of the exhibit list in the report; the rest is in the table and the JSON. */
const LISTED = 1000;

export interface Snapshot {
  caseRef: string;
  signer: { name: string; principal: string; fingerprint: string };
  report: Spooled;
  findings: Spooled;
  table: Spooled;
  /** A signed note of the record as it stands at this instant. */
  checkpoint: string;
  payload: PayloadItem[];
}

export function takeSnapshot(
  session: Session,
  bundle: BundleRow,
  builtAt: string,
  fileName: string,
  figures: CaseFigures,
): Snapshot {
  const db = session.catalogue;
  const { workspace, member, keys } = session;
  const caseRow = getCase(db, bundle.caseId);
  const checkpoint = session.record.checkpoint();
  const origin = parseCheckpoint(checkpoint.note)?.checkpoint.origin ?? null;
  const signer = {
    name: member.name,
    principal: principal(member.name, member.id, workspace.id),
    fingerprint: sshFingerprint(keys.signingPublic),
  };
  const imports = listImports(db, bundle.caseId).reverse();
  const caseFacts = {
    ref: caseRow.ref,
    title: caseRow.title,
    service: caseRow.service,
    createdAt: caseRow.createdAt,
    createdBy: getMember(db, caseRow.createdBy).name,
  };
  const bundleFacts = {
    id: bundle.id,
    edition: bundle.edition,
    recipients: bundle.recipients,
    requestedBy: bundle.requestedByName,
    requestedAt: bundle.requestedAt,
    approvedBy: bundle.approvedByName,
    approvedAt: bundle.approvedAt,
    builtBy: member.name,
    builtAt,
  };

  const collected = collectFindings(
    db,
    bundle.caseId,
    {
      tool: TOOL,
      bundle: bundleFacts,
      workspace: { id: workspace.id, name: workspace.name, fingerprint: workspace.fingerprint },
      case: { ...caseFacts, lawPack: caseRow.lawPack },
      record: {
        origin,
        size: checkpoint.size,
        root: checkpoint.root,
        checkpointKey: keys.checkpointPublic.toString('base64'),
      },
      signer,
      members: listMemberRows(db).map((row) => ({
        name: row.name,
        roles: row.roles,
        state: row.state,
        fingerprint: sshFingerprint(row.signingKey),
      })),
      figures,
      imports: imports.map(({ caseId: _caseId, acquirer: _id, acquirerName, added, ...row }) => ({
        ...row,
        acquirer: acquirerName,
        new: added,
      })),
    },
    LISTED,
  );
  const report = createSpool();
  report.write(
    renderReport({
      tool: TOOL,
      bundle: { ...bundleFacts, purpose: editionPlan(bundle.edition).purpose, fileName },
      workspace,
      case: caseFacts,
      record: checkpoint,
      signer,
      lawPacks: [...collected.lawPacks].sort(),
      imports: imports.map(reportImport),
      figures,
      categoryTitles: collected.categoryTitles,
      items: {
        total: collected.payload.length,
        bytes: collected.payload.reduce((sum, item) => sum + item.bytes, 0),
        listed: collected.listed,
      },
    }),
  );
  return {
    caseRef: caseRow.ref,
    signer,
    report: report.finish(),
    findings: collected.findings,
    table: collected.table,
    checkpoint: checkpoint.note,
    payload: collected.payload,
  };
}

function reportImport(row: ReturnType<typeof listImports>[number]): ReportImport {
  return {
    source: row.source,
    exhibit: row.exhibit,
    acquirer: row.acquirerName,
    startedAt: row.startedAt,
    state: row.state,
    offered: row.offered,
    new: row.added,
    duplicate: row.duplicate,
    unreadable: row.unreadable,
    refused: row.refused,
  };
}
