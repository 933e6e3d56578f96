import { describe, expect, it } from 'vitest';
import { sniff, type SniffedFormat } from '#core/media/sniff.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const bytes = (...values: (number | string)[]): Uint8Array =>
  Uint8Array.from(values.flatMap((v) => (typeof v === 'string' ? [...text(v)] : [v])));
const boxes = (...brands: string[]): Uint8Array =>
  bytes(0, 0, 0, 16 + 4 * (brands.length - 1), 'ftyp', brands[0]!, 0, 0, 0, 0, ...brands.slice(1));
const bmp = (header: number): Uint8Array =>
  bytes('BM', ...Array<number>(12).fill(0), header, 0, 0, 0);

const cases: [SniffedFormat, string, Uint8Array][] = [
  ['jpeg', 'image/jpeg', bytes(0xff, 0xd8, 0xff, 0xe0)],
  ['png', 'image/png', bytes(0x89, 'PNG\r\n', 0x1a, '\n')],
  ['gif', 'image/gif', bytes('GIF87a')],
  ['gif', 'image/gif', bytes('GIF89a')],
  ['webp', 'image/webp', bytes('RIFF', 1, 2, 3, 4, 'WEBP')],
  ['tiff', 'image/tiff', bytes('II', 42, 0)],
  ['tiff', 'image/tiff', bytes('MM', 0, 42)],
  ['tiff', 'image/tiff', bytes('II', 43, 0)],
  ['avif', 'image/avif', boxes('avif', 'mif1')],
  ['avif', 'image/avif', boxes('mif1', 'miaf', 'avif')],
  ['heic', 'image/heic', boxes('heic', 'mif1')],
  ['heic', 'image/heic', boxes('mif1', 'heic')],
  ['heic', 'image/heic', boxes('mif1')],
  ['mp4', 'video/mp4', boxes('isom', 'mp42')],
  ['mov', 'video/quicktime', boxes('qt  ')],
  ['mov', 'video/quicktime', bytes(0, 0, 0, 8, 'moov')],
  ['bmp', 'image/bmp', bmp(40)],
  ['text', 'text/plain', text('BMW and Audi sell cars in Germany')],
  ['jxl', 'image/jxl', bytes(0xff, 0x0a)],
  ['jp2', 'image/jp2', bytes(0, 0, 0, 12, 'jP  ')],
  ['psd', 'image/vnd.adobe.photoshop', bytes('8BPS')],
  ['ico', 'image/vnd.microsoft.icon', bytes(0, 0, 1, 0, 2, 0)],
  ['svg', 'image/svg+xml', text('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['svg', 'image/svg+xml', text('\ufeff<?xml version="1.0"?>\n<!-- x --><svg:svg/>')],
  ['xml', 'application/xml', text('<?xml version="1.0"?><report/>')],
  ['text', 'text/plain', text('<!-- a page --><html></html>')],
  ['pdf', 'application/pdf', text('%PDF-1.7')],
  ['zip', 'application/zip', bytes('PK', 3, 4)],
  ['text', 'text/plain', text('file,url\n1.jpg,https://example.test/ä')],
  ['text', 'text/plain', bytes(0xff, 0xfe, 'h', 0, 'i', 0)],
  ['empty', 'application/octet-stream', bytes()],
  ['unknown', 'application/octet-stream', bytes(0, 1, 2, 3)],
  ['unknown', 'application/octet-stream', bytes('caf', 0xe9, ' latin')],
];

describe('type by content', () => {
  it.each(cases)('%s', (format, mime, content) => {
    expect(sniff(content)).toMatchObject({ format, mime });
  });

  it('reads from inside a larger buffer', () => {
    expect(sniff(bytes(0, 0, 0xff, 0xd8, 0xff).subarray(2)).format).toBe('jpeg');
  });

  it('does not break text where the part it looks at cuts a character in two', () => {
    expect(sniff(text('a'.repeat(4095) + 'ä')).format).toBe('text');
  });

  it('survives every beginning cut short', () => {
    for (const [, , content] of cases)
      for (let length = 0; length <= content.length; length++)
        expect(() => sniff(content.subarray(0, length))).not.toThrow();
  });
});
