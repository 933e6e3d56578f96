/** What a decoder makes of one picture, without the process around it. */
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { analyse } from '#core/media/decoder/analyse.ts';
import { pdq, pdqHex } from '#core/media/pdq.ts';
import { render } from '#core/media/decoder/rendition.ts';
import type { PictureFacts, Rendition, Unreadable } from '#core/media/types.ts';
import type { ShownRung } from '#shared/domain/words.ts';
import { hills, rectangles, seededRandom } from '../../unit/media/made-pictures.ts';

const RUNGS: ShownRung[] = [1, 2, 3, 4];

function drawn(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  return sharp(hills(width, height, 0.3, channels).data, { raw: { width, height, channels } });
}

async function facts(bytes: Uint8Array): Promise<PictureFacts> {
  const result = await analyse(bytes);
  if (!result.readable) throw new Error(result.reason);
  return result;
}

async function refusal(bytes: Uint8Array): Promise<Unreadable> {
  const result = await analyse(bytes);
  if (result.readable) throw new Error('was read');
  expect(await render(bytes, { rung: 4, box: 100 })).toEqual(result);
  return result;
}

async function shown(bytes: Uint8Array, rung: ShownRung, box = 1000): Promise<Rendition> {
  const result = await render(bytes, { rung, box });
  if ('readable' in result) throw new Error(result.reason);
  return result;
}

async function pixelAt(jpeg: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * info.channels;
  return [...data.subarray(at, at + 3)];
}

