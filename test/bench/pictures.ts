/** Made-up JPEGs with the grain of photographs, so that decoding them costs what photographs cost. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { drawPicture } from '#electron/cli/demo/draw.ts';

/** Writes `count` distinct JPEGs of `width` × `height` and returns their paths. */
export async function makeJpegs(
  folder: string,
  count: number,
  width: number,
  height: number,
): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (let index = 0; index < count; index++) {
    const grain = await sharp({
      create: {
        width,
        height,
        channels: 3,
        noise: { type: 'gaussian', mean: 128, sigma: 18 },
        background: '#808080',
      },
    })
      .png({ compressionLevel: 0 })
      .toBuffer();
    const bytes = await sharp(Buffer.from(drawPicture(index)))
      .resize(width, height, { fit: 'fill' })
      .composite([{ input: grain, blend: 'soft-light' }])
      .removeAlpha()
      .jpeg({ quality: 85 })
      .toBuffer();
    const path = join(folder, `made-up-${String(index).padStart(4, '0')}.jpg`);
    writeFileSync(path, bytes);
    paths.push(path);
  }
  return paths;
}
