/** Every page of a database, and what SQLite itself has to say about the whole. */
import { isCustosError } from '#shared/domain/errors.ts';
import { checkpointWal } from '#core/store/databases.ts';
import { typed } from '#core/store/errors.ts';
import { createPageCheck } from '#core/store/page-check.ts';
import { pageFile } from '#core/store/page-file.ts';
import { countFaults, listTables } from '#core/store/structure.ts';
import type { Reader, Writer } from '#core/store/types.ts';
import type { Findings } from './findings.ts';
import type { Pace } from './pace.ts';

export interface PagesSeen {
  checked: number;
  bad: number;
}

/**
 * Checks the HMAC of every page, also of pages that SQL never reads. What is still in the log is
 * moved into the database first, and with it checked. `onSlice`: pages since the last call.
 */
export async function scrubPages(
  db: Reader,
  key: Buffer,
  pace: Pace,
  onSlice: (pages: number) => void,
): Promise<PagesSeen & { badPages: readonly number[] }> {
  // The one cast: nothing is changed; the log is moved to where it belongs.
  if (!db.readonly) checkpointWal(db as Writer);
  const check = createPageCheck(pageFile(db), key);
  for (let more = true; more;) {
    const before = check.checked;
    more = typed('reading a database page by page', () => check.step());
    onSlice(check.checked - before);
    await pace.rest();
  }
  const { checked, bad, badPages } = check;
  return { checked, bad, badPages };
}

/**
 * Table by table: rows against indexes, and rows against the rows they refer to. This finds what
 * no HMAC can: a page that was put back to an earlier, then genuine, state of itself.
 */
export async function scrubStructure(db: Reader, findings: Findings, pace: Pace): Promise<void> {
  try {
    for (const name of listTables(db)) {
      const wrong = countFaults(db, name);
      if (wrong > 0) {
        findings.wrong(
          'STRUCTURE',
          `Table ${name} of the catalogue does not hold together in ${String(wrong)} places. Copy the workspace folder to another disk, then restore from a backup.`,
        );
      }
      await pace.rest();
    }
  } catch (error) {
    if (!isCustosError(error) || error.code !== 'WORKSPACE_DAMAGED') throw error;
    findings.wrong('STRUCTURE', error.message);
  }
}

export function tellBadPages(
  seen: { bad: number; badPages: readonly number[] },
  findings: Findings,
): void {
  if (seen.bad === 0) return;
  const first = seen.badPages.slice(0, 10).join(', ');
  findings.wrong(
    'PAGE',
    `${String(seen.bad)} ${seen.bad === 1 ? 'page' : 'pages'} of the catalogue (catalogue.db) ${seen.bad === 1 ? 'was' : 'were'} changed from outside or damaged (${first}${seen.bad > 10 ? ' …' : ''}). Copy the workspace folder to another disk, then restore from a backup.`,
  );
}
