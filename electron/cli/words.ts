/** Numbers and lines as the command line prints them. */
import type { JobProgress } from '#shared/contract/values.ts';
import { countWords, durationWords, plural } from '#shared/util/words.ts';

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

/** Columns of equal width; the first left, numbers as given. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
