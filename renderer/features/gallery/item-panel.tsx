import type { ReactNode } from 'react';
import type { Decision, ItemDetail } from '#shared/contract/review.ts';
import { FACTS, type RecordedFact } from '#shared/domain/facts.ts';
import type { LawPack } from '#shared/domain/law/pack.ts';
import { RUNG_WORDS } from '#shared/domain/words.ts';
import { categoryStep } from '../../bridge/law.ts';
import { useCall } from '../../bridge/use-call.ts';
import { useLook } from '../../media/look.ts';
import { Severity, StateBadge } from '../../ui/badge.tsx';
import { Button, Kbd } from '../../ui/controls.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { count, duration, plural, size, when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Loading, Trouble } from '../../ui/states.tsx';

interface ItemPanelProps {
  itemId: number;
  stackId: number | null;
  pack: LawPack | null;
  /** Null where this member cannot be shown this item. */
  showing: { needsReason: boolean; again: boolean; ask: () => void; hold: () => void } | null;
  onClose: () => void;
}

/** All that is known about one item, in words and numbers. */
export function ItemPanel(props: ItemPanelProps): ReactNode {
  const { itemId, stackId, pack, showing, onClose } = props;
  const had = useLook((state) => state.had);
  const item = useCall('items.get', { itemId }, had);
  const stack = useCall('review.stack', stackId === null ? null : { stackId }, had);

  return (
    <aside className="panel" aria-label={`Item ${itemId}`}>
      <div className="panel-body">
        <div className="panel-head">
          <h2>Item {itemId}</h2>
          <Button look="icon" aria-label="Close the item" onClick={onClose}>
            <Icon name="cross" />
          </Button>
        </div>
        {item.error !== null && <Trouble error={item.error} onRetry={item.reload} />}
        {item.value === null && item.loading && <Loading what="Reading the item" />}
        {item.value !== null && (
          <>
            <section>
              <StateBadge state={item.value.state} />
              {item.value.unreadableReason !== null && (
                <p className="quiet">
                  {item.value.unreadableReason} The bytes are kept as evidence.
                </p>
              )}
              {item.value.decision !== null && (
                <DecisionLines decision={item.value.decision} pack={pack} />
              )}
            </section>
            {showing !== null && <ShowButton {...showing} />}
            <Facts facts={stack.value?.facts ?? []} />
            <FileLines item={item.value} />
            <Looks item={item.value} />
            <Places item={item.value} />
          </>
        )}
      </div>
    </aside>
  );
}

function ShowButton(props: NonNullable<ItemPanelProps['showing']>): ReactNode {
  const { needsReason, again, ask, hold } = props;
  if (needsReason) {
    return (
      <div className="buttons">
        <Button onClick={ask}>{again ? 'Show again' : 'Show'}</Button>
        <span className="quiet small">needs a reason</span>
      </div>
    );
  }
  return (
    <div className="buttons">
      <Button
        data-keys="room"
        onPointerDown={(event) => {
          if (event.button === 0) hold();
        }}
        onMouseDown={(event) => event.preventDefault()}
      >
        Hold to look <Kbd>Space</Kbd>
      </Button>
    </div>
  );
}

function DecisionLines({
  decision,
  pack,
}: {
  decision: Decision;
  pack: LawPack | null;
}): ReactNode {
  return (
    <>
      <h3>
        <Severity step={categoryStep(pack, decision.category)}>{decision.categoryTitle}</Severity>
      </h3>
      <p className="quiet">
        {decision.overridden ? 'chosen' : 'derived'} by {decision.by}, {when(decision.at)} · basis:{' '}
        {decision.basis}
      </p>
      {decision.reason !== '' && <p>{decision.reason}</p>}
    </>
  );
}

function Facts({ facts }: { facts: readonly RecordedFact[] }): ReactNode {
  if (facts.length === 0) return null;
  return (
    <section>
      <h3>Facts</h3>
      <dl className="facts-line">
        {facts.map((fact) => {
          const values: Record<string, string> = FACTS[fact.key].values;
          return (
            <Line key={fact.key} name={FACTS[fact.key].label}>
              {values[fact.value] ?? fact.value}
              {fact.certainty !== 'certain' && <span className="quiet">, {fact.certainty}</span>}
            </Line>
          );
        })}
      </dl>
    </section>
  );
}

function FileLines({ item }: { item: ItemDetail }): ReactNode {
  return (
    <section>
      <h3>File</h3>
      <dl className="facts-line">
        <Line name="Type">
          {item.mime}
          {item.frames !== null && item.frames > 1 && `, ${plural(item.frames, 'frame')}`}
        </Line>
        {item.width !== null && (
          <Line name="Size">
            {item.width}×{item.height}, {size(item.bytes)}
          </Line>
        )}
        {item.width === null && <Line name="Size">{size(item.bytes)}</Line>}
        <Line name="SHA-256">
          <Copyable text={item.sha256} name="SHA-256" />
        </Line>
        <Line name="SHA-1">
          <Copyable text={item.sha1} name="SHA-1" />
        </Line>
        <Line name="MD5">
          <Copyable text={item.md5} name="MD5" />
        </Line>
        <Line name="PDQ">
          {item.pdq === null ? (
            <span className="quiet">not hashable (quality {item.pdqQuality ?? 'unknown'})</span>
          ) : (
            <>
              <Copyable text={item.pdq} name="PDQ" />
              <span className="quiet"> quality {item.pdqQuality}</span>
            </>
          )}
        </Line>
        {item.stackId !== null && (
          <Line name="Stack">
            {item.stackId}, {plural(item.stackItems, 'item')}
          </Line>
        )}
      </dl>
    </section>
  );
}

function Looks({ item }: { item: ItemDetail }): ReactNode {
  return (
    <section>
      <h3>Looks {item.looks > 0 && <span className="quiet num">{count(item.looks)}</span>}</h3>
      {item.lookList.length === 0 && <p className="quiet">Nobody has looked at this item.</p>}
      <ul className="places">
        {item.lookList.map((look, index) => (
          <li key={`${look.at} ${index}`}>
            {RUNG_WORDS[look.rung]}
            {look.seconds !== null && `, ${duration(look.seconds)}`}, {look.by}
            <span className="quiet"> · {when(look.at)}</span>
            {look.relook && <span className="quiet"> · shown again</span>}
            {look.reason !== '' && <p className="quiet">{look.reason}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Places({ item }: { item: ItemDetail }): ReactNode {
  return (
    <section>
      <h3>
        Found in <span className="quiet num">{plural(item.occurrences, 'place')}</span>
      </h3>
      <ul className="places">
        {item.places.map((place, index) => (
          <li key={`${place.path} ${index}`}>
            <code>{place.path}</code>
            <p className="quiet small">
              {[place.source, place.exhibit, `seen ${when(place.seenAt)}`]
                .filter((part) => part !== '')
                .join(' · ')}
            </p>
          </li>
        ))}
      </ul>
      {item.places.length < item.occurrences && (
        <p className="quiet small">The first {count(item.places.length)} are listed.</p>
      )}
    </section>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
