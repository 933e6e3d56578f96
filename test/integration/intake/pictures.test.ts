/** With real decoders: what the other tests take from a made-up one. */
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ORIENTATIONS } from '#shared/domain/words.ts';
import { createMedia } from '#core/media/pool.ts';
import type { Media } from '#core/media/types.ts';
import { forkDecoder } from '#electron/cli/decoder-host.ts';
import { bench, bringIn, checkBooks, rows, write, type Bench } from './setup.ts';

function decoders(on: Bench): Media {
  const media = createMedia({ ...on.ports, spawnDecoder: forkDecoder, decoders: 2 });
  onTestFinished(() => media.close());
  return media;
}

/** Hills of light that are alike in no direction. */
async function landscape(width: number, height: number, seed: number): Promise<Sharp> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++) {
        const u = x / width;
        const v = y / height;
        const light =
          Math.sin(7 * u + 3 * seed + channel) + Math.cos(11 * v * u + seed) + Math.sin(23 * v * v);
        pixels[(y * width + x) * 3 + channel] = 128 + 40 * light;
      }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

describe('an import with real decoders', () => {
  it('stacks a picture with itself turned in eight ways, smaller, grey and recompressed', async () => {
    const on = await bench();
    const original = await (await landscape(300, 300, 1)).png().toBuffer();
    const turned = (degrees: number, flop: boolean): Promise<Buffer> =>
      sharp(original).flop(flop).rotate(degrees).png().toBuffer();
    const files: Record<string, Buffer> = {
      other: await (await landscape(320, 240, 9)).png().toBuffer(),
    };
    for (const degrees of [0, 90, 180, 270])
      for (const flop of [false, true])
        files[`${String(degrees)}-${String(flop)}`] = await turned(degrees, flop);
    files['small'] = await sharp(original).resize(200).jpeg({ quality: 70 }).toBuffer();
    files['grey'] = await sharp(original).greyscale().webp({ quality: 80 }).toBuffer();
    files['broken'] = (await sharp(original).jpeg().toBuffer()).subarray(0, 700);
    files['text.jpg'] = Buffer.from('not a picture at all');
    const outcome = await bringIn(on, write(on.source(), files), { media: decoders(on), slots: 4 });
    expect(outcome).toMatchObject({ offered: 13, new: 11, duplicate: 0, unreadable: 2, stacks: 2 });
    const stacks = rows<{ items: number }>(on, 'SELECT items FROM stacks ORDER BY items');
    expect(stacks.map((stack) => stack.items)).toEqual([1, 10]);
    const turns = rows<{ turn: string }>(
      on,
      'SELECT DISTINCT link_orientation AS turn FROM items WHERE link_orientation IS NOT NULL',
    );
    expect(turns.map(({ turn }) => turn).sort()).toEqual([...ORIENTATIONS].sort());
    await checkBooks(on);
  });

  it('goes on when a decoder is killed in the middle of a picture', async () => {
    const on = await bench();
    let spawned = 0;
    const media = createMedia({
      ...on.ports,
      decoders: 2,
      spawnDecoder() {
        const decoder = forkDecoder();
        if (spawned++ > 0) return decoder;
        // The first one dies of its second picture.
        let given = 0;
        const send = decoder.send.bind(decoder);
        return Object.assign(Object.create(decoder) as typeof decoder, {
          send(message: unknown) {
            send(message);
            if (++given === 2) decoder.kill();
          },
        });
      },
    });
    onTestFinished(() => media.close());
    const files: Record<string, Buffer> = {};
    for (let n = 0; n < 12; n++)
      files[`${String(n)}.png`] = await (await landscape(400, 300, n)).png().toBuffer();
    const outcome = await bringIn(on, write(on.source(), files), { media });
    expect(outcome).toMatchObject({ offered: 12, new: 11, unreadable: 1 });
    const codes = rows<{ code: string }>(
      on,
      "SELECT unreadable_code AS code FROM items WHERE state = 'unreadable'",
    );
    expect(codes).toEqual([{ code: 'DECODE_KILLED' }]);
    expect(spawned).toBeGreaterThan(1);
    await checkBooks(on);
  });
});
