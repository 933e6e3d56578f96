/** Frames of a PNG: libvips reads animated PNG as a still, and would hide that there is more. */

const SIGNATURE = 8;
/** Length, type and checksum around each chunk's data. */
const AROUND = 12;
const ACTL = 0x6163544c;
const IDAT = 0x49444154;

/** What `acTL` before the first pixel data claims (APNG 1.0), else 1. */
export function pngFrames(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = SIGNATURE; at + AROUND <= bytes.length;) {
    const length = view.getUint32(at);
    const type = view.getUint32(at + 4);
    if (type === IDAT) return 1;
    if (type === ACTL && length >= 8 && at + AROUND <= bytes.length)
      return Math.max(1, view.getUint32(at + 8));
    at += AROUND + length;
  }
  return 1;
}
