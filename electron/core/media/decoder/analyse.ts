/**
 * What a decoder process does with one picture's bytes: facts about it, out of ONE full decode.
 * Loaded only by the decoder process (and by tests of it).
 */
import sharp from 'sharp';
import { THUMBNAIL_SIDE } from '../limits.ts';
import { pdq, type Pixels } from '../pdq.ts';
import { pngFrames } from './png-frames.ts';
import { shrunkUpright, type SmallPicture } from './shrink.ts';
import type { PictureFacts, Unreadable } from '../types.ts';
import { attempt, decoder, isUnreadable, openPicture, type OpenPicture } from './vips.ts';

export async function analyse(bytes: Uint8Array): Promise<PictureFacts | Unreadable> {
  const picture = await openPicture(bytes);
  if (isUnreadable(picture)) return picture;
  const { sniffed, header } = picture;
  const pixels = await attempt(sniffed, () => pixelsAsStored(bytes));
  if (isUnreadable(pixels)) return pixels;
  const { hashes, quality } = pdq(pixels);
  const small = shrunkUpright(pixels, header.orientation ?? 1, THUMBNAIL_SIDE);
  return {
    readable: true,
    mime: sniffed.mime,
    ext: sniffed.ext,
    width: pixels.width,
    height: pixels.height,
    frames: framesOf(picture),
    pdq: hashes,
    pdqQuality: quality,
    thumbnail: await encoded(small),
    thumbnailSize: { width: small.width, height: small.height },
  };
}

/**
 * 8-bit RGB or RGBA of the first frame, not turned. An embedded colour profile is ignored, as the
 * reference implementation of PDQ does: a hash must not depend on who reads it.
 */
async function pixelsAsStored(bytes: Uint8Array): Promise<Pixels> {
  const { data, info } = await decoder(bytes, { ignoreIcc: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** Pages of a TIFF, frames of a GIF, WebP, AVIF or animated PNG. Only the first is ever decoded. */
function framesOf({ sniffed, header, bytes }: OpenPicture): number {
  if (sniffed.format === 'png') return pngFrames(bytes);
  return header.pages ?? 1;
}

/** sharp writes no metadata unless asked to, and raw pixels bring none. */
function encoded({ data, width, height }: SmallPicture): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80, optimiseCoding: false })
    .toBuffer();
}
