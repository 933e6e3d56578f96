import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import type { StackDetail, StackMember } from '#shared/contract/review.ts';
import type { LawPack } from '#shared/domain/law/pack.ts';
import { RUNG_WORDS, type Orientation } from '#shared/domain/words.ts';
import { categoryTitle } from '../../bridge/law.ts';
import { count, plural, size, when } from '../../ui/format.ts';

interface KnownProps {
  stack: StackDetail;
  pack: LawPack;
  position: number;
  total: number;
  itemId: number;
  onItem: (itemId: number) => void;
}

/** Everything that is known without looking. */
export function Known(props: KnownProps): ReactNode {
  const { stack, pack, itemId, onItem } = props;
  const looks = stack.looks.length;
  const newest = stack.looks.at(-1);
  return (
    <section className="known" aria-label="What is known">
      <div className="known-words">
        <h1>
          Stack {count(props.position)} <span className="quiet">of {count(props.total)}</span>
        </h1>
        <p>
          {plural(stack.memberCount, 'distinct file')}, found in{' '}
          {plural(stack.occurrences, 'place')}
        </p>
        <p className="quiet">
          {stack.sources.length === 0 ? 'no source label' : stack.sources.join(', ')}
        </p>
        <p className="quiet" title={stack.firstSeen}>
          first seen {when(stack.firstSeen)}
        </p>
        {stack.near.map((near) => (
          <p key={near.stackId}>
            near stack {near.stackId} at distance {near.distance}, decided{' '}
            {categoryTitle(pack, near.category)} by {near.by}
          </p>
        ))}
        <p className="quiet">
          looks:{' '}
          {newest === undefined
            ? 'none'
            : `${count(looks)}, last ${RUNG_WORDS[newest.rung]} by ${newest.by}, ${when(newest.at)}`}
        </p>
        {stack.skipped && <p className="quiet">skipped before</p>}
      </div>
      <MemberList
        members={stack.members}
        memberCount={stack.memberCount}
        itemId={itemId}
        onItem={onItem}
      />
    </section>
  );
}

const TURNS: Record<Orientation, string> = {
  orig: '',
  rot90: 'turned 90°',
  rot180: 'turned 180°',
  rot270: 'turned 270°',
  flipx: 'mirrored, upside down',
  flipy: 'mirrored',
  flipplus1: 'mirrored, turned',
  flipminus1: 'mirrored, turned back',
};

function aboutMember(member: StackMember): string {
  const { link, representative, width, height, bytes } = member;
  return [
    representative ? 'stands for the stack' : '',
    link === null || representative ? '' : `distance ${link.distance}`,
    link === null || representative ? '' : TURNS[link.orientation],
    width === null ? '' : `${width}×${height}`,
    size(bytes),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

interface MemberListProps {
  members: readonly StackMember[];
  memberCount: number;
  itemId: number;
  onItem: (itemId: number) => void;
}

function MemberList({ members, memberCount, itemId, onItem }: MemberListProps): ReactNode {
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    const box = list.current;
    const chosen = box?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (box === null || chosen === null || chosen === undefined) return;
    // Only the list moves, never the room around it.
    const top = chosen.offsetTop - box.offsetTop;
    const bottom = top + chosen.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }, [itemId]);

  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = members[members.findIndex((member) => member.itemId === itemId) + step];
    if (next === undefined) return;
    onItem(next.itemId);
    list.current?.querySelector<HTMLElement>(`[data-item="${next.itemId}"]`)?.focus();
  }

  return (
    <div className="members">
      <h2 className="h3">
        Members <span className="quiet num">{count(memberCount)}</span>
      </h2>
      <ul
        ref={list}
        className="member-list"
        role="listbox"
        aria-label="Members of the stack"
        onKeyDown={onKeyDown}
      >
        {members.map((member) => (
          <li
            key={member.itemId}
            role="option"
            data-item={member.itemId}
            aria-selected={member.itemId === itemId}
            tabIndex={member.itemId === itemId ? 0 : -1}
            onClick={() => onItem(member.itemId)}
          >
            <span className="cut" title={member.name}>
              {member.name}
            </span>
            <span className="cut quiet small num">{aboutMember(member)}</span>
          </li>
        ))}
      </ul>
      {members.length < memberCount && (
        <p className="quiet small">The first {count(members.length)} are listed.</p>
      )}
    </div>
  );
}
