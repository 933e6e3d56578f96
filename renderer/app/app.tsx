import { useEffect, type ReactNode } from 'react';
import { drop } from '../bridge/drop.ts';
import { refreshStatus, useSession } from '../bridge/session.ts';
import { Door } from '../features/door/door.tsx';
import { cover, forgetRung } from '../media/look.ts';
import { Loading, Trouble } from '../ui/states.tsx';
import { Frame } from './frame.tsx';
import { NoticeList } from './notice-list.tsx';

/** Which of the two faces: the Door, or the rooms behind it. */
export function App(): ReactNode {
  const status = useSession((state) => state.status);
  const unreachable = useSession((state) => state.unreachable);
  const openRef = useSession((state) => state.openCase?.ref);
  const open = status?.state === 'open';

  useEffect(() => {
    // A title bar and a task list are seen by passers-by: the case's reference and nothing more.
    document.title = open && openRef !== undefined ? `${openRef} · Custos` : 'Custos';
  }, [open, openRef]);

  useEffect(() => {
    if (!open) return;
    return () => {
      cover();
      forgetRung();
    };
  }, [open]);

  if (unreachable !== null) {
    return (
      <main className="page">
        <Trouble
          error={{ code: 'INTERNAL', message: unreachable }}
          onRetry={() => drop(refreshStatus())}
        />
      </main>
    );
  }
  if (status === null) return <Loading what="Starting the workstation" />;
  return (
    <>
      {open ? <Frame status={status} /> : <Door status={status} />}
      <NoticeList />
    </>
  );
}
