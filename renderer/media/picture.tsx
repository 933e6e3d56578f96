import './picture.css';
import { useEffect, useState, type ReactNode } from 'react';
import { RUNG_WORDS } from '#shared/domain/words.ts';
import { useSession } from '../bridge/session.ts';
import { when } from '../ui/format.ts';
import { cover, notPainted, painted, setStage, useLook } from './look.ts';

interface PictureProps {
  itemId: number;
  /** What lies there while nothing is shown: a covered tile. */
  children: ReactNode;
  /** The line under the tile while covered, such as "hold Space". */
  hint: ReactNode;
  /** The tile was pressed with the mouse. Absent where it cannot be shown. */
  onHold?: () => void;
}

/** The only place in Custos where a picture can appear. Covered unless a look is being had. */
export function Picture({ itemId, children, hint, onHold }: PictureProps): ReactNode {
  const look = useLook();
  const mine = look.subject?.itemId === itemId;
  const url = mine && look.phase === 'shown' ? look.url : null;

  // SECURITY: leaving the room or going on to another item covers.
  useEffect(() => cover, [itemId]);

  return (
    <figure className="stage">
      <div ref={setStage} className={url === null ? 'stage-area' : 'stage-area stage-area-shown'}>
        {url === null ? (
          <div
            className="stage-cover"
            onPointerDown={(event) => {
              if (event.button !== 0 || onHold === undefined) return;
              event.preventDefault();
              onHold();
            }}
          >
            {children}
          </div>
        ) : (
          <>
            <img
              src={`./${url}`}
              alt={`Item ${itemId}, ${RUNG_WORDS[look.rung]}`}
              draggable={false}
              onLoad={painted}
              onError={notPainted}
              onContextMenu={(event) => event.preventDefault()}
            />
            <Mark />
          </>
        )}
      </div>
      <figcaption className="stage-line" aria-live="polite">
        {url !== null ? (
          <ShownLine />
        ) : mine && look.phase === 'asking' ? (
          'Asking…'
        ) : mine && look.phase === 'failed' ? (
          look.message
        ) : (
          hint
        )}
      </figcaption>
    </figure>
  );
}

/** Rung, seconds, "recorded". The seconds are not read out one by one. */
function ShownLine(): ReactNode {
  const { rung, since } = useLook();
  const [now, setNow] = useState(since ?? 0);
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = since === null ? 0 : Math.max(0, Math.floor((now - since) / 1000));
  return (
    <>
      {RUNG_WORDS[rung]}
      <span aria-hidden="true"> · {seconds} s</span> · recorded
    </>
  );
}

/** Who looks at what, when: quietly on the mat, so that a photograph of the screen names itself. */
function Mark(): ReactNode {
  const member = useSession((state) => state.status?.member?.name ?? '');
  const ref = useSession((state) => state.openCase?.ref ?? '');
  const [at] = useState(() => when(new Date().toISOString()));
  return (
    <span className="stage-mark" aria-hidden="true">
      {member} · {ref} · {at}
    </span>
  );
}
