/** How numbers, sizes and durations are written everywhere (look.md). */

/** Thin spaces between thousands: `12 480`. */
export function countWords(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** `2 min 10 s`, `1 h 5 min`, `8 s`. */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const h = Math.floor(whole / 3600);
  const min = Math.floor((whole % 3600) / 60);
  if (h > 0) return min > 0 ? `${h} h ${min} min` : `${h} h`;
  const s = whole % 60;
  if (min > 0) return s > 0 ? `${min} min ${s} s` : `${min} min`;
  return `${s} s`;
}

/** Megabytes with one digit; whole kilobytes below one. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000_000) return `${countWords(Math.ceil(bytes / 1000))} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** `1 item`, `2 items`. */
export function plural(count: number, one: string, many: string): string {
  return `${countWords(count)} ${count === 1 ? one : many}`;
}
