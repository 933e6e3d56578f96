/**
 * PDQ, Meta's perceptual hash for pictures (256 bits), bit for bit as the C++ reference computes it:
 * ThreatExchange `pdq/cpp`, described in "The TMK+PDQF Video-Hashing Algorithm and the PDQ
 * Image-Hashing Algorithm" (Facebook, 2019). Hash lists from elsewhere only match if every rounding
 * is the reference's, so all arithmetic is in 32-bit floats: a `Float32Array` store or `Math.fround`
 * after each operation, in the reference's order.
 */
import { ORIENTATIONS } from '#shared/domain/words.ts';
import { boxColumns, boxColumnsAt, boxRows, boxRowsAt, windowSize } from './pdq-box.ts';

const { fround } = Math;

/** Pixels before any EXIF orientation, 8 bits a channel, rows top to bottom without padding. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. Alpha is ignored. */
  channels: number;
}

export interface Pdq {
  /**
   * 8 × 32 bytes in the order of ORIENTATIONS, the first as stored; each most significant byte
   * first, so that its hex is the text other tools print. Null if a side is below 5 pixels.
   */
  hashes: Uint8Array | null;
  /** 0 to 100; how much detail the hash rests on. */
  quality: number;
}

export const PDQ_BYTES = 32;
const LARGEST = 512;
const SMALLEST_SIDE = 5;
const GRID = 64;
const SIDE = 16;
const CELLS = SIDE * SIDE;

export function pdq(pixels: Pixels): Pdq {
  if (pixels.width < SMALLEST_SIDE || pixels.height < SMALLEST_SIDE)
    return { hashes: null, quality: 0 };
  const grid = blurredGrid(lumaOf(pixels));
  return { hashes: hashesOf(dct16(grid)), quality: qualityOf(grid) };
}

/** The hex text of one of the eight hashes. */
export function pdqHex(hashes: Uint8Array, orientation = 0): string {
  const at = orientation * PDQ_BYTES;
  return Buffer.from(hashes.subarray(at, at + PDQ_BYTES)).toString('hex');
}

interface Luma {
  values: Float32Array;
  width: number;
  height: number;
}

const RED = fround(0.299);
const GREEN = fround(0.587);
const BLUE = fround(0.114);

/** Brightness, at no more than 512 × 512: of a larger picture, 512 × 512 pixels are picked. */
function lumaOf({ data, width, height, channels }: Pixels): Luma {
  const shrink = width > LARGEST || height > LARGEST;
  const w = shrink ? LARGEST : width;
  const h = shrink ? LARGEST : height;
  const columns = Uint32Array.from({ length: w }, (_, x) => Math.floor((x * width) / w) * channels);
  const values = new Float32Array(w * h);
  const fill = channels < 3 ? greyRow : colourRow;
  for (let y = 0; y < h; y++)
    fill(data, Math.floor((y * height) / h) * width * channels, columns, values, y * w);
  return { values, width: w, height: h };
}

type FillRow = (
  data: Uint8Array,
  row: number,
  columns: Uint32Array,
  values: Float32Array,
  out: number,
) => void;

const greyRow: FillRow = (data, row, columns, values, out) => {
  for (let x = 0; x < columns.length; x++) values[out + x] = data[row + columns[x]!]!;
};

const colourRow: FillRow = (data, row, columns, values, out) => {
  for (let x = 0; x < columns.length; x++) {
    const at = row + columns[x]!;
    const redGreen = fround(fround(RED * data[at]!) + fround(GREEN * data[at + 1]!));
    values[out + x] = fround(redGreen + fround(BLUE * data[at + 2]!));
  }
};

/**
 * The Jarosz filter (rows, columns, rows, columns) and the 64 × 64 samples taken of its result.
 * The last two passes compute only what is sampled.
 */
function blurredGrid({ values, width, height }: Luma): Float32Array {
  const alongRows = windowSize(width);
  const alongColumns = windowSize(height);
  boxRows(values, width, height, alongRows);
  boxColumns(values, width, height, alongColumns);
  const strips = boxRowsAt(values, width, height, alongRows, samplePoints(width));
  return boxColumnsAt(strips, GRID, height, alongColumns, samplePoints(height));
}

function samplePoints(length: number): Uint32Array {
  return Uint32Array.from({ length: GRID }, (_, i) => Math.floor(((i + 0.5) * length) / GRID));
}

