/** What a rig holds the product to: each change, told at the moment the product calls it done. */
import type { EntryInput } from '#core/record/types.ts';
import type { Session } from '#core/access/types.ts';

export interface Acknowledged {
  /** SHA-256 in hex of every original a batch brought in. */
  items?: string[];
  /** Items that were decided, and as what. */
  decided?: { ids: number[]; category: string };
  /** A bundle that was built: its file's SHA-256 in hex. */
  bundle?: { id: number; sha256: string };
}

/** `early` is the control: it tells before the change is made, as a careless program would. */
export function acknowledging(
  session: Session,
  tell: (what: Acknowledged) => void,
  early: boolean,
): Session {
  const told = <T>(entries: readonly EntryInput[], change: () => T): T => {
    const all = entries.flatMap((entry) => meaning(entry) ?? []);
    if (early) all.forEach(tell);
    const value = change();
    if (!early) all.forEach(tell);
    return value;
  };
  const watched: Pick<Session, 'act' | 'actMany'> = {
    act: (entry, change) => told([entry], () => session.act(entry, change)),
    actMany: (entries, change) => told(entries, () => session.actMany(entries, change)),
  };
  return Object.assign(Object.create(session) as Session, watched);
}

function meaning({ type, detail }: EntryInput): Acknowledged | null {
  if (type === 'import.batch') {
    const files = detail['files'] as [string, string][];
    return { items: files.filter(([what]) => what !== 'refused').map(([, sha256]) => sha256) };
  }
  if (type === 'decision.made') {
    const ids = detail['itemIds'] as number[];
    return { decided: { ids, category: detail['category'] as string } };
  }
  if (type === 'bundle.built') {
    return {
      bundle: { id: detail['bundleId'] as number, sha256: detail['sha256'] as string },
    };
  }
  return null;
}
