/** Cases: the list, one case, its report. */
import type { CaseSummary } from '#shared/contract/cases.ts';
import { CustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import { importSummaries } from '#core/intake/summaries.ts';
import { caseFigures } from '#core/review/figures.ts';
import { getCase, insertCase, listCases, type CaseRow } from '#core/store/tables/cases.ts';
import { memberName } from '#core/store/tables/members.ts';
import type { Desk } from '../desk.ts';
import type { Handlers } from '../router.ts';

type Rooms = 'cases.list' | 'cases.create' | 'cases.get' | 'cases.report';

export function caseHandlers(desk: Desk): Pick<Handlers, Rooms> {
  return {
    'cases.list': (_input, session) =>
      listCases(session.catalogue).map((row) => summary(session, row)),
    'cases.create': (input, session) => {
      if (!desk.lawPacks.has(input.lawPack))
        throw new CustosError(
          'LAW_PACK_INVALID',
          `There is no law pack "${input.lawPack}" here. Known: ${[...desk.lawPacks.keys()].join(', ')}.`,
        );
      const createdAt = desk.ports.clock.now().toISOString();
      const id = session.act({ type: 'case.created', detail: { ...input } }, (tx, seq) =>
        insertCase(tx, { ...input, createdAt, createdBy: session.member.id, seq }),
      );
      return summary(session, getCase(session.catalogue, id));
    },
    'cases.get': ({ caseId }, session) => summary(session, getCase(session.catalogue, caseId)),
    'cases.report': ({ caseId }, session) => ({
      case: summary(session, getCase(session.catalogue, caseId)),
      imports: importSummaries(session, caseId),
    }),
  };
}

function summary(session: Session, row: CaseRow): CaseSummary {
  return {
    id: row.id,
    ref: row.ref,
    title: row.title,
    service: row.service,
    lawPack: row.lawPack,
    createdAt: row.createdAt,
    createdBy: memberName(session.catalogue, row.createdBy),
    figures: caseFigures(session, row.id),
  };
}
