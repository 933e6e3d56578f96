/**
 * The ladder's pictures: what may be shown of an item, drawn anew from its pixels. Upright by EXIF
 * orientation, transparency over neutral grey, sRGB, JPEG, no metadata of any kind.
 */
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import type { ShownRung } from '#shared/domain/words.ts';
import { BACKDROP } from './shrink.ts';
import { posterise } from './stylise.ts';
import type { Rendition, Unreadable } from '../types.ts';
import { attempt, decoder, isUnreadable, openPicture } from './vips.ts';

/** Longest side of a rung, whatever box is asked for. */
const LARGEST: Record<ShownRung, number> = { 1: 640, 2: 320, 3: Infinity, 4: Infinity };
/** A stylised picture is drawn from one this small: what is not in it cannot show. */
const STYLISED_FROM = 192;
const STYLISED_MEDIAN = 9;

/** @param wanted.box longest side in device pixels; nothing is ever enlarged beyond its own size. */
export async function render(
  bytes: Uint8Array,
  wanted: { rung: ShownRung; box: number },
): Promise<Rendition | Unreadable> {
  const picture = await openPicture(bytes);
  if (isUnreadable(picture)) return picture;
  const { sniffed, header } = picture;
  const box = Math.min(wanted.box, LARGEST[wanted.rung]);
  const drawn = await attempt(sniffed, () =>
    wanted.rung === 1
      ? drawStylised(bytes, within(header.autoOrient, box))
      : drawPlain(bytes, box, wanted.rung),
  );
  if (isUnreadable(drawn)) return drawn;
  const { data, info } = drawn;
  return { mime: 'image/jpeg', bytes: data, width: info.width, height: info.height };
}

interface Size {
  width: number;
  height: number;
}

interface Drawn {
  data: Buffer;
  info: OutputInfo;
}

/** Grey is made last, of the pixels that are left. */
function drawPlain(bytes: Uint8Array, box: number, rung: ShownRung): Promise<Drawn> {
  const picture = uprightWithin(bytes, box);
  return asJpeg(picture.toColourspace(rung === 4 ? 'srgb' : 'b-w'));
}

/** JPEGs are decoded at a half, a quarter or an eighth where the box allows: that is the speed. */
function uprightWithin(bytes: Uint8Array, box: number): Sharp {
  return decoder(bytes)
    .autoOrient()
    .flatten({ background: { r: BACKDROP, g: BACKDROP, b: BACKDROP } })
    .resize(box, box, { fit: 'inside', withoutEnlargement: true });
}

/**
 * Small, smoothed by a median (which keeps edges), enlarged softly, then few tones. Each step
 * works on the pixels of the one before, so nothing finer can come back.
 */
async function drawStylised(bytes: Uint8Array, size: Size): Promise<Drawn> {
  const longest = Math.min(STYLISED_FROM, Math.max(size.width, size.height));
  const small = await rawPixels(
    uprightWithin(bytes, longest).toColourspace('srgb').median(STYLISED_MEDIAN),
  );
  const { data, info } = await rawPixels(
    fromRaw(small).resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' }),
  );
  posterise(data);
  return asJpeg(fromRaw({ data, info }));
}

function rawPixels(picture: Sharp): Promise<Drawn> {
  return picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
}

function fromRaw({ data, info: { width, height, channels } }: Drawn): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

function asJpeg(picture: Sharp): Promise<Drawn> {
  return picture.jpeg({ quality: 88, optimiseCoding: false }).toBuffer({ resolveWithObject: true });
}

function within({ width, height }: Size, box: number): Size {
  const scale = Math.min(1, box / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}
