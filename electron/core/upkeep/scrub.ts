/**
 * Looking for damage before it is met. Quick: every original is there and as long as it should be,
 * nothing lies about that should not. Full: besides, every original is decrypted and hashed, every
 * page of both databases and every entry of the record is proved.
 *
 * What was found stays, however the scrub ends; an unfinished one goes on where it stopped.
 */
import type { ScrubReport } from '#shared/contract/upkeep.ts';
import { isCustosError } from '#shared/domain/errors.ts';
import { rememberKeyFiles } from '#core/access/key-digests.ts';
import type { Session } from '#core/access/types.ts';
import type { Clock } from '#core/ports.ts';
import { keyOf } from '#core/store/databases.ts';
import { typed } from '#core/store/errors.ts';
import {
  allOriginals,
  countOriginals,
  type OriginalRow,
  type ScrubKind,
} from '#core/store/tables/scrubs.ts';
import { countPages } from '#core/store/structure.ts';
import { createFindings, type Findings } from './findings.ts';
import { createPace, type Pace } from './pace.ts';
import { scrubFiles, scrubOrphans } from './scrub-files.ts';
import { openJournal, type Journal } from './scrub-journal.ts';
import { scrubKeys } from './scrub-keys.ts';
import { scrubOriginals } from './scrub-originals.ts';
import { scrubPages, scrubStructure, tellBadPages } from './scrub-pages.ts';
import { lostPictures, scrubPictures } from './scrub-pictures.ts';
import type { Watch } from './watch.ts';

export interface ScrubDeps {
  session: Session;
  clock: Clock;
  /** Proves the whole record; `record/verify.ts`, handed in with what it needs. */
  verifyRecord(): Promise<{ good: boolean; entries: number; findings: string[] }>;
}

export interface ScrubOptions {
  kind: ScrubKind;
  /** Share of the time that is worked. */
  duty: number;
  /** Goes on with an unfinished scrub of the same kind. */
  resume: boolean;
}

export interface StartedScrub {
  /** Whether it goes on with an earlier one. */
  readonly resumed: boolean;
  /** Errors: CANCELLED, and those of `Session.act`. What was found until then is kept. */
  run(watch: Watch): Promise<ScrubReport>;
}

/** The beginning is on the record when this returns. Errors: those of `Session.act`. */
export function beginScrub(deps: ScrubDeps, options: ScrubOptions): StartedScrub {
  const journal = openJournal(deps, options);
  return {
    resumed: journal.resumed,
    async run(watch) {
      try {
        const report = await scrub(deps, options, journal, watch);
        journal.end(report);
        return report;
      } catch (error) {
        const isCancelled = isCustosError(error) && error.code === 'CANCELLED';
        journal.stop(isCancelled ? 'cancelled' : 'failed');
        throw error;
      }
    },
  };
}

async function scrub(
  deps: ScrubDeps,
  { kind, duty }: ScrubOptions,
  journal: Journal,
  watch: Watch,
): Promise<ScrubReport> {
  const { session } = deps;
  const findings = createFindings();
  const pace = createPace(duty, watch.signal);
  const { position } = journal;
  watch.setTotal(countWork(session, kind));
  // Originals that an earlier part of this scrub has checked are done.
  watch.advance({ done: position.checked, failed: position.damaged, bytes: position.bytes });

  const files = await scrubFiles(session.workspace.dir, findings, pace);
  const good = scrubKeys(session, findings);
  if (session.readOnly === null && good.length > 0) {
    session.act({ type: 'scrub.advanced', detail: { keyFiles: good } }, (tx) => {
      rememberKeyFiles(tx, session.workspace.dir, good);
    });
  }
  const areReadable = await scrubPictures(session, findings, pace);
  const pages = await everyPage(session, kind, findings, pace, watch);
  if (!areReadable || pages.badDerived > 0) lostPictures(session, findings);
  const record = kind === 'full' ? await wholeRecord(deps, findings) : null;
  await everyOriginal(deps, kind, journal, files.blobs, findings, pace, watch);

  const { checked, bytes, damaged, mended } = position;
  return {
    kind,
    good: findings.good && damaged === 0,
    startedAt: journal.startedAt,
    endedAt: deps.clock.now().toISOString(),
    originals: { checked, bytes, damaged, mended },
    pages: { catalogue: pages.catalogue, derived: pages.derived },
    record,
    ...findings.told(),
    notChecked: notChecked(session, kind),
  };
}

function countWork(session: Session, kind: ScrubKind): number {
  const { catalogue, derived } = session;
  const originals = session.blobs === null ? 0 : countOriginals(catalogue);
  if (kind === 'quick') return originals;
  return originals + countPages(catalogue) + (derived === null ? 0 : countPages(derived));
}

async function everyPage(
  session: Session,
  kind: ScrubKind,
  findings: Findings,
  pace: Pace,
  watch: Watch,
): Promise<ScrubReport['pages'] & { badDerived: number }> {
  const { catalogue, derived } = session;
  if (kind === 'quick') return { catalogue: 0, derived: 0, badDerived: 0 };
  const onSlice = (pages: number): void => watch.advance({ done: pages });
  const main = await scrubPages(catalogue, keyOf(catalogue), pace, onSlice);
  tellBadPages(main, findings);
  // Where pages are bad, SQLite has nothing to add, and may not come through.
  if (main.bad === 0) await scrubStructure(catalogue, findings, pace);
  const catalogueOnly = { catalogue: main.checked, derived: null, badDerived: 0 };
  if (derived === null) return catalogueOnly;
  const small = await scrubPages(derived, keyOf(derived), pace, onSlice);
  return { catalogue: main.checked, derived: small.checked, badDerived: small.bad };
}

async function wholeRecord(deps: ScrubDeps, findings: Findings): Promise<number> {
  const verdict = await deps.verifyRecord();
  for (const finding of verdict.findings) findings.wrong('RECORD', finding);
  return verdict.entries;
}

async function everyOriginal(
  deps: ScrubDeps,
  kind: ScrubKind,
  journal: Journal,
  onDisk: Set<string>,
  findings: Findings,
  pace: Pace,
  watch: Watch,
): Promise<void> {
  const { session, clock } = deps;
  const { blobs } = session;
  if (blobs === null) return;
  const onOriginal = (row: OriginalRow, isGood: boolean): void => {
    watch.advance({ done: 1, failed: isGood ? 0 : 1, bytes: row.bytes });
    journal.reached();
  };
  await scrubOriginals({
    session,
    blobs,
    clock,
    kind,
    position: journal.position,
    findings,
    pace,
    onOriginal,
  });
  const known = typed('naming originals', () => namesOfAll(session, (sha) => blobs.nameOf(sha)));
  const orphans = [...onDisk].filter((name) => !known.has(name));
  await scrubOrphans(session.workspace.dir, orphans, findings, pace);
}

/** Asked of the catalogue at the end: what an import took in meanwhile is no orphan. */
function namesOfAll(session: Session, nameOf: (sha256: Buffer) => string): Set<string> {
  const names = new Set<string>();
  for (const sha256 of allOriginals(session.catalogue)) names.add(nameOf(sha256));
  return names;
}

function notChecked(session: Session, kind: ScrubKind): string[] {
  const words: string[] = [];
  if (session.blobs === null) {
    words.push('You hold no key to pictures, so no original and no small picture was checked.');
  }
  if (kind === 'full' && session.keys.recordPrivate === null) {
    words.push(
      'You may not read the record, so its chain and checkpoints were proved, not its contents.',
    );
  }
  return words;
}
