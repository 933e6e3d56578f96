/**
 * What a bundle holds of a case, read in pages by item id: an open `iterate()` would hold the
 * connection that everybody else writes through. Nothing here changes anything.
 */
import type { Basis, ItemState, Orientation, Purpose } from '#shared/domain/words.ts';
import { prepared } from '../sql.ts';
import type { Reader } from '../types.ts';

export interface ExportItem {
  id: number;
  importId: number;
  stackId: number | null;
  sha256: Buffer;
  sha1: Buffer;
  md5: Buffer;
  bytes: number;
  mime: string;
  ext: string;
  width: number | null;
  height: number | null;
  frames: number | null;
  pdq: Buffer | null;
  pdqQuality: number | null;
  state: ItemState;
  unreadableCode: string | null;
  unreadableReason: string | null;
  decisionId: number | null;
  linkTo: number | null;
  linkDistance: number | null;
  linkOrientation: Orientation | null;
  createdAt: string;
}

export interface ExportOccurrence {
  itemId: number;
  importId: number;
  pathRaw: Buffer;
  pathDisplay: string;
  source: string;
  exhibit: string;
  modifiedAt: string | null;
  seenAt: string;
}

export interface ExportDecision {
  id: number;
  itemId: number;
  category: string;
  categoryTitle: string;
  rule: string | null;
  lawPack: string;
  lawPackVersion: string;
  overridden: 0 | 1;
  basis: Basis;
  reason: string;
  /** JSON, as the facts stood. */
  facts: string;
  /** Member's name. */
  by: string;
  at: string;
  undoneAt: string | null;
}

export interface ExportLook {
  itemId: number;
  by: string;
  at: string;
  rung: number;
  purpose: Purpose;
  reason: string;
  relook: 0 | 1;
  seconds: number | null;
}

export interface ExportFact {
  stackId: number;
  key: string;
  value: string | null;
  certainty: string;
  basis: string;
  by: string;
  at: string;
}

export interface ExportStack {
  id: number;
  representativeId: number | null;
  items: number;
  undecided: number;
}

export interface ExportRefusal {
  importId: number;
  pathRaw: Buffer;
  pathDisplay: string;
  code: string;
  reason: string;
}

/** A page of one case: rows whose id is above `after`, up to and with `last`. */
interface Span {
  caseId: number;
  after: number;
  last: number;
}

export function exportCounts(
  db: Reader,
  caseId: number,
): { items: number; bytes: number; decided: number; undecided: number; unreadable: number } {
  const row = prepared<[number], ReturnType<typeof exportCounts>>(
    db,
    `SELECT count(*) AS items, coalesce(sum(bytes), 0) AS bytes,
       coalesce(sum(state = 'decided'), 0) AS decided,
       coalesce(sum(state = 'undecided'), 0) AS undecided,
       coalesce(sum(state = 'unreadable'), 0) AS unreadable
     FROM items WHERE case_id = ?`,
  ).get(caseId);
  return row ?? { items: 0, bytes: 0, decided: 0, undecided: 0, unreadable: 0 };
}

export function exportItems(
  db: Reader,
  page: { caseId: number; after: number; limit: number },
): ExportItem[] {
  return prepared<[typeof page], ExportItem>(
    db,
    `SELECT id, import_id AS importId, stack_id AS stackId, sha256, sha1, md5, bytes, mime, ext,
       width, height, frames, pdq, pdq_quality AS pdqQuality, state,
       unreadable_code AS unreadableCode, unreadable_reason AS unreadableReason,
       decision_id AS decisionId, link_to AS linkTo, link_distance AS linkDistance,
       link_orientation AS linkOrientation, created_at AS createdAt
     FROM items WHERE case_id = @caseId AND id > @after ORDER BY id LIMIT @limit`,
  ).all(page);
}

export function exportOccurrences(db: Reader, span: Span): ExportOccurrence[] {
  return prepared<[Span], ExportOccurrence>(
    db,
    `SELECT o.item_id AS itemId, o.import_id AS importId, o.path_raw AS pathRaw,
       o.path_display AS pathDisplay, o.source, o.exhibit, o.modified_at AS modifiedAt,
       o.seen_at AS seenAt
     FROM items i JOIN occurrences o ON o.item_id = i.id
     WHERE i.case_id = @caseId AND i.id > @after AND i.id <= @last ORDER BY o.item_id, o.id`,
  ).all(span);
}

/** Every decision ever made, in force or not; oldest first within an item. */
export function exportDecisions(db: Reader, span: Span): ExportDecision[] {
  return prepared<[Span], ExportDecision>(
    db,
    `SELECT d.id, d.item_id AS itemId, d.category, d.category_title AS categoryTitle, d.rule,
       d.law_pack AS lawPack, d.law_pack_version AS lawPackVersion, d.overridden, d.basis,
       d.reason, d.facts, m.name AS "by", d.at, a.undone_at AS undoneAt
     FROM items i JOIN decisions d ON d.item_id = i.id JOIN members m ON m.id = d.by
       JOIN acts a ON a.id = d.act_id
     WHERE i.case_id = @caseId AND i.id > @after AND i.id <= @last ORDER BY d.item_id, d.id`,
  ).all(span);
}

export function exportLooks(db: Reader, span: Span): ExportLook[] {
  return prepared<[Span], ExportLook>(
    db,
    `SELECT l.item_id AS itemId, m.name AS "by", l.at, l.rung, l.purpose, l.reason, l.relook,
       l.seconds
     FROM items i JOIN looks l ON l.item_id = i.id JOIN members m ON m.id = l.by
     WHERE i.case_id = @caseId AND i.id > @after AND i.id <= @last ORDER BY l.item_id, l.id`,
  ).all(span);
}

export function exportStacks(
  db: Reader,
  page: { caseId: number; after: number; limit: number },
): ExportStack[] {
  return prepared<[typeof page], ExportStack>(
    db,
    `SELECT id, representative_id AS representativeId, items, undecided
     FROM stacks WHERE case_id = @caseId AND id > @after ORDER BY id LIMIT @limit`,
  ).all(page);
}

/** Every fact ever recorded; the last of a key is in force. */
export function exportFacts(db: Reader, span: Span): ExportFact[] {
  return prepared<[Span], ExportFact>(
    db,
    `SELECT f.stack_id AS stackId, f.key, f.value, f.certainty, f.basis, m.name AS "by", f.at
     FROM stacks s JOIN facts f ON f.stack_id = s.id JOIN members m ON m.id = f.by
     WHERE s.case_id = @caseId AND s.id > @after AND s.id <= @last ORDER BY f.stack_id, f.id`,
  ).all(span);
}

export function exportRefusals(db: Reader, caseId: number): ExportRefusal[] {
  return prepared<[number], ExportRefusal>(
    db,
    `SELECT r.import_id AS importId, r.path_raw AS pathRaw, r.path_display AS pathDisplay, r.code,
       r.reason
     FROM refusals r JOIN imports i ON i.id = r.import_id WHERE i.case_id = ? ORDER BY r.id`,
  ).all(caseId);
}
