import { type ReactNode } from 'react';
import { useSession } from '../../bridge/session.ts';
import { CaseList } from './list.tsx';
import { CasePage } from './page.tsx';

export function CasesRoom(): ReactNode {
  const open = useSession((state) => state.openCase);
  return open === null ? <CaseList /> : <CasePage caseId={open.id} />;
}
