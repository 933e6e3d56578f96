/** The gallery: all items of a case as covered tiles, by filter. */
import type { Output, Parsed } from '#shared/contract/contract.ts';
import type { GalleryFilter } from '#shared/contract/review.ts';
import type { Session } from '#core/access/types.ts';
import { getCase } from '#core/store/tables/cases.ts';
import { countGallery, type GalleryFilterRow, listGallery } from '#core/store/tables/gallery.ts';

/**
 * How many items a filter chooses, by state and category. A filter that chooses is a search, and
 * is on the record before it is answered. Throws NOT_FOUND.
 */
export function galleryCount(
  session: Session,
  { caseId, filter }: Parsed<'gallery.count'>,
): Output<'gallery.count'> {
  getCase(session.catalogue, caseId);
  if (!isEmpty(filter)) {
    session.note({ type: 'search.made', detail: { caseId, filter } });
  }
  const byState: Record<string, number> = {};
  const byCategory: Record<string, number> = {};
  let total = 0;
  for (const { state, category, items } of countGallery(session.catalogue, caseId, rows(filter))) {
    total += items;
    byState[state] = (byState[state] ?? 0) + items;
    if (category !== null) byCategory[category] = (byCategory[category] ?? 0) + items;
  }
  return { total, byState, byCategory };
}

/** A page of covered tiles in order of id. Throws NOT_FOUND. */
export function galleryPage(
  session: Session,
  { caseId, filter, offset, limit }: Parsed<'gallery.page'>,
): Output<'gallery.page'> {
  getCase(session.catalogue, caseId);
  return listGallery(session.catalogue, caseId, rows(filter), { offset, limit });
}

function isEmpty({ states, categories, text }: GalleryFilter): boolean {
  return states.length === 0 && categories.length === 0 && text === '';
}

function rows({ states, categories, text }: GalleryFilter): GalleryFilterRow {
  return { states, categories, words: text.split(/\s+/).filter((word) => word !== '') };
}
