/** What a check of the workspace found, as sentences. */
import type { ScrubReport, ScrubSummary } from '#shared/contract/upkeep.ts';
import { count, plural, size } from '../../ui/format.ts';

export function headline(report: ScrubReport): string {
  if (report.good) return 'Nothing is wrong';
  const { damaged } = report.originals;
  const wrong = report.findings.filter(({ severity }) => severity === 'wrong').length;
  if (damaged > 0) return `${plural(damaged, 'original is', 'originals are')} damaged`;
  return `${plural(wrong, 'thing does', 'things do')} not hold`;
}

/** One sentence for each kind of thing that was checked. */
export function checkedWords(report: ScrubReport): string[] {
  const { originals, pages, record } = report;
  const sentences: string[] = [];
  if (originals.checked > 0) {
    const how = report.kind === 'full' ? 'decrypted and hashed' : 'looked up, with their lengths';
    sentences.push(
      `${plural(originals.checked, 'original')} (${size(originals.bytes)}) ${how}: ${
        originals.damaged === 0 ? 'all whole' : `${count(originals.damaged)} damaged`
      }.`,
    );
  }
  if (originals.mended > 0) {
    sentences.push(`${plural(originals.mended, 'original')} damaged before, and good again.`);
  }
  const proved = pages.catalogue + (pages.derived ?? 0);
  if (proved > 0) sentences.push(`${plural(proved, 'page')} of the databases proved.`);
  if (record !== null) {
    sentences.push(`${plural(record, 'entry', 'entries')} of the record proved.`);
  }
  return sentences;
}

export const KIND_WORDS: Record<ScrubSummary['kind'], string> = {
  quick: 'Quick check',
  full: 'Full check',
};

/** How a check without a report ended. */
export const STATE_WORDS: Record<ScrubSummary['state'], string> = {
  running: 'Going on',
  done: 'Done',
  cancelled: 'Stopped; the next one goes on from there',
  interrupted: 'Cut short; the next one goes on from there',
  failed: 'Could not be finished',
};
