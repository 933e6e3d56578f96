/**
 * Where a scrub stands, kept in the catalogue: now and then while it goes on, always when it ends.
 * In a read-only workspace nothing is kept; the scrub can still look.
 */
import type { ScrubReport } from '#shared/contract/upkeep.ts';
import type { Session } from '#core/access/types.ts';
import type { Clock } from '#core/ports.ts';
import {
  insertScrub,
  setScrub,
  unfinishedScrub,
  type ScrubKind,
  type ScrubPosition,
} from '#core/store/tables/scrubs.ts';

/** Each keeping costs an entry and a transaction; at most this much is done again after a crash. */
const KEEP_EVERY_MS = 30_000;

export interface Journal {
  readonly resumed: boolean;
  readonly startedAt: string;
  /** Changed in place by the work. */
  readonly position: ScrubPosition;
  /** One original more; kept if it is time. */
  reached(): void;
  end(report: ScrubReport): void;
  stop(state: 'cancelled' | 'failed'): void;
}

/** Errors: those of `Session.act`. */
export function openJournal(
  { session, clock }: { session: Session; clock: Clock },
  { kind, resume }: { kind: ScrubKind; resume: boolean },
): Journal {
  const earlier = resume ? unfinishedScrub(session.catalogue, kind) : null;
  const position: ScrubPosition = {
    afterItem: earlier?.afterItem ?? 0,
    checked: earlier?.checked ?? 0,
    bytes: earlier?.bytes ?? 0,
    damaged: earlier?.damaged ?? 0,
    mended: earlier?.mended ?? 0,
  };
  const startedAt = earlier?.startedAt ?? clock.now().toISOString();
  const id = begin();
  let kept = clock.monotonicMs();

  function begin(): number | null {
    if (session.readOnly !== null) return null;
    const entry = {
      type: 'scrub.begun' as const,
      detail: { kind, resumed: earlier?.id ?? null, afterItem: position.afterItem },
    };
    return session.act(entry, (tx, seq) => {
      if (earlier === null) return insertScrub(tx, { kind, by: session.member.id, startedAt, seq });
      const { id: earlierId } = earlier;
      setScrub(tx, earlierId, { ...position, state: 'running', endedAt: null, report: null });
      return earlierId;
    });
  }

  const keep = (
    type: 'scrub.advanced' | 'scrub.ended',
    state: 'running' | 'done' | 'cancelled' | 'failed',
    report: ScrubReport | null,
  ): void => {
    kept = clock.monotonicMs();
    if (id === null || session.readOnly !== null) return;
    const endedAt = state === 'running' ? null : clock.now().toISOString();
    const detail = {
      scrubId: id,
      kind,
      state,
      ...position,
      ...(report && { good: report.good, findings: report.findings.slice(0, 20) }),
    };
    session.act({ type, detail }, (tx) => {
      const text = report && JSON.stringify(report);
      setScrub(tx, id, { ...position, state, endedAt, report: text });
    });
  };

  return {
    resumed: earlier !== null,
    startedAt,
    position,
    reached() {
      if (clock.monotonicMs() - kept >= KEEP_EVERY_MS) keep('scrub.advanced', 'running', null);
    },
    end: (report) => keep('scrub.ended', 'done', report),
    stop: (state) => keep('scrub.ended', state, null),
  };
}
