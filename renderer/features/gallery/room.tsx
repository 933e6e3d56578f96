import './gallery.css';
import { useState, type ReactNode } from 'react';
import type { GalleryFilter, Tile } from '#shared/contract/review.ts';
import { RUNG_WORDS } from '#shared/domain/words.ts';
import { drop } from '../../bridge/drop.ts';
import { categoryTitle, useLaw } from '../../bridge/law.ts';
import { enter, useCaseTick, useRoles, useSession } from '../../bridge/session.ts';
import { useCall } from '../../bridge/use-call.ts';
import { useActions } from '../../commands/registry.ts';
import { cover, holdPointer, show, stepRung, useLook } from '../../media/look.ts';
import { Picture } from '../../media/picture.tsx';
import { Button } from '../../ui/controls.tsx';
import { plural } from '../../ui/format.ts';
import { NeedsCase } from '../../ui/needs-case.tsx';
import { EmptyState, Loading, Trouble } from '../../ui/states.tsx';
import { CoveredTile } from '../../ui/tile.tsx';
import { VirtualGrid } from '../../ui/virtual-grid.tsx';
import { Filters } from './filters.tsx';
import { ItemPanel } from './item-panel.tsx';
import { useTilePages } from './pages.ts';
import { ReasonDialog } from './reason-dialog.tsx';

const ANY: GalleryFilter = { states: [], categories: [], text: '' };

export function GalleryRoom(): ReactNode {
  const open = useSession((state) => state.openCase);
  if (open === null) return <NeedsCase onCases={() => enter('cases')} />;
  return <Gallery key={open.id} caseId={open.id} />;
}

/** Every item of the case as a covered tile. */
function Gallery({ caseId }: { caseId: number }): ReactNode {
  const [filter, setFilter] = useState(ANY);
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState<Tile | null>(null);
  /** The reason given for showing one item; it ends when another is chosen. */
  const [given, setGiven] = useState<{ itemId: number; reason: string } | null>(null);
  const tick = useCaseTick(caseId);
  const had = useLook((state) => state.had);
  const rung = useLook((state) => state.rung);
  const subject = useLook((state) => state.subject);
  const counts = useCall('gallery.count', { caseId, filter }, tick);
  const pages = useTilePages(caseId, filter, `${tick} ${had}`);
  const pack = useLaw(caseId);
  const roles = useRoles();
  const mayHold = useSession((state) => state.status?.mayHoldPictures === true);
  const total = counts.value?.total ?? 0;
  const tile = total === 0 ? null : pages.tile(active);

  const investigates = roles.includes('investigator');
  const readable = mayHold && tile !== null && tile.state !== 'unreadable';
  const needsReason = tile !== null && (tile.state === 'decided' || !investigates);
  const reason = given !== null && given.itemId === tile?.itemId ? given.reason : null;

  function look(): void {
    if (tile === null || !readable) return;
    if (needsReason && reason === null) {
      setAsking(tile);
      return;
    }
    const purpose = tile.state === 'decided' ? 'relook' : investigates ? 'decide' : 'legal';
    drop(show({ itemId: tile.itemId, purpose, reason }));
  }

  function choose(index: number): void {
    if (index === active) return;
    setActive(index);
    setGiven(null);
  }

  useActions('Gallery', [
    {
      name: 'look',
      label: needsReason && reason === null ? 'show, with a reason' : 'hold to look',
      keys: ['space'],
      enabled: readable,
      perform: look,
      release: cover,
    },
    {
      name: 'rung',
      label: `rung: ${RUNG_WORDS[rung]}`,
      keys: ['-', '+', '=', 'arrowup', 'arrowdown'],
      shown: '\u2212 +',
      perform: (key) => stepRung(key === '-' || key === 'arrowdown' ? -1 : 1),
    },
    {
      name: 'open',
      label: 'open',
      keys: ['enter'],
      enabled: tile !== null && !open,
      perform: () => setOpen(true),
    },
    {
      name: 'close',
      label: 'close',
      keys: ['escape'],
      enabled: open,
      perform: () => setOpen(false),
    },
  ]);

  return (
    <div className={open ? 'gallery gallery-open' : 'gallery'}>
      <h1 className="unseen">Gallery</h1>
      <Filters
        filter={filter}
        counts={counts.value}
        pack={pack}
        onFilter={(next) => {
          setFilter(next);
          setActive(0);
        }}
      />
      <div className="gallery-grid">
        {grid()}
        {subject !== null && subject.itemId === tile?.itemId && (
          <div className="gallery-shown">
            <Picture itemId={subject.itemId} hint="">
              {tileFace(tile)}
            </Picture>
          </div>
        )}
      </div>
      {open && tile !== null && (
        <ItemPanel
          key={tile.itemId}
          itemId={tile.itemId}
          stackId={tile.stackId}
          pack={pack}
          showing={
            !readable
              ? null
              : {
                  needsReason: needsReason && reason === null,
                  again: tile.state === 'decided',
                  ask: () => setAsking(tile),
                  hold: () => holdPointer(look),
                }
          }
          onClose={() => setOpen(false)}
        />
      )}
      {asking !== null && (
        <ReasonDialog
          decided={asking.state === 'decided'}
          onClose={() => setAsking(null)}
          onReason={(text) => {
            setGiven({ itemId: asking.itemId, reason: text });
            setAsking(null);
          }}
        />
      )}
    </div>
  );

  function grid(): ReactNode {
    const error = counts.error ?? pages.error;
    if (error !== null) return <Trouble error={error} onRetry={counts.reload} />;
    if (counts.value === null) return <Loading what="Counting the items" />;
    if (total === 0) return nothing();
    return (
      <VirtualGrid
        label={plural(total, 'item')}
        total={total}
        active={Math.min(active, total - 1)}
        onActive={choose}
        onRange={pages.near}
        still={subject !== null}
        onOpen={() => setOpen(true)}
        cellName={(index) => {
          const one = pages.tile(index);
          return one === null ? 'Loading' : `Item ${one.itemId}`;
        }}
        cell={(index) => {
          const one = pages.tile(index);
          return one === null ? <div className="grid-blank" /> : tileFace(one);
        }}
      />
    );
  }

  function tileFace(one: Tile): ReactNode {
    return (
      <CoveredTile
        id={one.itemId}
        state={one.state}
        files={one.stackItems}
        sources={one.sources}
        looks={one.looks}
        category={one.category === null ? null : categoryTitle(pack, one.category)}
      />
    );
  }

  function nothing(): ReactNode {
    const filtered = filter !== ANY;
    return filtered ? (
      <EmptyState
        title="Nothing matches"
        text="No item of this case has all of what is chosen above."
      >
        <Button onClick={() => setFilter(ANY)}>Clear the filters</Button>
      </EmptyState>
    ) : (
      <EmptyState
        title="No item yet"
        text="Items appear here, covered, once files have been imported."
      />
    );
  }
}