describe('facts', () => {
  it('gives the hash of the pixels as stored, and the size before turning', async () => {
    const picture = rectangles(700, 400, 3);
    const raw = { raw: { width: 700, height: 400, channels: 3 as const } };
    const png = await sharp(picture.data, raw).withMetadata({ orientation: 6 }).png().toBuffer();
    const { width, height, thumbnailSize, ...rest } = await facts(png);
    expect([width, height]).toEqual([700, 400]);
    expect(thumbnailSize).toEqual({ width: 183, height: 320 });
    expect(pdqHex(rest.pdq!)).toBe(pdqHex(pdq(picture).hashes!));
    expect(rest.pdqQuality).toBe(pdq(picture).quality);
  });

  it.each([
    ['image/jpeg', 'jpg', (picture: Sharp) => picture.jpeg()],
    ['image/png', 'png', (picture: Sharp) => picture.png()],
    ['image/webp', 'webp', (picture: Sharp) => picture.webp()],
    ['image/gif', 'gif', (picture: Sharp) => picture.gif()],
    ['image/tiff', 'tif', (picture: Sharp) => picture.tiff()],
    ['image/avif', 'avif', (picture: Sharp) => picture.avif({ effort: 0 })],
  ])('reads %s', async (mime, ext, encode) => {
    const result = await facts(await encode(drawn(64, 48)).toBuffer());
    expect(result).toMatchObject({ mime, ext, width: 64, height: 48, frames: 1 });
    expect(result.pdq).toHaveLength(256);
  });

  it.each([
    ['grey', (picture: Sharp) => picture.greyscale().toColourspace('b-w').png()],
    ['grey with alpha', (picture: Sharp) => picture.greyscale().ensureAlpha(0.5).png()],
    ['16 bits', (picture: Sharp) => picture.toColourspace('rgb16').png()],
    ['palette', (picture: Sharp) => picture.png({ palette: true })],
    ['CMYK', (picture: Sharp) => picture.toColourspace('cmyk').jpeg()],
    ['one bit', (picture: Sharp) => picture.threshold().tiff({ bitdepth: 1 })],
  ])('reads and shows %s', async (_, encode) => {
    const bytes = await encode(drawn(90, 60)).toBuffer();
    expect((await facts(bytes)).thumbnailSize).toEqual({ width: 90, height: 60 });
    for (const rung of RUNGS)
      expect(await shown(bytes, rung)).toMatchObject({ width: 90, height: 60 });
  });

  it('counts frames and reads the first', async () => {
    const frames = await Promise.all(
      ['#ff0000', '#00ff00', '#0000ff'].map((background) =>
        sharp({ create: { width: 20, height: 10, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const gif = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const result = await facts(gif);
    expect(result).toMatchObject({ frames: 3, width: 20, height: 10 });
    const [red, green] = await pixelAt(result.thumbnail, 5, 5);
    expect(red).toBeGreaterThan(200);
    expect(green).toBeLessThan(60);
  });

  it('counts the frames of an animated PNG, which its decoder would hide', async () => {
    const png = await drawn(10, 10).png().toBuffer();
    const actl = Buffer.alloc(20);
    actl.writeUInt32BE(8, 0);
    actl.write('acTL', 4);
    actl.writeUInt32BE(7, 8);
    const { crc32 } = await import('node:zlib');
    actl.writeUInt32BE(crc32(actl.subarray(4, 16)), 16);
    const animated = Buffer.concat([png.subarray(0, 33), actl, png.subarray(33)]);
    expect((await facts(animated)).frames).toBe(7);
  });

  it('has no hash, but a thumbnail, below five pixels', async () => {
    const result = await facts(await drawn(4, 100).png().toBuffer());
    expect(result).toMatchObject({ pdq: null, pdqQuality: 0 });
    expect(result.thumbnailSize).toEqual({ width: 4, height: 100 });
  });
});

describe('what is shown', () => {
  const box = 500;

  it.each([
    [1, 500, 250],
    [2, 320, 160],
    [3, 500, 250],
    [4, 500, 250],
  ] as const)('rung %i of a large picture', async (rung, width, height) => {
    const jpeg = await drawn(1600, 800).jpeg().toBuffer();
    const rendition = await shown(jpeg, rung, box);
    expect(rendition).toMatchObject({ mime: 'image/jpeg', width, height });
    const read = await sharp(rendition.bytes).metadata();
    expect([read.format, read.width, read.height]).toEqual(['jpeg', width, height]);
  });

  it('is at most 640 when stylised, and never larger than the picture', async () => {
    const jpeg = await drawn(1600, 800).jpeg().toBuffer();
    expect(await shown(jpeg, 1, 4000)).toMatchObject({ width: 640, height: 320 });
    for (const rung of RUNGS)
      expect(await shown(await drawn(50, 40).png().toBuffer(), rung, 4000)).toMatchObject({
        width: 50,
        height: 40,
      });
  });

  it('is without colour on the grey rungs, and has it on the last', async () => {
    const red = await sharp({
      create: { width: 60, height: 60, channels: 3, background: '#c81e1e' },
    })
      .png()
      .toBuffer();
    for (const rung of [2, 3] as const)
      expect((await sharp((await shown(red, rung)).bytes).metadata()).channels).toBe(1);
    const [r, g] = await pixelAt((await shown(red, 4)).bytes, 30, 30);
    expect(r! - g!).toBeGreaterThan(120);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is upright for EXIF orientation %i', async (orientation) => {
    // The upright picture: red corner top left. It is stored as a camera of that orientation would.
    const upright = sharp({
      create: { width: 80, height: 40, channels: 3, background: '#202020' },
    }).composite([
      {
        input: { create: { width: 20, height: 20, channels: 3, background: '#ff0000' } },
        left: 0,
        top: 0,
      },
    ]);
    const plain = await upright.png().toBuffer();
    const bytes = await storedAs(plain, orientation);
    const { thumbnail, thumbnailSize, width } = await facts(bytes);
    expect(width).toBe(orientation < 5 ? 80 : 40);
    expect(thumbnailSize).toEqual({ width: 80, height: 40 });
    const pictures = [thumbnail, (await shown(bytes, 4)).bytes, (await shown(bytes, 1)).bytes];
    for (const picture of pictures) {
      expect((await pixelAt(picture, 8, 8))[0]).toBeGreaterThan(180);
      for (const [x, y] of [
        [72, 8],
        [8, 32],
        [72, 32],
      ] as const)
        expect((await pixelAt(picture, x, y))[0]).toBeLessThan(90);
    }
  });

  it('puts neutral grey behind what is transparent', async () => {
    const png = await drawn(200, 100, 4).png().toBuffer();
    for (const picture of [(await facts(png)).thumbnail, (await shown(png, 4)).bytes])
      for (const value of await pixelAt(picture, 40, 50))
        expect(Math.abs(value - 128)).toBeLessThan(8);
  });

  it('carries no metadata', async () => {
    const secret = 'GPS-CANARY-51.5007N';
    const jpeg = await drawn(400, 300)
      .withExif({ IFD0: { Copyright: secret, ImageDescription: secret } })
      .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>${secret}</a></x:xmpmeta>`)
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    expect(jpeg.includes(secret), 'the canary is in the original').toBe(true);
    const pictures = [(await facts(jpeg)).thumbnail];
    for (const rung of RUNGS) pictures.push((await shown(jpeg, rung)).bytes);
    for (const picture of pictures) {
      const { exif, xmp, icc, iptc, orientation } = await sharp(picture).metadata();
      expect({ exif, xmp, icc, iptc, orientation }).toEqual({});
      expect(Buffer.from(picture).includes(secret)).toBe(false);
    }
  });

  it('leaves no fine detail when stylised: noise that colour shows is gone', async () => {
    const random = seededRandom(1);
    const data = new Uint8Array(640 * 480 * 3).map(() => 100 + random() * 60);
    const png = await sharp(data, { raw: { width: 640, height: 480, channels: 3 } })
      .png()
      .toBuffer();
    const roughness = async (rung: ShownRung) => {
      const { channels } = await sharp((await shown(png, rung, 640)).bytes).stats();
      return channels[0]!.stdev;
    };
    expect(await roughness(1)).toBeLessThan(2);
    expect(await roughness(4)).toBeGreaterThan(8);
  });

  it('prints its speed for 12 megapixels', async () => {
    const jpeg = await drawn(4000, 3000).jpeg({ quality: 90 }).toBuffer();
    for (const rung of RUNGS) {
      const start = performance.now();
      await shown(jpeg, rung, 1600);
      console.log(`12 MP, rung ${rung}: ${(performance.now() - start).toFixed(0)} ms`);
    }
  });
});

/** Lays an upright picture down so that EXIF `orientation` sets it up again. */
async function storedAs(upright: Buffer, orientation: number): Promise<Buffer> {
  const mirrored = [2, 4, 5, 7].includes(orientation);
  const turn = { 3: 180, 4: 180, 5: 270, 6: 270, 7: 90, 8: 90 }[orientation] ?? 0;
  const step = mirrored ? await sharp(upright).flop().png().toBuffer() : upright;
  return sharp(step).rotate(turn).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
}

describe('what is not read, and why', () => {
  it('a JPEG that is cut off: other viewers would show its top half', async () => {
    const jpeg = await drawn(600, 400).jpeg().toBuffer();
    const cut = await refusal(jpeg.subarray(0, jpeg.length >> 1));
    expect(cut).toMatchObject({ code: 'PICTURE_UNREADABLE', mime: 'image/jpeg', ext: 'jpg' });
    expect(cut.reason).toContain('The JPEG ends early');
  });

  it.each([
    ['PNG', (picture: Sharp) => picture.png()],
    ['WebP', (picture: Sharp) => picture.webp()],
    ['TIFF', (picture: Sharp) => picture.tiff({ compression: 'lzw' })],
    ['AVIF', (picture: Sharp) => picture.avif({ effort: 0 })],
  ])('a %s that is cut off', async (name, encode) => {
    const whole = await encode(drawn(300, 200)).toBuffer();
    const { code, reason } = await refusal(whole.subarray(0, Math.floor(whole.length * 0.6)));
    expect(code).toBe('PICTURE_UNREADABLE');
    expect(reason).toContain(name);
  });

  it.each([
    ['NOT_A_PICTURE', 'empty file', ''],
    ['NOT_A_PICTURE', 'text', 'not a picture at all'],
    ['NOT_A_PICTURE', 'PDF', '%PDF-1.4'],
    ['PICTURE_UNREADABLE', 'SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['PICTURE_UNREADABLE', 'JPEG', '\xff\xd8\xff\xe0 and nothing more'],
  ])('%s: %s', async (code, word, content) => {
    const result = await refusal(Buffer.from(content, 'latin1'));
    expect(result.code).toBe(code);
    expect(result.reason).toContain(word);
  });

  it('a PNG that claims more pixels than are decoded', async () => {
    const png = await drawn(10, 10).png().toBuffer();
    const { crc32 } = await import('node:zlib');
    png.writeUInt32BE(20_000, 16);
    png.writeUInt32BE(20_000, 20);
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    expect((await refusal(png)).code).toBe('PICTURE_TOO_LARGE');
  });

  it('an AVIF above 40 megapixels, though a PNG of that size is read', async () => {
    const flat = (): Sharp =>
      sharp({ create: { width: 7000, height: 6000, channels: 3, background: '#446688' } });
    const avif = await flat().avif({ effort: 0, quality: 1 }).toBuffer();
    expect(await refusal(avif)).toMatchObject({ code: 'PICTURE_TOO_LARGE', mime: 'image/avif' });
    const png = await flat().png({ compressionLevel: 1 }).toBuffer();
    expect(await facts(png)).toMatchObject({ width: 7000, height: 6000 });
  });
});
