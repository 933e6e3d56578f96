/**
 * libvips through sharp, with everything shut that is not needed. Loaded only by what runs inside a
 * decoder process.
 *
 * Whether a damaged picture counts as readable is decided here, by `failOn: 'error'`: cut-off data
 * and decoding errors are an unreadable picture with a reason; mere warnings (stray bytes between
 * two JPEG segments, an odd TIFF tag) are let through. Other viewers show the top half of a cut-off
 * JPEG. Custos does not: its hash would match nothing, and half a picture must not be decided as if
 * it were the whole.
 */
import sharp, { type Metadata, type Sharp } from 'sharp';
import { MAX_PIXELS } from '../limits.ts';
import { decodeFailure, refusalOf, sizeRefusal, unreadable } from '../refusals.ts';
import { sniff, type Sniffed, type SniffedFormat } from '../sniff.ts';
import type { Unreadable } from '../types.ts';

// SECURITY: only the six loaders that read from memory, and only formats we name, can run at all.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Heif', 'Nsgif'].map(
    (loader) => `VipsForeignLoad${loader}Buffer`,
  ),
});
sharp.cache(false);
sharp.concurrency(1);

/** A picture whose header was read and found within the limits. */
export interface OpenPicture {
  sniffed: Sniffed;
  header: Metadata;
  bytes: Uint8Array;
}

export const isUnreadable = (value: object): value is Unreadable =>
  'readable' in value && value.readable === false;

/** Reads the header. What libvips says it is must be what its first bytes say. */
export async function openPicture(bytes: Uint8Array): Promise<OpenPicture | Unreadable> {
  const refused = refusalOf(bytes);
  if (refused) return refused;
  const sniffed = sniff(bytes);
  const header = await attempt(sniffed, () => decoder(bytes).metadata());
  if (isUnreadable(header)) return header;
  if (vipsFormat(header) !== sniffed.format)
    return unreadable(sniffed, {
      code: 'PICTURE_UNREADABLE',
      reason: 'The bytes contradict themselves: they begin as one format and go on as another.',
    });
  const tooLarge = sizeRefusal(sniffed.format, header.width, header.height);
  return tooLarge ? unreadable(sniffed, tooLarge) : { sniffed, header, bytes };
}

/** The first frame only, whatever follows. */
export function decoder(bytes: Uint8Array, options: { ignoreIcc?: boolean } = {}): Sharp {
  return sharp(bytes, { ...options, failOn: 'error', limitInputPixels: MAX_PIXELS, pages: 1 });
}

/** Runs libvips on hostile bytes; its failure is an answer, not an exception. */
export async function attempt<T extends object>(
  sniffed: Sniffed,
  work: () => Promise<T>,
): Promise<T | Unreadable> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return unreadable(sniffed, decodeFailure(sniffed.format, error));
  }
}

function vipsFormat(header: Metadata): SniffedFormat | undefined {
  if (header.format === 'heif') return header.compression === 'av1' ? 'avif' : 'heic';
  return header.format as SniffedFormat | undefined;
}
