/**
 * Import of 300 JPEGs of 2 MP (three hashes, type, PDQ, thumbnail, sealed original, durable rows,
 * stacks) against sharp decoding the same files fully and doing nothing else, as many at a time.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decoderCount } from '#electron/hosting/machine.ts';
import { openCase } from './case.ts';
import { watchMemory } from './memory.ts';
import { makeJpegs } from './pictures.ts';
import type { Figure } from './figure.ts';
import { median } from './statistics.ts';

const FILES = 300;
const ROUNDS = 3;
const MEMORY_LIMIT = 700e6;

export async function importBench(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'custos-bench-'));
  try {
    const pictures = join(folder, 'pictures');
    const paths = await makeJpegs(pictures, FILES, 1600, 1250);
    const atOnce = decoderCount(availableParallelism());
    const bare: number[] = [];
    const imports: number[] = [];
    let peak = 0;
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await bareDecode(paths, atOnce));
      const memory = watchMemory();
      imports.push(await importInto(join(folder, `workspace-${round}`), pictures));
      peak = Math.max(peak, memory.stop() ?? 0);
    }
    const ratio = median(bare) / median(imports);
    return [
      {
        name: `import of ${FILES} JPEGs of 2 MP`,
        value: `${median(imports).toFixed(2)} s`,
        against: `bare decode by sharp, ${atOnce} at once: ${median(bare).toFixed(2)} s`,
        ratio,
        target: '>= 0.40',
        met: ratio >= 0.4,
      },
      {
        name: 'memory of the whole import',
        value: `${(peak / 1e6).toFixed(0)} MB`,
        against: 'all processes together, peak',
        ratio: null,
        target: '< 700 MB',
        met: peak > 0 && peak < MEMORY_LIMIT,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds. Reading the files counts for both. */
async function bareDecode(paths: readonly string[], atOnce: number): Promise<number> {
  sharp.concurrency(1);
  sharp.cache(false);
  const began = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++])
      await sharp(readFileSync(path)).raw().toBuffer();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (performance.now() - began) / 1000;
}

/** Seconds from pressing start to the ledger being closed, in a fresh workspace. */
async function importInto(workspace: string, pictures: string): Promise<number> {
  const bench = await openCase(workspace);
  try {
    const began = performance.now();
    const { new: added } = await bench.importFolder(pictures);
    const seconds = (performance.now() - began) / 1000;
    if (added !== FILES) throw new Error(`${added} items where ${FILES} were expected`);
    return seconds;
  } finally {
    await bench.close();
  }
}
