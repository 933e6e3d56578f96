/** Small made-up pictures, quick to draw and to import. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { drawPicture, HEIGHT, WIDTH } from '#electron/cli/demo/draw.ts';

/** Writes `count` pictures that are no near-duplicates of one another; answers with their names. */
export async function smallPictures(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const inner = drawPicture(index);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="180" viewBox="0 0 ${WIDTH} ${HEIGHT}">${inner}</svg>`;
    const name = `picture-${String(index + 1).padStart(3, '0')}.jpg`;
    await writeFile(path.join(folder, name), await sharp(Buffer.from(svg)).jpeg().toBuffer());
    names.push(name);
  }
  return names;
}
