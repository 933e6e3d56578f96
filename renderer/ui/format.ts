/** Numbers, times and words as they stand on every screen (look.md). */

/** Narrow no-break space: the thin space between groups of three digits, never broken over lines. */
const THIN = '\u202f';

export function count(value: number): string {
  const [whole = '', fraction] = Math.abs(value).toString().split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  return `${value < 0 ? '\u2212' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** `1 file`, `12 480 files`. English plural by `s` unless given. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)}\u00a0${value === 1 ? one : many}`;
}

/** Bytes in MB with one digit; kB below 0.1 MB, GB from 1 000 MB. Decimal units. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${count(bytes)} B`;
  if (bytes < 100_000) return `${count(Math.round(bytes / 1000))} kB`;
  if (bytes < 1e9) return `${count(Number((bytes / 1e6).toFixed(1)))} MB`;
  return `${count(Number((bytes / 1e9).toFixed(1)))} GB`;
}

/** `86` → `1 min 26 s`, `2.44` → `2.4 s`. Seconds in, rounded to what still matters. */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.1) return '< 0.1 s';
  if (seconds > 0 && seconds < 9.95 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) {
    const rest = whole % 60;
    return `${Math.floor(whole / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
  }
  const minutes = Math.round((whole % 3600) / 60);
  return `${count(Math.floor(whole / 3600))} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}

const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;

const two = (value: number): string => String(value).padStart(2, '0');

/** `14:02` today, `3 Jan 14:02` this year, `3 Jan 2025 14:02` before. Local time. */
export function when(instant: string, now = new Date()): string {
  const at = new Date(instant);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return clock;
  const day = `${at.getDate()} ${MONTHS[at.getMonth()] ?? ''}`;
  return at.getFullYear() === now.getFullYear()
    ? `${day} ${clock}`
    : `${day} ${at.getFullYear()} ${clock}`;
}

/** `2.00`, or a dash where there is nothing to divide by. */
export function figure(value: number | null): string {
  return value === null ? '\u2013' : value.toFixed(2);
}

/** `d8f8f0ce…9c9b22` */
export function shortHash(hash: string): string {
  return hash.length <= 16 ? hash : `${hash.slice(0, 8)}…${hash.slice(-6)}`;
}

/** `intake.begun` → `Intake begun` */
export function phrase(name: string): string {
  const words = name.replaceAll(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
