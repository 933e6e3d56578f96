/**
 * The gallery's filter as SQL. Lists travel as JSON parameters, so that each combination of
 * filters is one constant statement and no word of a person ever becomes part of it.
 */
import type { ItemState } from '#shared/domain/words.ts';
import { prepared } from '../sql.ts';
import type { Reader } from '../types.ts';
import { TILE_COLUMNS, type TileRow } from './tiles.ts';

export interface GalleryFilterRow {
  /** Empty means any. */
  states: readonly ItemState[];
  /** Category ids; empty means any. */
  categories: readonly string[];
  /** Every word must stand in the name or the source of one and the same place. */
  words: readonly string[];
}

interface Parameters {
  caseId: number;
  states: string;
  categories: string;
  patterns: string;
}

/** Items of the filter by state and category. */
export function countGallery(
  db: Reader,
  caseId: number,
  filter: GalleryFilterRow,
): { state: ItemState; category: string | null; items: number }[] {
  return prepared<[Parameters], { state: ItemState; category: string | null; items: number }>(
    db,
    `SELECT i.state, i.category, count(*) AS items FROM items i
     WHERE ${condition(filter)} GROUP BY i.state, i.category`,
  ).all(parameters(caseId, filter));
}

/** A page of the filter in order of id. */
export function listGallery(
  db: Reader,
  caseId: number,
  filter: GalleryFilterRow,
  page: { offset: number; limit: number },
): TileRow[] {
  return prepared<[Parameters & { offset: number; limit: number }], TileRow>(
    db,
    // The page's ids come from an index alone; only its own rows are read in full.
    `SELECT ${TILE_COLUMNS}
     FROM (SELECT i.id FROM items i WHERE ${condition(filter)}
           ORDER BY i.id LIMIT @limit OFFSET @offset) page
       JOIN items i ON i.id = page.id LEFT JOIN stacks s ON s.id = i.stack_id
     ORDER BY i.id`,
  ).all({ ...parameters(caseId, filter), ...page });
}

/** Constant text: which of the eight conditions, never what they compare with. */
function condition(filter: GalleryFilterRow): string {
  const parts = ['i.case_id = @caseId'];
  if (filter.states.length > 0) {
    parts.push('i.state IN (SELECT value FROM json_each(@states))');
  }
  if (filter.categories.length > 0) {
    parts.push('i.category IN (SELECT value FROM json_each(@categories))');
  }
  if (filter.words.length > 0) {
    parts.push(`i.id IN (SELECT o.item_id FROM occurrences o
      WHERE o.import_id IN (SELECT id FROM imports WHERE case_id = @caseId) AND NOT EXISTS (
        SELECT 1 FROM json_each(@patterns) p
        WHERE o.path_display NOT LIKE p.value ESCAPE '\\' AND o.source NOT LIKE p.value ESCAPE '\\'))`);
  }
  return parts.join(' AND ');
}

function parameters(caseId: number, filter: GalleryFilterRow): Parameters {
  return {
    caseId,
    states: JSON.stringify(filter.states),
    categories: JSON.stringify(filter.categories),
    patterns: JSON.stringify(filter.words.map(pattern)),
  };
}

/** A word as a LIKE pattern: what has a meaning in patterns stands for itself. */
function pattern(word: string): string {
  return `%${word.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
