/** Imports as the screens and the command line read them. */
import type { ImportSummary } from '#shared/contract/cases.ts';
import type { Session } from '#core/access/types.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { listImports, type ImportRow } from '#core/store/tables/imports.ts';

/** Newest first. Throws NOT_FOUND for an unknown case. */
export function importSummaries(session: Session, caseId: number): ImportSummary[] {
  getCase(session.catalogue, caseId);
  return listImports(session.catalogue, caseId).map(summary);
}

function summary(row: ImportRow): ImportSummary {
  return {
    id: row.id,
    caseId: row.caseId,
    source: row.source,
    exhibit: row.exhibit,
    acquirer: row.acquirerName,
    state: row.state,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    bytes: row.bytes,
    ledger: {
      offered: row.offered,
      new: row.added,
      duplicate: row.duplicate,
      unreadable: row.unreadable,
      refused: row.refused,
    },
    stacks: row.stacks,
  };
}
