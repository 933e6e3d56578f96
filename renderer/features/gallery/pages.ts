/**
 * Tiles by page of 200. Only pages near the window are asked for, two at a time; an answer for a
 * filter that is no longer in force is dropped.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { GalleryFilter, Tile } from '#shared/contract/review.ts';
import type { ErrorData } from '#shared/domain/errors.ts';
import { call } from '../../bridge/wire.ts';

const PAGE = 200;
const AT_ONCE = 2;
/** Pages kept; those far from the window go first. 40 pages are 8 000 light rows. */
const KEPT = 40;

interface Page {
  /** As of which state of the case. */
  mark: string;
  tiles: readonly Tile[];
}

interface Loaded {
  key: string;
  pages: ReadonlyMap<number, Page>;
  error: ErrorData | null;
}

export interface TilePages {
  tile: (index: number) => Tile | null;
  near: (first: number, last: number) => void;
  error: ErrorData | null;
}

/**
 * `mark` changes whenever the tiles may have changed: pages near the window are then read anew,
 * and what is on the screen stays until the answer is there.
 */
export function useTilePages(caseId: number, filter: GalleryFilter, mark: string): TilePages {
  const key = `${caseId} ${JSON.stringify(filter)}`;
  const [loaded, setLoaded] = useState<Loaded>({ key, pages: new Map(), error: null });
  const [range, setRange] = useState<readonly [number, number]>([0, 0]);
  const asked = useRef<{ key: string; pages: Set<number> }>({ key, pages: new Set() });
  const current = loaded.key === key ? loaded : null;

  useEffect(() => {
    const question = `${key} ${mark}`;
    if (asked.current.key !== question) asked.current = { key: question, pages: new Set() };
    const { pages: waiting } = asked.current;
    if (current !== null && current.error !== null) return;
    const [first, last] = range;
    for (let page = first; page <= last && waiting.size < AT_ONCE; page += 1) {
      if (current?.pages.get(page)?.mark === mark || waiting.has(page)) continue;
      waiting.add(page);
      void call('gallery.page', { caseId, filter, offset: page * PAGE, limit: PAGE }).then(
        (result) => {
          waiting.delete(page);
          if (asked.current.key !== question) return;
          setLoaded((before) => {
            const pages = new Map(before.key === key ? before.pages : []);
            if (!result.ok) return { key, pages, error: result.error };
            pages.set(page, { mark, tiles: result.value });
            return { key, pages: nearest(pages, page), error: null };
          });
        },
      );
    }
  }, [caseId, filter, key, mark, current, range]);

  const near = useCallback((first: number, last: number) => {
    const next = [Math.floor(first / PAGE), Math.floor(Math.max(first, last) / PAGE)] as const;
    setRange((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
  }, []);

  return {
    tile: (index) => current?.pages.get(Math.floor(index / PAGE))?.tiles[index % PAGE] ?? null,
    near,
    error: current?.error ?? null,
  };
}

function nearest(pages: Map<number, Page>, centre: number): ReadonlyMap<number, Page> {
  if (pages.size <= KEPT) return pages;
  const far = [...pages.keys()].sort((a, b) => Math.abs(b - centre) - Math.abs(a - centre));
  for (const page of far.slice(0, pages.size - KEPT)) pages.delete(page);
  return pages;
}