/** Sum of the steps between neighbours, each in whole percent of white, over 90; at most 100. */
function qualityOf(grid: Float32Array): number {
  let steps = 0;
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const at = row * GRID + column;
      if (row < GRID - 1) steps += stepInPercent(grid[at]!, grid[at + GRID]!);
      if (column < GRID - 1) steps += stepInPercent(grid[at]!, grid[at + 1]!);
    }
  }
  return Math.min(100, Math.floor(steps / 90));
}

function stepInPercent(u: number, v: number): number {
  return Math.abs(Math.trunc(fround(fround(fround(u - v) * 100) / 255)));
}

/** D, 16 × 64: the sixteen lowest frequencies above the constant one. */
const DCT = Float32Array.from({ length: SIDE * GRID }, (_, at) => {
  const frequency = Math.floor(at / GRID) + 1;
  const place = at % GRID;
  return Math.sqrt(2 / GRID) * Math.cos((Math.PI / 2 / GRID) * frequency * (2 * place + 1));
});

/** B = D·A·Dᵀ, 16 × 16. */
function dct16(grid: Float32Array): Float32Array {
  const half = new Float32Array(SIDE * GRID);
  for (let i = 0; i < SIDE; i++) {
    for (let k = 0; k < GRID; k++) {
      const factor = DCT[i * GRID + k]!;
      const row = k * GRID;
      for (let j = 0; j < GRID; j++)
        half[i * GRID + j] = half[i * GRID + j]! + fround(factor * grid[row + j]!);
    }
  }
  const out = new Float32Array(CELLS);
  for (let i = 0; i < SIDE; i++) {
    for (let j = 0; j < SIDE; j++) {
      let sum = 0;
      for (let k = 0; k < GRID; k++)
        sum = fround(sum + fround(half[i * GRID + k]! * DCT[j * GRID + k]!));
      out[i * SIDE + j] = sum;
    }
  }
  return out;
}

/**
 * Turning or mirroring the picture turns its transform by transposing it and by changing the sign
 * of every other row, column or both; no second transform is needed. `negative` is asked
 * for the place in the picture's own transform.
 */
type Negative = (row: number, column: number) => boolean;
const TURNS: Record<(typeof ORIENTATIONS)[number], { transpose: boolean; negative: Negative }> = {
  orig: { transpose: false, negative: () => false },
  rot90: { transpose: true, negative: (_, column) => column % 2 === 0 },
  rot180: { transpose: false, negative: (row, column) => (row + column) % 2 === 1 },
  rot270: { transpose: true, negative: (row) => row % 2 === 0 },
  flipx: { transpose: false, negative: (row) => row % 2 === 0 },
  flipy: { transpose: false, negative: (_, column) => column % 2 === 0 },
  flipplus1: { transpose: true, negative: () => false },
  flipminus1: { transpose: true, negative: (row, column) => (row + column) % 2 === 1 },
};

/** For each orientation: where each of the 256 values comes from, and its sign. */
const PLANS = ORIENTATIONS.map((orientation) => {
  const { transpose, negative } = TURNS[orientation];
  const from = new Uint16Array(CELLS);
  const sign = new Int8Array(CELLS);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const at = transpose ? column * SIDE + row : row * SIDE + column;
      from[at] = row * SIDE + column;
      sign[at] = negative(row, column) ? -1 : 1;
    }
  }
  return { from, sign };
});

function hashesOf(transform: Float32Array): Uint8Array {
  const hashes = new Uint8Array(PLANS.length * PDQ_BYTES);
  const turned = new Float32Array(CELLS);
  PLANS.forEach(({ from, sign }, index) => {
    for (let at = 0; at < CELLS; at++) turned[at] = sign[at]! * transform[from[at]!]!;
    writeBits(turned, hashes.subarray(index * PDQ_BYTES, (index + 1) * PDQ_BYTES));
  });
  return hashes;
}

/** Bit n of the number is 1 where value n is above the (lower) median. */
function writeBits(values: Float32Array, hash: Uint8Array): void {
  const median = values.slice().sort()[CELLS / 2 - 1]!;
  for (let bit = 0; bit < CELLS; bit++) {
    if (values[bit]! > median) {
      const byte = PDQ_BYTES - 1 - (bit >> 3);
      hash[byte] = hash[byte]! | (1 << (bit & 7));
    }
  }
}
