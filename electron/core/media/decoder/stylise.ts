/**
 * Fewer tones and colours, for the stylised rung: brightness in seven steps, colour in coarse ones.
 * After the smoothing before it nothing of skin is left but flat patches, while the scene (who is
 * where, roughly what happens) can still be read. Steps were chosen by eye on photographs.
 */

const BRIGHTNESS_STEP = 255 / 6;
const COLOUR_STEP = 28;

/** Changes RGB pixels in place, in the terms of ITU-R BT.601: brightness and two differences. */
export function posterise(data: Uint8Array): void {
  for (let at = 0; at + 2 < data.length; at += 3) {
    const brightness = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    const flat = rounded(brightness, BRIGHTNESS_STEP);
    const red = flat + rounded(data[at]! - brightness, COLOUR_STEP);
    const blue = flat + rounded(data[at + 2]! - brightness, COLOUR_STEP);
    data[at] = asByte(red);
    data[at + 1] = asByte((flat - 0.299 * red - 0.114 * blue) / 0.587);
    data[at + 2] = asByte(blue);
  }
}

const rounded = (value: number, step: number): number => Math.round(value / step) * step;
const asByte = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));
