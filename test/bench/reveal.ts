/**
 * From pressing Space to the picture being decoded and painted: JPEGs of 12 MP, each in a stack of
 * its own, over the whole road (request, durable entry, lease, decoder, browser). In colour, which
 * needs the original, and stylised, which is made of the thumbnail.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import sharp from 'sharp';
import { openCase } from './case.ts';
import type { Figure } from './figure.ts';
import { makeJpegs } from './pictures.ts';
import { median, percentile } from './statistics.ts';
import { openBenchWindow, timeKey } from './window.ts';

const PICTURES = 8;
const LOOKS_EACH = 5;
const LIMIT_MS = 250;

export async function revealBench(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'custos-bench-'));
  try {
    const paths = await makeJpegs(join(folder, 'pictures'), PICTURES, 4000, 3000);
    const workspace = join(folder, 'workspace');
    const bench = await openCase(workspace);
    await bench.importFolder(join(folder, 'pictures'));
    await bench.close();

    const window = await openBenchWindow(workspace);
    try {
      const { page } = window;
      await page.getByRole('button', { name: /^BENCH/ }).press('Enter');
      await page.getByRole('button', { name: /^Review / }).press('Enter');
      const stylised = await looks(page);
      for (let rung = 1; rung < 4; rung++) await page.keyboard.press('ArrowUp');
      const colour = await looks(page);
      const bare = await bareRenditions(paths, await stage(page));
      return [
        figure('colour', colour, `bare decode and resize by sharp: ${bare.toFixed(0)} ms`),
        figure('stylised', stylised, 'made of the thumbnail'),
      ];
    } finally {
      await window.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of each look: some at every stack, then the next stack. */
async function looks(page: Page): Promise<number[]> {
  const took: number[] = [];
  for (let stack = 0; stack < PICTURES; stack++) {
    const member = page.getByRole('option', { selected: true });
    const name = (await member.locator('.cut').first().textContent()) ?? '';
    for (let look = 0; look < LOOKS_EACH; look++) {
      took.push(await timeKey(page, 'Space', '.stage img'));
      await page.locator('.stage img').waitFor({ state: 'detached' });
    }
    await page.keyboard.press('s');
    await member.filter({ hasNotText: name }).waitFor();
  }
  return took;
}

/** Longest side of what a picture is made for, in device pixels. */
function stage(page: Page): Promise<number> {
  return page
    .locator('.stage-area')
    .evaluate((area) => Math.max(area.clientWidth, area.clientHeight));
}

/** Milliseconds sharp alone takes for the same rendition, in this process. */
async function bareRenditions(paths: readonly string[], box: number): Promise<number> {
  const took: number[] = [];
  for (const path of paths) {
    const began = performance.now();
    await sharp(readFileSync(path)).resize(box, box, { fit: 'inside' }).jpeg().toBuffer();
    took.push(performance.now() - began);
  }
  return median(took);
}

function figure(rung: string, took: readonly number[], against: string): Figure {
  const late = percentile(took, 95);
  return {
    name: `key to picture, 12 MP, ${rung}`,
    value: `p50 ${median(took).toFixed(0)} ms, p95 ${late.toFixed(0)} ms over ${took.length} looks`,
    against,
    ratio: null,
    target: `p95 < ${LIMIT_MS} ms`,
    met: late < LIMIT_MS,
  };
}
