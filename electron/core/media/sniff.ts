/**
 * What bytes are, by their content alone. A file's name is a claim of whoever made it and is never
 * asked.
 */

export type SniffedFormat =
  | 'jpeg'
  | 'png'
  | 'gif'
  | 'webp'
  | 'tiff'
  | 'avif'
  | 'heic'
  | 'bmp'
  | 'jxl'
  | 'jp2'
  | 'psd'
  | 'ico'
  | 'svg'
  | 'xml'
  | 'pdf'
  | 'mp4'
  | 'mov'
  | 'zip'
  | 'text'
  | 'empty'
  | 'unknown';

export interface Sniffed {
  format: SniffedFormat;
  mime: string;
  /** Without a dot. */
  ext: string;
}

const TYPES: Record<SniffedFormat, Omit<Sniffed, 'format'>> = {
  jpeg: { mime: 'image/jpeg', ext: 'jpg' },
  png: { mime: 'image/png', ext: 'png' },
  gif: { mime: 'image/gif', ext: 'gif' },
  webp: { mime: 'image/webp', ext: 'webp' },
  tiff: { mime: 'image/tiff', ext: 'tif' },
  avif: { mime: 'image/avif', ext: 'avif' },
  heic: { mime: 'image/heic', ext: 'heic' },
  bmp: { mime: 'image/bmp', ext: 'bmp' },
  jxl: { mime: 'image/jxl', ext: 'jxl' },
  jp2: { mime: 'image/jp2', ext: 'jp2' },
  psd: { mime: 'image/vnd.adobe.photoshop', ext: 'psd' },
  ico: { mime: 'image/vnd.microsoft.icon', ext: 'ico' },
  svg: { mime: 'image/svg+xml', ext: 'svg' },
  xml: { mime: 'application/xml', ext: 'xml' },
  pdf: { mime: 'application/pdf', ext: 'pdf' },
  mp4: { mime: 'video/mp4', ext: 'mp4' },
  mov: { mime: 'video/quicktime', ext: 'mov' },
  zip: { mime: 'application/zip', ext: 'zip' },
  text: { mime: 'text/plain', ext: 'txt' },
  empty: { mime: 'application/octet-stream', ext: 'bin' },
  unknown: { mime: 'application/octet-stream', ext: 'bin' },
};

/** @param bytes the file, or at least its first 4 kB. */
export function sniff(bytes: Uint8Array): Sniffed {
  const format = formatOf(bytes);
  return { format, ...TYPES[format] };
}

function formatOf(bytes: Uint8Array): SniffedFormat {
  if (bytes.length === 0) return 'empty';
  if (starts(bytes, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (says(bytes, 0, 'GIF87a') || says(bytes, 0, 'GIF89a')) return 'gif';
  if (says(bytes, 0, 'RIFF') && says(bytes, 8, 'WEBP')) return 'webp';
  if (isTiff(bytes)) return 'tiff';
  if (says(bytes, 4, 'ftyp')) return isoMediaOf(bytes);
  if (says(bytes, 4, 'moov') || says(bytes, 4, 'mdat')) return 'mov';
  if (isBmp(bytes)) return 'bmp';
  if (starts(bytes, 0xff, 0x0a) || starts(bytes, 0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20)) return 'jxl';
  if (starts(bytes, 0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20)) return 'jp2';
  if (starts(bytes, 0xff, 0x4f, 0xff, 0x51)) return 'jp2';
  if (says(bytes, 0, '8BPS')) return 'psd';
  if (starts(bytes, 0, 0, 1, 0) && bytes[4] !== 0 && bytes[5] === 0) return 'ico';
  if (says(bytes, 0, '%PDF-')) return 'pdf';
  if (starts(bytes, 0x50, 0x4b, 3, 4) || starts(bytes, 0x50, 0x4b, 5, 6)) return 'zip';
  return textOf(bytes);
}

function starts(bytes: Uint8Array, ...wanted: number[]): boolean {
  return bytes.length >= wanted.length && wanted.every((value, at) => bytes[at] === value);
}

function says(bytes: Uint8Array, at: number, wanted: string): boolean {
  return ascii(bytes, at, wanted.length) === wanted;
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** Classic TIFF and BigTIFF, either byte order. */
function isTiff(bytes: Uint8Array): boolean {
  return (
    starts(bytes, 0x49, 0x49, 42, 0) ||
    starts(bytes, 0x4d, 0x4d, 0, 42) ||
    starts(bytes, 0x49, 0x49, 43, 0) ||
    starts(bytes, 0x4d, 0x4d, 0, 43)
  );
}

/** "BM" alone begins many texts: the header's length must be one that BMP knows, too. */
function isBmp(bytes: Uint8Array): boolean {
  if (!says(bytes, 0, 'BM') || bytes.length < 18) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(14, true);
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(header);
}

const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];

/**
 * The brands of an ISO base media file. AVIF and HEIC both also name `mif1`, so the specific brand
 * wins wherever in the list it stands.
 */
function isoMediaOf(bytes: Uint8Array): SniffedFormat {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0);
  const end = Math.min(length, bytes.length, 256);
  const brands = [ascii(bytes, 8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(bytes, at, 4));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'avif';
  if (brands.some((brand) => HEIC_BRANDS.includes(brand))) return 'heic';
  if (brands.some((brand) => brand === 'mif1' || brand === 'msf1')) return 'heic';
  return brands[0] === 'qt  ' ? 'mov' : 'mp4';
}

const LOOKED_AT = 4096;

function textOf(bytes: Uint8Array): SniffedFormat {
  const text = decodedText(bytes.subarray(0, LOOKED_AT));
  if (text === null) return 'unknown';
  const start = text.trimStart();
  if (/^<svg[\s/>]/i.test(start)) return 'svg';
  if (!/^<(\?xml|!doctype\s+svg|!--)/i.test(start)) return 'text';
  if (/<(\w+:)?svg[\s/>]/i.test(start)) return 'svg';
  return /^<\?xml/i.test(start) ? 'xml' : 'text';
}

/** Null unless it reads as text: UTF-16 with a byte order mark, or UTF-8 without control characters. */
function decodedText(bytes: Uint8Array): string | null {
  const utf16 = starts(bytes, 0xff, 0xfe)
    ? 'utf-16le'
    : starts(bytes, 0xfe, 0xff)
      ? 'utf-16be'
      : '';
  try {
    const decoder = new TextDecoder(utf16 || 'utf-8', { fatal: true });
    // `stream`: the last character may be cut in two by LOOKED_AT.
    const text = decoder.decode(bytes, { stream: true });
    return hasControls(text) ? null : text;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 && !(code >= 9 && code <= 13) && code !== 27) return true;
  }
  return false;
}
