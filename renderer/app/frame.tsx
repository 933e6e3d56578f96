import './frame.css';
import { useEffect, useRef, type ReactNode } from 'react';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import { drop } from '../bridge/drop.ts';
import { ROOM_NAMES, roomsFor, type Room } from '../bridge/rooms.ts';
import { enter, lock, useSession } from '../bridge/session.ts';
import { cover } from '../media/look.ts';
import { useActions } from '../commands/registry.ts';
import { KeyStrip } from '../commands/strip.tsx';
import { BundlesRoom } from '../features/bundles/room.tsx';
import { CasesRoom } from '../features/cases/room.tsx';
import { GalleryRoom } from '../features/gallery/room.tsx';
import { IntakeRoom } from '../features/intake/room.tsx';
import { RecordRoom } from '../features/record/room.tsx';
import { ReviewRoom } from '../features/review/room.tsx';
import { SettingsRoom } from '../features/settings/room.tsx';
import { Button } from '../ui/controls.tsx';
import { Icon } from '../ui/icons.tsx';
import { Trouble } from '../ui/states.tsx';
import { TopJob } from './top-job.tsx';

const ROOM_FACES: Record<Room, () => ReactNode> = {
  cases: CasesRoom,
  intake: IntakeRoom,
  review: ReviewRoom,
  gallery: GalleryRoom,
  bundles: BundlesRoom,
  record: RecordRoom,
  settings: SettingsRoom,
};

/** Covered first: once locked, the end of a look can no longer be put on the record. */
function coverAndLock(): void {
  cover();
  drop(lock());
}

export function Frame({ status }: { status: WorkspaceStatus }): ReactNode {
  const wanted = useSession((state) => state.room);
  const rooms = roomsFor(status.member?.roles ?? []);
  const room = rooms.includes(wanted) ? wanted : 'cases';
  const main = useRef<HTMLElement>(null);
  const Face = ROOM_FACES[room];

  // The keyboard starts in the room, not on the rail. Rooms may move it on from there.
  useEffect(() => {
    main.current?.focus();
  }, [room]);

  useActions('Rooms', [
    ...rooms.map((name, index) => ({
      name: `go-${name}`,
      label: ROOM_NAMES[name],
      keys: [`alt+${index + 1}`],
      strip: false,
      perform: () => enter(name),
    })),
    { name: 'lock', label: 'Lock', keys: ['alt+0'], strip: false, perform: coverAndLock },
  ]);

  return (
    <div className="frame">
      <nav className="rail" aria-label="Rooms">
        {rooms.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={name === room ? 'page' : undefined}
            onClick={() => enter(name)}
          >
            <Icon name={name} />
            <span className="rail-name">{ROOM_NAMES[name]}</span>
          </button>
        ))}
      </nav>
      <TopBar status={status} />
      <main ref={main} tabIndex={-1} aria-label={ROOM_NAMES[room]}>
        {status.readOnly !== null && (
          <div className="read-only">
            <Trouble error={{ code: 'READ_ONLY', message: status.readOnly }} />
          </div>
        )}
        <Face />
      </main>
      <KeyStrip />
    </div>
  );
}

function TopBar({ status }: { status: WorkspaceStatus }): ReactNode {
  const openCase = useSession((state) => state.openCase);
  return (
    <header className="top">
      <div className="top-case">
        {openCase === null ? (
          <span className="quiet cut">{status.workspace?.name}</span>
        ) : (
          <>
            <strong className="nowrap">{openCase.ref}</strong>
            <span className="quiet cut">{openCase.title}</span>
          </>
        )}
      </div>
      <TopJob />
      <div className="top-end">
        {status.host === 'development' && <span className="quiet small">development host</span>}
        <span className="cut" title={status.member?.roles.join(', ')}>
          {status.member?.name}
        </span>
        <Button look="icon" aria-label="Lock" title="Lock (Alt 0)" onClick={coverAndLock}>
          <Icon name="lock" />
        </Button>
      </div>
    </header>
  );
}
