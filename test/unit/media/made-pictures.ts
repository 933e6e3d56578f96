/** Pictures made by arithmetic alone, so that a frozen hash of one means something. */
import type { Pixels } from '#core/media/pdq.ts';

/** Smooth hills of colour with a few hard edges; `seed` moves them about. */
export function hills(width: number, height: number, seed: number, channels: 3 | 4 = 3): Pixels {
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += channels) {
      const u = x / width;
      const v = y / height;
      const edge = (Math.floor(u * 5 + seed) + Math.floor(v * 4)) % 2 === 0 ? 40 : 0;
      data[at] = wave(u * 7 + v * 2 + seed) + edge;
      data[at + 1] = wave(v * 9 - u * 3 + seed * 2) + edge;
      data[at + 2] = wave((u + v) * 5 + seed * 3) + edge;
      if (channels === 4) data[at + 3] = x < width / 2 ? 0 : 255;
    }
  }
  return { data, width, height, channels };
}

/** A triangle wave, 0 to 215: exact in every engine, unlike a sine. */
function wave(turn: number): number {
  const part = turn - Math.floor(turn);
  return Math.floor(215 * (part < 0.5 ? 2 * part : 2 - 2 * part));
}

/** Many overlapping rectangles: detail at every scale, alike in no orientation. */
export function rectangles(width: number, height: number, seed: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  const random = seededRandom(seed);
  for (let count = 0; count < 60; count++) {
    const left = Math.floor(random() * width);
    const top = Math.floor(random() * height);
    const right = Math.min(width, left + Math.floor((random() * width) / 2));
    const bottom = Math.min(height, top + Math.floor((random() * height) / 2));
    const colour = [random() * 255, random() * 255, random() * 255];
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) data.set(colour, (y * width + x) * 3);
  }
  return { data, width, height, channels: 3 };
}

/** A number from 0 to 1 and the next and the next, the same every time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
