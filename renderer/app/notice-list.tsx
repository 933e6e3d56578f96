import './frame.css';
import type { ReactNode } from 'react';
import { putAway, useNotices, type Notice } from '../bridge/notices.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/controls.tsx';
import { Icon } from '../ui/icons.tsx';

export function NoticeList(): ReactNode {
  const list = useNotices((state) => state.list);
  return (
    <>
      <div className="notices">
        <div role="status">
          {list.filter(isDone).map((notice) => (
            <Card key={notice.id} notice={notice} />
          ))}
        </div>
        <div role="alert">
          {list
            .filter((notice) => !isDone(notice))
            .map((notice) => (
              <Card key={notice.id} notice={notice} />
            ))}
        </div>
      </div>
    </>
  );
}

const isDone = ({ kind }: Notice): boolean => kind === 'done';

function Card({ notice }: { notice: Notice }): ReactNode {
  return (
    <div className="notice">
      <Badge kind={isDone(notice) ? 'good' : 'bad'}>
        <span className="unseen">{isDone(notice) ? 'Done' : 'Not done'}</span>
      </Badge>
      <p>
        {notice.text}
        {notice.incident !== null && <span className="quiet"> Incident {notice.incident}.</span>}
      </p>
      <Button look="icon" aria-label="Put this notice away" onClick={() => putAway(notice.id)}>
        <Icon name="cross" size={16} />
      </Button>
    </div>
  );
}
