/**
 * Writes the made-up case to a folder, as a seized disk might hold it: pictures under several
 * names and folders, copies that were resized, recompressed, drained of colour, mirrored, turned;
 * two broken files and a text that calls itself a picture.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { drawPicture, HEIGHT, WIDTH } from './draw.ts';
import { createRandom } from './random.ts';

export interface MadeCase {
  /** Files written, broken ones included. */
  files: number;
  /** Distinct pictures drawn: what a person would call different. */
  distinct: number;
  /** Copies by kind. */
  copies: Record<CopyKind, number>;
  broken: number;
}

const COPIES = {
  exact: (picture: Sharp) => picture,
  resized: (picture: Sharp) =>
    picture.resize({ width: Math.round(WIDTH / 2) }).jpeg({ quality: 88 }),
  recompressed: (picture: Sharp) => picture.jpeg({ quality: 45 }),
  grey: (picture: Sharp) => picture.greyscale().jpeg({ quality: 85 }),
  mirrored: (picture: Sharp) => picture.flop().jpeg({ quality: 88 }),
  rotated: (picture: Sharp) => picture.rotate(90).jpeg({ quality: 88 }),
};
export type CopyKind = keyof typeof COPIES;
const KINDS = Object.keys(COPIES) as CopyKind[];

/** `distinct` pictures, each with two or three copies of different kinds. */
export async function makeCase(folder: string, distinct: number): Promise<MadeCase> {
  const random = createRandom(2026);
  const copies = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as MadeCase['copies'];
  let files = 0;
  const save = async (place: string, name: string, bytes: Buffer | string): Promise<void> => {
    await mkdir(join(folder, place), { recursive: true });
    await writeFile(join(folder, place, name), bytes);
    files += 1;
  };
  for (let index = 0; index < distinct; index++) {
    const number = String(index + 1).padStart(3, '0');
    const original = await render(drawPicture(index));
    await save('camera roll', `picture-${number}.jpg`, original);
    const first = random.whole(0, KINDS.length - 1);
    for (let copy = 0; copy < random.whole(2, 3); copy++) {
      const kind = KINDS[(first + copy) % KINDS.length]!;
      const bytes = kind === 'exact' ? original : await COPIES[kind](sharp(original)).toBuffer();
      await save(random.pick(['downloads', 'messages', 'profile']), `${kind}-${number}.jpg`, bytes);
      copies[kind] += 1;
    }
    if (index === 0)
      await save('broken', 'cut-short.jpg', original.subarray(0, original.length / 3));
  }
  await save('broken', 'noise.jpg', noise());
  await save('broken', 'notes.jpg', 'This is a text file that was given the name of a picture.\n');
  return { files, distinct, copies, broken: 3 };
}

function render(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg)).resize(WIDTH, HEIGHT).jpeg({ quality: 90 }).toBuffer();
}

/** A JPEG's first bytes and then nothing that means anything. */
function noise(): Buffer {
  const random = createRandom(13);
  const bytes = Buffer.from(Array.from({ length: 20_000 }, () => random.whole(0, 255)));
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex').copy(bytes);
  return bytes;
}
