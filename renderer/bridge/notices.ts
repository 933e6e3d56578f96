/** What happened, said once, in a corner. Errors stay until they are put away. */
import { create } from 'zustand';
import type { ErrorData, Result } from '#shared/domain/errors.ts';

export interface Notice {
  id: number;
  kind: 'error' | 'done';
  text: string;
  /** Names the entry in the local log, for whoever helps. */
  incident: string | null;
}

interface Notices {
  list: Notice[];
}

export const useNotices = create<Notices>(() => ({ list: [] }));

/** How long a plain notice stays, in milliseconds. */
const DONE_STAYS = 6000;
const MOST = 4;
let lastId = 0;

function add(kind: Notice['kind'], text: string, incident: string | null): number {
  lastId += 1;
  const notice = { id: lastId, kind, text, incident };
  useNotices.setState(({ list }) => ({
    list: [...list.filter((other) => other.text !== text), notice].slice(-MOST),
  }));
  return notice.id;
}

export function putAway(id: number): void {
  useNotices.setState(({ list }) => ({ list: list.filter((notice) => notice.id !== id) }));
}

export function tellError(error: ErrorData): void {
  add('error', error.message, error.incident ?? null);
}

export function tellDone(text: string): void {
  const id = add('done', text, null);
  setTimeout(() => putAway(id), DONE_STAYS);
}

export function clearNotices(): void {
  useNotices.setState({ list: [] });
}

/** The value of a result, or null after its error has been told. */
export function valueOrTell<T>(result: Result<T>): T | null {
  if (result.ok) return result.value;
  tellError(result.error);
  return null;
}
