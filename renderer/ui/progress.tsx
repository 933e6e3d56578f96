import './progress.css';
import type { ReactNode } from 'react';
import type { JobProgress } from '#shared/contract/values.ts';
import { count, duration } from './format.ts';

interface ProgressProps {
  label: string;
  done: number;
  /** Null while it is still being counted. */
  total: number | null;
}

export function Progress({ label, done, total }: ProgressProps): ReactNode {
  const share = total === null || total === 0 ? 0 : Math.min(1, done / total);
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total ?? undefined}
      aria-valuenow={total === null ? undefined : done}
    >
      <span style={{ width: `${share * 100}%` }} />
    </div>
  );
}

/** `4 180 of 12 480 · 96/s · 1 min 26 s left` */
export function progressWords(job: JobProgress): string {
  const parts = [
    job.total === null ? `${count(job.done)} so far` : `${count(job.done)} of ${count(job.total)}`,
  ];
  if (job.state !== 'running') return parts.join('');
  if (job.rate > 0) {
    parts.push(
      `${job.rate < 10 ? count(Number(job.rate.toFixed(1))) : count(Math.round(job.rate))}/s`,
    );
  }
  if (job.secondsLeft !== null) parts.push(`${duration(Math.ceil(job.secondsLeft))} left`);
  return parts.join(' · ');
}

const RADIUS = 14;
const ROUND = 2 * Math.PI * RADIUS;

/** How much of a whole is done, as a ring. Decorative: the numbers stand beside it. */
export function Ring({ done, total }: { done: number; total: number }): ReactNode {
  const share = total === 0 ? 0 : done / total;
  return (
    <svg className="ring" width="34" height="34" viewBox="0 0 34 34" aria-hidden="true">
      <circle cx="17" cy="17" r={RADIUS} />
      {share > 0 && (
        <circle
          className="ring-done"
          cx="17"
          cy="17"
          r={RADIUS}
          strokeDasharray={`${share * ROUND} ${ROUND}`}
          transform="rotate(-90 17 17)"
        />
      )}
    </svg>
  );
}
