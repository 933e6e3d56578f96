/**
 * The box filter of PDQ with its running sums. The sums carry their rounding errors along, so the
 * order of additions and subtractions below is the reference's (`box1DFloat`) and must stay so.
 *
 * A window of size n centred on each value: at the start it grows, at the end it shrinks.
 */
const { fround } = Math;

/** The reference's window for a side of this length. */
export function windowSize(length: number): number {
  return Math.floor((length + 127) / 128);
}

/** Along the rows, in place. */
export function boxRows(values: Float32Array, width: number, height: number, window: number): void {
  const lines = { count: height, apart: width, length: width, stride: 1 };
  filterLines(values, lines, window, everyPoint(width), { values, apart: width, stride: 1 });
}

/** Along the columns, in place. */
export function boxColumns(
  values: Float32Array,
  width: number,
  height: number,
  window: number,
): void {
  const lines = { count: width, apart: 1, length: height, stride: width };
  filterLines(values, lines, window, everyPoint(height), { values, apart: 1, stride: width });
}

/** Along the rows; the result holds only the columns `points`, and is that wide. */
export function boxRowsAt(
  from: Float32Array,
  width: number,
  height: number,
  window: number,
  points: Uint32Array,
): Float32Array {
  const values = new Float32Array(points.length * height);
  const lines = { count: height, apart: width, length: width, stride: 1 };
  filterLines(from, lines, window, points, { values, apart: points.length, stride: 1 });
  return values;
}

/** Along the columns; the result holds only the rows `points`, and is that high. */
export function boxColumnsAt(
  from: Float32Array,
  width: number,
  height: number,
  window: number,
  points: Uint32Array,
): Float32Array {
  const values = new Float32Array(width * points.length);
  const lines = { count: width, apart: 1, length: height, stride: width };
  filterLines(from, lines, window, points, { values, apart: 1, stride: width });
  return values;
}

function everyPoint(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => i);
}

interface Phases {
  /** Added before anything is written. */
  lead: number;
  /** Written while the window grows. */
  grow: number;
  /** Written while the window is full; what is left is written while it shrinks. */
  full: number;
}

function phasesOf(length: number, window: number): Phases {
  const half = Math.floor((window + 2) / 2);
  return { lead: half - 1, grow: window - half + 1, full: length - window };
}

/** How many values the window holds at every place of a line. */
function sizesOf(length: number, window: number): Float32Array {
  const { lead, grow, full } = phasesOf(length, window);
  return Float32Array.from({ length }, (_, at) =>
    at < grow ? lead + at + 1 : at < grow + full ? window : window - (at - grow - full + 1),
  );
}

/** Parallel lines through one array: `apart` from line to line, `stride` along a line. */
interface Lines {
  count: number;
  apart: number;
  length: number;
  stride: number;
}

/** Lines filtered side by side. A sum waits for the one before it; four lines do not wait. */
const LANES = 4;

function filterLines(
  from: Float32Array,
  lines: Lines,
  window: number,
  points: Uint32Array,
  to: { values: Float32Array; apart: number; stride: number },
): void {
  const sums = new Float32Array(lines.length * LANES);
  const sizes = sizesOf(lines.length, window);
  const kept = to.values;
  for (let line = 0; line < lines.count; line += LANES) {
    // Where the count is no multiple of four, the last line is simply done again.
    const a = line;
    const b = Math.min(line + 1, lines.count - 1);
    const c = Math.min(line + 2, lines.count - 1);
    const d = Math.min(line + 3, lines.count - 1);
    runningSums(from, lines, window, sums, [a, b, c, d]);
    for (let i = 0; i < points.length; i++) {
      const at = points[i]!;
      const size = sizes[at]!;
      const out = i * to.stride;
      kept[out + a * to.apart] = sums[at * LANES]! / size;
      kept[out + b * to.apart] = sums[at * LANES + 1]! / size;
      kept[out + c * to.apart] = sums[at * LANES + 2]! / size;
      kept[out + d * to.apart] = sums[at * LANES + 3]! / size;
    }
  }
}

/** The window's sum at every place of four lines, the four beside one another. */
function runningSums(
  from: Float32Array,
  { apart, length, stride }: Lines,
  window: number,
  sums: Float32Array,
  lanes: readonly [number, number, number, number],
): void {
  const { lead, grow, full } = phasesOf(length, window);
  const first = lanes[0] * apart;
  const b = (lanes[1] - lanes[0]) * apart;
  const c = (lanes[2] - lanes[0]) * apart;
  const d = (lanes[3] - lanes[0]) * apart;
  let right = first;
  let left = first;
  let out = 0;
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  let sumD = 0;
  for (let i = 0; i < lead + grow; i++, right += stride) {
    sumA = fround(sumA + from[right]!);
    sumB = fround(sumB + from[right + b]!);
    sumC = fround(sumC + from[right + c]!);
    sumD = fround(sumD + from[right + d]!);
    if (i < lead) continue;
    sums[out++] = sumA;
    sums[out++] = sumB;
    sums[out++] = sumC;
    sums[out++] = sumD;
  }
  for (let i = 0; i < full; i++, right += stride, left += stride) {
    sumA = fround(fround(sumA + from[right]!) - from[left]!);
    sumB = fround(fround(sumB + from[right + b]!) - from[left + b]!);
    sumC = fround(fround(sumC + from[right + c]!) - from[left + c]!);
    sumD = fround(fround(sumD + from[right + d]!) - from[left + d]!);
    sums[out++] = sumA;
    sums[out++] = sumB;
    sums[out++] = sumC;
    sums[out++] = sumD;
  }
  while (out < sums.length) {
    sumA = fround(sumA - from[left]!);
    sumB = fround(sumB - from[left + b]!);
    sumC = fround(sumC - from[left + c]!);
    sumD = fround(sumD - from[left + d]!);
    left += stride;
    sums[out++] = sumA;
    sums[out++] = sumB;
    sums[out++] = sumC;
    sums[out++] = sumD;
  }
}
