import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { pdq, pdqHex, type Pixels } from '#core/media/pdq.ts';
import { ORIENTATIONS, type Orientation } from '#shared/domain/words.ts';
import { corpus } from './corpora.ts';
import { hills, rectangles } from './made-pictures.ts';

const references = corpus('pdq');

function allHex(pixels: Pixels): string[] {
  const { hashes } = pdq(pixels);
  return ORIENTATIONS.map((_, turn) => pdqHex(hashes!, turn));
}

describe.skipIf(!references)('PDQ against the C++ reference', () => {
  const [head, ...rows] = readFileSync(
    path.join(references ?? '', 'expected-from-cpp-reference.csv'),
    'utf8',
  )
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const present = rows.filter(([file]) => existsSync(path.join(references!, 'images', file!)));

  it('has its columns in our order, and enough pictures to mean something', () => {
    expect(head?.slice(2)).toEqual([...ORIENTATIONS]);
    expect(present.length).toBeGreaterThanOrEqual(40);
  });

  it.each(present)('%s', async (file, quality, ...hashes) => {
    const { data, info } = await sharp(path.join(references!, 'images', file!), { ignoreIcc: true })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = { data, ...info };
    expect(allHex(pixels)).toEqual(hashes);
    expect(pdq(pixels).quality).toBe(Number(quality));
  });
});

describe('PDQ of made-up pictures', () => {
  it('does not change: these values were frozen while every reference file matched', () => {
    const frozen = [
      hills(1200, 700, 0.1),
      hills(300, 512, 0.7),
      hills(37, 64, 0.3),
      hills(5, 5, 0),
    ];
    expect(frozen.map((picture) => [pdqHex(pdq(picture).hashes!), pdq(picture).quality]))
      .toMatchInlineSnapshot(`
        [
          [
            "9aa5c9e088a589e0755f417a8bd5462a9aa5cae08a95caa0155f355f9fa5375f",
            100,
          ],
          [
            "954aa03f914a942f7ff67cb5a15f2bb5954ab33f944ab50f68a04ab580494ab5",
            100,
          ],
          [
            "da62029522632a95b280c61f748a401fca5f48955f7f08a517dff51ff591f41f",
            100,
          ],
          [
            "3e0f69dac1f09324c37069dac37296253c8f3c9f3e0f69dac1f09324c37069da",
            100,
          ],
        ]
      `);
  });

  it('ignores alpha', () => {
    expect(allHex(hills(200, 150, 0.4, 4))).toEqual(allHex(hills(200, 150, 0.4, 3)));
  });

  it('reads one grey channel as the same picture in three', () => {
    const three = hills(120, 90, 0.2);
    const grey = new Uint8Array(120 * 90).map((_, i) => three.data[i * 3]!);
    const spread = new Uint8Array(120 * 90 * 3).map((_, i) => grey[Math.floor(i / 3)]!);
    const one = pdq({ data: grey, width: 120, height: 90, channels: 1 });
    const same = pdq({ data: spread, width: 120, height: 90, channels: 3 });
    expect(one.quality).toBe(same.quality);
    expect(pdqHex(one.hashes!)).toBe(pdqHex(same.hashes!));
  });

  it('names orientations truly: a turned picture has the hash that was foretold', async () => {
    const square = rectangles(256, 256, 5);
    const foretold = pdq(square).hashes!;
    const turned = (turn: (picture: Sharp) => Sharp) =>
      turn(sharp(square.data, { raw: { width: 256, height: 256, channels: 3 } }))
        .raw()
        .toBuffer();
    // The reference names its turns anti-clockwise and its mirrors by the axis that stays.
    const turns: Partial<Record<Orientation, Buffer>> = {
      rot90: await turned((picture) => picture.rotate(270)),
      rot180: await turned((picture) => picture.rotate(180)),
      rot270: await turned((picture) => picture.rotate(90)),
      flipx: await turned((picture) => picture.flip()),
      flipy: await turned((picture) => picture.flop()),
    };
    for (const [orientation, data] of Object.entries(turns)) {
      const { hashes } = pdq({ ...square, data });
      const turn = ORIENTATIONS.findIndex((each) => each === orientation);
      expect(distance(hashes!, 0, foretold, turn), orientation).toBeLessThanOrEqual(40);
      expect(distance(hashes!, 0, foretold, 0), 'unturned').toBeGreaterThan(80);
    }
  });

  it.each([
    [4, 100],
    [100, 4],
  ])('has no hash for %i by %i', (width, height) => {
    expect(pdq(hills(width, height, 0))).toEqual({ hashes: null, quality: 0 });
  });

  it('gives a flat picture no quality', () => {
    const flat = { data: new Uint8Array(64 * 64 * 3).fill(90), width: 64, height: 64, channels: 3 };
    expect(pdq(flat).quality).toBe(0);
  });

  it('prints its speed', () => {
    const picture = hills(1600, 1200, 0.6);
    for (let i = 0; i < 20; i++) pdq(picture);
    const start = performance.now();
    for (let i = 0; i < 50; i++) pdq(picture);
    console.log(`PDQ of 1600 x 1200: ${((performance.now() - start) / 50).toFixed(2)} ms`);
  });
});

function distance(a: Uint8Array, turnA: number, b: Uint8Array, turnB: number): number {
  let bits = 0;
  for (let i = 0; i < 32; i++)
    bits += ((a[turnA * 32 + i]! ^ b[turnB * 32 + i]!).toString(2).match(/1/g) ?? []).length;
  return bits;
}
