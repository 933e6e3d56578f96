/** Folders of files to import: real photographs where there are some, else pictures made by code. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { drawPicture } from '#electron/cli/demo/draw.ts';

const CORPORA = path.resolve(
  process.env['CUSTOS_CORPORA'] ?? path.resolve(import.meta.dirname, '../../../../shared/data'),
);
const PHOTOGRAPHS = path.join(CORPORA, 'trashnet');

/** `count` different pictures in a folder; others than the first `skip`. */
export async function pictures(folder: string, count: number, skip = 0): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const found = existsSync(PHOTOGRAPHS)
    ? readdirSync(PHOTOGRAPHS).filter((name) => name.endsWith('.jpg'))
    : [];
  if (found.length < skip + count)
    console.warn(`no photographs in ${PHOTOGRAPHS}: pictures are drawn by code instead`);
  const files: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const file = path.join(folder, `picture ${String(index).padStart(3, '0')}.jpg`);
    const photograph = found.length < skip + count ? undefined : found[skip + index];
    if (photograph === undefined)
      await sharp(Buffer.from(drawPicture(skip + index)))
        .resize(400)
        .jpeg()
        .toFile(file);
    else copyFileSync(path.join(PHOTOGRAPHS, photograph), file);
    files.push(file);
  }
  return files;
}

/** Twelve things: five pictures, two copies, three that cannot be read, two that are no files. */
export async function mixedFolder(folder: string): Promise<void> {
  const [first, second] = await pictures(path.join(folder, 'camera roll'), 5);
  mkdirSync(path.join(folder, 'other'));
  const other = (name: string): string => path.join(folder, 'other', name);
  copyFileSync(first!, other('line\nbreak \u001b[31m.jpg'));
  copyFileSync(first!, other('=copy.jpg'));
  writeFileSync(other('cut short.jpg'), (await sharp(second!).jpeg().toBuffer()).subarray(0, 900));
  writeFileSync(other('notes.jpg'), 'Not a picture.\n');
  writeFileSync(other('empty.png'), '');
  symlinkSync('notes.jpg', other('link.jpg'));
  symlinkSync('nowhere', other('dangling'));
}
