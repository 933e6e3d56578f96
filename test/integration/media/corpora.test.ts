/** Other people's odd, broken and hostile files: each ends in a recorded state, and the pool lives. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createMedia } from '#core/media/pool.ts';
import type { PictureFacts, Unreadable } from '#core/media/types.ts';
import type { DecoderProcess } from '#core/ports.ts';
import { forkDecoder } from '#electron/cli/decoder-host.ts';
import { corpus, filesBelow } from '../../unit/media/corpora.ts';
import { hills, seededRandom } from '../../unit/media/made-pictures.ts';

let spawned = 0;
const ended: string[] = [];
const spawnDecoder = (): DecoderProcess => {
  spawned++;
  return forkDecoder();
};
const media = createMedia({ spawnDecoder, decoders: 2, log: ({ text }) => ended.push(text) });
afterAll(() => media.close());

/** A state is either facts that hang together, or a code with a sentence. */
function expectState(state: PictureFacts | Unreadable, what: string): void {
  expect(state.mime, what).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
  if (!state.readable) {
    expect(state.reason, what).toMatch(/^[A-Z].*\.$/);
    return;
  }
  expect(state.width * state.height, what).toBeGreaterThan(0);
  expect(Math.max(state.thumbnailSize.width, state.thumbnailSize.height)).toBeLessThanOrEqual(320);
}

async function statesOf(files: string[]): Promise<Map<string, PictureFacts | Unreadable>> {
  const states = await Promise.all(files.map((file) => media.analyse(readFileSync(file))));
  return new Map(files.map((file, i) => [path.basename(file), states[i]!]));
}

function expectAllStates(states: Map<string, PictureFacts | Unreadable>): void {
  for (const [name, state] of states) expectState(state, name);
}

const readable = (states: Map<string, PictureFacts | Unreadable>): string[] =>
  [...states].filter(([, state]) => state.readable).map(([name]) => name);

describe('public files', () => {
  const suite = corpus('pngsuite');
  it.skipIf(!suite)('pngsuite: what is sound is read, what is corrupt is not', async () => {
    const states = await statesOf(filesBelow(suite!).filter((file) => file.endsWith('.png')));
    expectAllStates(states);
    const names = [...states.keys()];
    const sound = names.filter((name) => !name.startsWith('x'));
    expect(readable(states).filter((name) => !name.startsWith('x'))).toEqual(sound);
    // Two spoil a checksum or a colour type in ways that the PNG rules let a reader pass over.
    expect(readable(states).filter((name) => name.startsWith('x')).length).toBeLessThanOrEqual(8);
    expect(sound.length).toBeGreaterThan(150);
  });

  const small = ['sharp-fixtures', 'libavif', 'exif-orientation', 'ai-markers'].map(corpus);
  it.skipIf(small.includes(null))('odd, truncated and featureful files', async () => {
    const states = await statesOf(small.flatMap((folder) => filesBelow(folder!)));
    expectAllStates(states);
    expect(states.get('truncated.jpg')).toMatchObject({ code: 'PICTURE_UNREADABLE' });
    expect(states.get('truncated.png')).toMatchObject({ code: 'PICTURE_UNREADABLE' });
    expect(states.get('giant-image.jpg')).toMatchObject({ code: 'PICTURE_TOO_LARGE' });
    expect(states.get('65536-uint32-limit.png')).toMatchObject({ code: 'PICTURE_TOO_LARGE' });
    expect(states.get('circle.svg')).toMatchObject({ mime: 'image/svg+xml', readable: false });
    expect(readable(states).length).toBeGreaterThan(80);
  });

  const pillow = corpus('pillow');
  it.skipIf(!pillow)("finds of other people's fuzzers, and a sample of the rest", async () => {
    const files = filesBelow(pillow!).filter((file) => file.includes('images'));
    const named = /bomb|crash|oom|timeout|overflow|segfault|too_large|broken|truncated/i;
    const hostile = files.filter((file) => named.test(path.basename(file)));
    const rest = files.filter((file) => !hostile.includes(file)).filter((_, i) => i % 8 === 0);
    expect(hostile.length).toBeGreaterThan(40);
    const states = await statesOf([...hostile, ...rest]);
    expectAllStates(states);
    expect(readable(states).length).toBeGreaterThan(40);
  });
});

describe('mutated pictures', () => {
  it('500 of them', async () => {
    const { data, width, height } = hills(96, 64, 0.3);
    const drawn = () => sharp(data, { raw: { width, height, channels: 3 } });
    const seeds = await Promise.all([
      drawn().jpeg().toBuffer(),
      drawn().jpeg({ progressive: true }).toBuffer(),
      drawn().png().toBuffer(),
      drawn().webp().toBuffer(),
      drawn().gif().toBuffer(),
      drawn().tiff({ compression: 'lzw' }).toBuffer(),
      drawn().avif({ effort: 0 }).toBuffer(),
    ]);
    const random = seededRandom(20261122);
    const mutants = Array.from({ length: 500 }, (_, i) =>
      mutated(seeds[i % seeds.length]!, random),
    );
    const states = await Promise.all(mutants.map((bytes) => media.analyse(bytes)));
    states.forEach((state, i) => expectState(state, `mutant ${i}`));
    const read = states.filter((state) => state.readable).length;
    // Neither all nor none: the mutations bite, and do not merely break the first bytes.
    expect(read).toBeGreaterThan(20);
    expect(read).toBeLessThan(480);
    console.log(`500 mutated pictures: ${read} read, ${500 - read} not; ended: ${ended.length}`);
  });
});

/** Flips, cuts, repeats or overwrites a few places, as a fuzzer would. */
function mutated(seed: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(seed);
  const place = (): number => Math.floor(random() * bytes.length);
  const act = Math.floor(random() * 4);
  if (act === 0) return bytes.subarray(0, place());
  if (act === 1) {
    const from = place();
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from >> 1)]);
  }
  const times = 1 + Math.floor(random() * 8);
  for (let i = 0; i < times; i++) {
    if (act === 2) bytes[place()]! ^= 1 << Math.floor(random() * 8);
    else bytes.fill(Math.floor(random() * 256), place(), place() + 1 + Math.floor(random() * 4));
  }
  return bytes;
}

describe('bombs', () => {
  it('a PNG of 100 megapixels in a few kilobytes, and one that is larger', async () => {
    const before = process.memoryUsage().rss;
    const allowed = await media.analyse(pngBomb(10_000, 10_000));
    expectState(allowed, 'just within the limit');
    const refused = await media.analyse(pngBomb(30_000, 30_000));
    expect(refused).toMatchObject({ code: 'PICTURE_TOO_LARGE' });
    const grown = (process.memoryUsage().rss - before) / 1024 / 1024;
    expect(grown, 'megabytes in our own process').toBeLessThan(50);
  });

  it('text that inflates: metadata is never unpacked', async () => {
    const png = pngBomb(8, 8, deflateSync(Buffer.alloc(300_000_000)));
    expectState(await media.analyse(png), 'zTXt bomb');
  });

  it('and after all of that the pool reads a picture', async () => {
    const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#abc' } })
      .png()
      .toBuffer();
    expect(await media.analyse(png)).toMatchObject({ readable: true, width: 9 });
    console.log(`decoders started: ${spawned}; ended: ${JSON.stringify(ended)}`);
  });
});

/** A grey PNG that deflates to nearly nothing. */
function pngBomb(width: number, height: number, text?: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...(text ? [pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), text]))] : []),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}
