/** Line icons on a 20-unit grid, drawn for Custos. Decorative: a name always stands beside them. */
import type { ReactNode } from 'react';

const PATHS = {
  cases: 'M3 6.5h5l1.5 2H17v7.5H3zM5 4h4.5L11 6h4',
  intake: 'M10 3v8m-3.5-3.5L10 11l3.5-3.5M3.5 11.5V16h13v-4.5',
  review: 'M4 4h12v12H4zM7 10h6',
  gallery: 'M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h5v5h-5z',
  bundles: 'M3.5 6.5 10 3l6.5 3.5v7L10 17l-6.5-3.5zM3.5 6.5 10 10l6.5-3.5M10 10v7',
  record: 'M5 3h10v14H5zM8 7h4M8 10h4M8 13h2.5',
  settings: 'M3 6h8m4 0h2M3 14h2m4 0h8M11 4v4M9 12v4',
  lock: 'M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  check: 'm4 10.5 4 4 8-9',
  cross: 'm5 5 10 10M15 5 5 15',
  copy: 'M7 7h9v9H7zM4 13V4h9',
  back: 'm12 4-6 6 6 6',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
