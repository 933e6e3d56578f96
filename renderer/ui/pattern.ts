/**
 * A tile's own quiet pattern, made from its id alone, so that covered tiles can be told apart and
 * remembered. It says nothing about the picture: the same id gives the same pattern, always.
 */

/** Mixes an integer into 32 well-spread bits (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Strokes of one cell with its corner at (x, y), side 8, in one of its turns. */
type Motif = (x: number, y: number, turned: boolean) => string;

const MOTIFS: readonly Motif[] = [
  // Quarter arcs round two opposite corners.
  (x, y, turned) =>
    turned
      ? `M${x + 4} ${y}a4 4 0 0 1-4 4M${x + 8} ${y + 4}a4 4 0 0 0-4 4`
      : `M${x + 4} ${y}a4 4 0 0 0 4 4M${x} ${y + 4}a4 4 0 0 1 4 4`,
  // One diagonal.
  (x, y, turned) => (turned ? `M${x} ${y}l8 8` : `M${x + 8} ${y}l-8 8`),
  // Chevrons, up or down.
  (x, y, turned) => (turned ? `M${x} ${y + 6}l4-4 4 4` : `M${x} ${y + 2}l4 4 4-4`),
  // Bars, lying or standing.
  (x, y, turned) => (turned ? `M${x + 1} ${y + 4}h6` : `M${x + 4} ${y + 1}v6`),
  // Rings and points.
  (x, y, turned) =>
    turned ? `M${x + 4} ${y + 1.5}a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5` : `M${x + 3.6} ${y + 4}h.8`,
  // Corners.
  (x, y, turned) => (turned ? `M${x + 1} ${y + 7}v-6h6` : `M${x + 7} ${y + 1}v6h-6`),
];

export const PATTERN_CELLS = 6;
export const PATTERN_SIDE = PATTERN_CELLS * 8;

/** The `d` of one SVG path inside a square of PATTERN_SIDE units. */
export function tilePattern(id: number): string {
  const seed = mix(id);
  const motif = MOTIFS[seed % MOTIFS.length] ?? MOTIFS[0];
  if (motif === undefined) return '';
  const mirrored = (seed & 0x1000) !== 0;
  let path = '';
  for (let row = 0; row < PATTERN_CELLS; row += 1) {
    for (let column = 0; column < PATTERN_CELLS; column += 1) {
      // Half of the columns mirror the other half in some tiles: symmetry is easy to remember.
      const source = mirrored && column >= PATTERN_CELLS / 2 ? PATTERN_CELLS - 1 - column : column;
      const turned = (mix(seed + row * 31 + source * 7) & 1) === 1;
      path += motif(column * 8, row * 8, mirrored && source !== column ? !turned : turned);
    }
  }
  return path;
}
