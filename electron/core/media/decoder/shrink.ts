/**
 * A small upright copy of raw pixels, for thumbnails. Each new pixel is the mean of 3 × 3 pixels
 * spread over the area it stands for: far cheaper than a full resampling, and a thumbnail hardly
 * shows the difference.
 */
import type { Pixels } from '../pdq.ts';

/** RGB, 8 bits a channel. */
export interface SmallPicture {
  data: Uint8Array;
  width: number;
  height: number;
}

/** What shows through transparent pixels: neutral, so that neither dark nor light drawings vanish. */
export const BACKDROP = 128;
const TAPS = 3;

/**
 * @param pixels RGB or RGB and alpha (3 or 4 channels).
 * @param exifOrientation 1 to 8; anything else counts as 1.
 * @param side longest side of the result; a smaller picture keeps its size.
 */
export function shrunkUpright(pixels: Pixels, exifOrientation: number, side: number): SmallPicture {
  return upright(shrunk(pixels, side), exifOrientation);
}

function shrunk(pixels: Pixels, side: number): SmallPicture {
  const scale = Math.max(1, pixels.width / side, pixels.height / side);
  const width = Math.max(1, Math.round(pixels.width / scale));
  const height = Math.max(1, Math.round(pixels.height / scale));
  const small = { data: new Uint8Array(width * height * 3), width, height };
  const columns = tapsAlong(pixels.width, width, pixels.channels);
  const rows = tapsAlong(pixels.height, height, pixels.width * pixels.channels);
  const fill = pixels.channels === 4 ? meanOverBackdrop : mean;
  fill(pixels.data, columns, rows, small.data);
  return small;
}

/** For each new place the three old ones it is the mean of, as offsets, one after the other. */
function tapsAlong(from: number, to: number, stride: number): Uint32Array {
  const taps = new Uint32Array(to * TAPS);
  for (let i = 0; i < taps.length; i++)
    taps[i] = Math.min(from - 1, Math.floor(((i + 0.5) * from) / taps.length)) * stride;
  return taps;
}

/** The three taps of a line are written out: this loop is most of a thumbnail's cost. */
function mean(data: Uint8Array, columns: Uint32Array, rows: Uint32Array, out: Uint8Array): void {
  const width = columns.length / TAPS;
  const sums = new Uint16Array(width * 3);
  for (let y = 0; y < rows.length; y += TAPS) {
    sums.fill((TAPS * TAPS) >> 1);
    for (let j = y; j < y + TAPS; j++) {
      const row = rows[j]!;
      for (let x = 0, to = 0; x < columns.length; x += TAPS, to += 3) {
        const a = row + columns[x]!;
        const b = row + columns[x + 1]!;
        const c = row + columns[x + 2]!;
        sums[to] = sums[to]! + data[a]! + data[b]! + data[c]!;
        sums[to + 1] = sums[to + 1]! + data[a + 1]! + data[b + 1]! + data[c + 1]!;
        sums[to + 2] = sums[to + 2]! + data[a + 2]! + data[b + 2]! + data[c + 2]!;
      }
    }
    const line = (y / TAPS) * sums.length;
    for (let i = 0; i < sums.length; i++) out[line + i] = sums[i]! / (TAPS * TAPS);
  }
}

function meanOverBackdrop(
  data: Uint8Array,
  columns: Uint32Array,
  rows: Uint32Array,
  out: Uint8Array,
): void {
  const white = TAPS * TAPS * 255;
  for (let y = 0, to = 0; y < rows.length; y += TAPS) {
    for (let x = 0; x < columns.length; x += TAPS, to += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let opaque = 0;
      for (let j = y; j < y + TAPS; j++) {
        for (let i = x; i < x + TAPS; i++) {
          const at = rows[j]! + columns[i]!;
          const alpha = data[at + 3]!;
          red += data[at]! * alpha;
          green += data[at + 1]! * alpha;
          blue += data[at + 2]! * alpha;
          opaque += alpha;
        }
      }
      const behind = BACKDROP * (white - opaque) + white / 2;
      out[to] = (red + behind) / white;
      out[to + 1] = (green + behind) / white;
      out[to + 2] = (blue + behind) / white;
    }
  }
}

/** For each EXIF orientation: does the picture lie on its side, and which old axes run backwards? */
const LYING: Record<number, { swap: boolean; backX: boolean; backY: boolean }> = {
  2: { swap: false, backX: true, backY: false },
  3: { swap: false, backX: true, backY: true },
  4: { swap: false, backX: false, backY: true },
  5: { swap: true, backX: false, backY: false },
  6: { swap: true, backX: false, backY: true },
  7: { swap: true, backX: true, backY: true },
  8: { swap: true, backX: true, backY: false },
};

function upright(picture: SmallPicture, exifOrientation: number): SmallPicture {
  const lying = LYING[exifOrientation];
  if (!lying) return picture;
  const { data, width, height } = picture;
  const turned = {
    data: new Uint8Array(data.length),
    width: lying.swap ? height : width,
    height: lying.swap ? width : height,
  };
  for (let y = 0, out = 0; y < turned.height; y++) {
    for (let x = 0; x < turned.width; x++, out += 3) {
      const across = lying.swap ? y : x;
      const down = lying.swap ? x : y;
      const oldX = lying.backX ? width - 1 - across : across;
      const oldY = lying.backY ? height - 1 - down : down;
      const at = (oldY * width + oldX) * 3;
      turned.data[out] = data[at]!;
      turned.data[out + 1] = data[at + 1]!;
      turned.data[out + 2] = data[at + 2]!;
    }
  }
  return turned;
}
