/** Numbers and lines as the command line prints them. */
import type { JobProgress } from '#shared/contract/values.ts';
import { countWords, durationWords, plural } from '#shared/util/words.ts';

/**
 * SECURITY: titles, names and file names are other people's words. A terminal obeys control
 * characters, and some characters reorder what is read, so both are shown instead of sent.
 */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Text of several lines, safe to print. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => (character === '\n' ? character : mark(character)));
}

/** The same as one line. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, mark);
}

function mark(character: string): string {
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return `⟨U+${code}⟩`;
}

/** `4 180 of 12 480 · 96/s · 1 min 26 s left` */
export function progressLine(job: JobProgress): string {
  const parts = [
    job.total === null
      ? `${countWords(job.done)} so far`
      : `${countWords(job.done)} of ${countWords(job.total)}`,
  ];
  if (job.rate > 0) parts.push(`${job.rate.toFixed(job.rate < 10 ? 1 : 0)}/s`);
  if (job.secondsLeft !== null) parts.push(`${durationWords(job.secondsLeft)} left`);
  if (job.failed > 0) parts.push(plural(job.failed, 'could not be read', 'could not be read'));
  return parts.join(' · ');
}

/** Columns of equal width; each cell on one line. */
export function table(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(oneLine));
  const widths: number[] = [];
  for (const row of safe)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  return safe
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
