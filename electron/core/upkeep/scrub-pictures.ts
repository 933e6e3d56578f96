/** Small pictures against the items they were made for. None is ever evidence: all is a note. */
import { isCustosError } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import { distrustDerived } from '#core/store/derived-aside.ts';
import { typed } from '#core/store/errors.ts';
import { renditionsAfter } from '#core/store/tables/derived.ts';
import { countReadableOriginals, isReadableOriginal } from '#core/store/tables/scrubs.ts';
import type { Findings } from './findings.ts';
import type { Pace } from './pace.ts';

const PAGE = 500;

/** False where the store itself cannot be read. */
export async function scrubPictures(
  session: Session,
  findings: Findings,
  pace: Pace,
): Promise<boolean> {
  const { derived, catalogue } = session;
  if (derived === null) return true;
  let kept = 0;
  let strays = 0;
  let after: Buffer = Buffer.alloc(0);
  try {
    for (;;) {
      const from = after;
      const rows = typed('reading small pictures', () =>
        renditionsAfter(derived, 'thumbnail', from, PAGE),
      );
      for (const { itemSha256, bytes } of rows) {
        if (bytes > 0 && isReadableOriginal(catalogue, itemSha256)) kept += 1;
        else strays += 1;
      }
      const last = rows.at(-1);
      if (!last) break;
      after = last.itemSha256;
      await pace.rest();
    }
  } catch (error) {
    if (!isCustosError(error) || error.code !== 'WORKSPACE_DAMAGED') throw error;
    return false;
  }
  const missing = countReadableOriginals(catalogue) - kept;
  if (missing > 0) {
    findings.note(
      'THUMBNAIL',
      `${String(missing)} small ${missing === 1 ? 'picture is' : 'pictures are'} not kept; they are made from the originals when they are needed.`,
    );
  }
  if (strays > 0) {
    findings.note(
      'THUMBNAIL',
      `${String(strays)} small ${strays === 1 ? 'picture belongs' : 'pictures belong'} to no item. An interrupted import leaves such pictures.`,
    );
  }
  return true;
}

/** What is said, and done, where the store is damaged. */
export function lostPictures(session: Session, findings: Findings): void {
  if (session.readOnly === null) distrustDerived(session.workspace.dir);
  findings.wrong(
    'THUMBNAIL',
    'The store of small pictures (derived.db) is damaged. Nothing is lost: it is set aside and begun anew when the workspace is next unlocked.',
  );
}
