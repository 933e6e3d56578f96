/**
 * What is never given to a picture decoder, and the sentences for what one could not read. No
 * sentence holds a file's name.
 */
import type { ErrorCode } from '#shared/domain/errors.ts';
import { MAX_INPUT_BYTES, MAX_PIXELS, MAX_PIXELS_AVIF } from './limits.ts';
import { sniff, type Sniffed, type SniffedFormat } from './sniff.ts';
import type { Unreadable } from './types.ts';

/** A refusal before it is joined to what the bytes are. */
export interface Reason {
  code: Unreadable['code'];
  reason: string;
}

export const UNREADABLE_CODES = [
  'NOT_A_PICTURE',
  'PICTURE_UNREADABLE',
  'PICTURE_TOO_LARGE',
  'DECODE_TIMEOUT',
  'DECODE_KILLED',
] as const satisfies readonly Extract<ErrorCode, Unreadable['code']>[];

/** Names for sentences, and whether the decoder can read it. */
const FORMATS: Record<SniffedFormat, { name: string; kind: 'read' | 'unread' | 'other' }> = {
  jpeg: { name: 'JPEG', kind: 'read' },
  png: { name: 'PNG', kind: 'read' },
  gif: { name: 'GIF', kind: 'read' },
  webp: { name: 'WebP', kind: 'read' },
  tiff: { name: 'TIFF', kind: 'read' },
  avif: { name: 'AVIF', kind: 'read' },
  heic: { name: 'HEIC', kind: 'unread' },
  bmp: { name: 'BMP', kind: 'unread' },
  jxl: { name: 'JPEG XL', kind: 'unread' },
  jp2: { name: 'JPEG 2000', kind: 'unread' },
  psd: { name: 'Photoshop', kind: 'unread' },
  ico: { name: 'icon', kind: 'unread' },
  // SECURITY: SVG is a document that can name other files and hold scripts; it is never drawn.
  svg: { name: 'SVG', kind: 'unread' },
  xml: { name: 'an XML document', kind: 'other' },
  pdf: { name: 'a PDF document', kind: 'other' },
  mp4: { name: 'a video', kind: 'other' },
  mov: { name: 'a video', kind: 'other' },
  zip: { name: 'a ZIP archive', kind: 'other' },
  text: { name: 'text', kind: 'other' },
  empty: { name: 'an empty file', kind: 'other' },
  unknown: { name: 'of no kind that Custos knows', kind: 'other' },
};

export function formatName(format: SniffedFormat): string {
  return FORMATS[format].name;
}

export function unreadable({ mime, ext }: Sniffed, { code, reason }: Reason): Unreadable {
  return { readable: false, code, reason, mime, ext };
}

/** Why these bytes go to no decoder at all, or null. */
export function refusalOf(bytes: Uint8Array): Unreadable | null {
  const sniffed = sniff(bytes);
  const { name, kind } = FORMATS[sniffed.format];
  if (kind === 'other')
    return unreadable(sniffed, {
      code: 'NOT_A_PICTURE',
      reason: `This is ${name}, not a picture.`,
    });
  if (kind === 'unread')
    return unreadable(sniffed, {
      code: 'PICTURE_UNREADABLE',
      reason: `This is a picture in the ${name} format, which this version of Custos does not decode.`,
    });
  if (bytes.length > MAX_INPUT_BYTES)
    return unreadable(sniffed, {
      code: 'PICTURE_TOO_LARGE',
      reason: `The file is larger than ${MAX_INPUT_BYTES / 1024 / 1024} MB, the most that is decoded.`,
    });
  return null;
}

/** Too many pixels to decode, or null. `width` and `height` are of one frame. */
export function sizeRefusal(format: SniffedFormat, width: number, height: number): Reason | null {
  const limit = format === 'avif' ? MAX_PIXELS_AVIF : MAX_PIXELS;
  if (width * height <= limit) return null;
  return {
    code: 'PICTURE_TOO_LARGE',
    reason:
      `The ${formatName(format)} claims ${width} by ${height} pixels; ` +
      `at most ${limit / 1_000_000} megapixels are decoded.`,
  };
}

/** The decoding library's own words, as a sentence: what is wrong first, its words after it. */
export function decodeFailure(format: SniffedFormat, error: Error): Reason {
  const words = wordsOf(error.message);
  const name = formatName(format);
  const because = words ? ` (${words})` : '';
  if (/exceeds pixel limit/i.test(words))
    return {
      code: 'PICTURE_TOO_LARGE',
      reason: `The ${name} claims more pixels than are decoded, or sides longer than are possible.`,
    };
  return { code: 'PICTURE_UNREADABLE', reason: `${whatIsWrong(name, words)}${because}.` };
}

function whatIsWrong(name: string, words: string): string {
  if (/premature end|unexpected end|truncated|end of file/i.test(words))
    return `The ${name} ends early: the file is cut off`;
  if (/corrupt header/i.test(words)) return `The header of the ${name} is damaged`;
  if (/not (been )?(built in|configured|supported)|unsupported/i.test(words))
    return `The ${name} is damaged, or of a kind that this version of Custos does not decode`;
  return `The ${name} is damaged or ends early`;
}

/** The first telling line, in plain characters, short: the message repeats itself and may be long. */
function wordsOf(message: string): string {
  const lines = message
    .split('\n')
    .map((line) => line.replace(/[^\x20-\x7e]/g, '').trim())
    .filter((line) => line !== '' && !line.startsWith('source: bad seek'));
  return (lines[0] ?? '').slice(0, 160).replace(/[:\s]+$/, '');
}
