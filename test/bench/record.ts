/**
 * The record at its largest: a million entries opened and verified, a hundred thousand read by
 * case. `npm run bench -- record`; CUSTOS_BENCH_ENTRIES for another number than a million.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EntryInput } from '#core/record/types.ts';
import { ALL, OUTSIDER, setUpIn, type Setup } from '../support/record.ts';
import type { Figure } from './figure.ts';
import { median } from './statistics.ts';

const ENTRIES = Number(process.env['CUSTOS_BENCH_ENTRIES'] ?? 1_000_000);
const READ_ENTRIES = 100_000;
const BATCH = 5_000;
const MOST_SECONDS = 5;
const MOST_MEMORY = 600;
const MOST_READ_MS = 500;

export async function recordBench(): Promise<Figure[]> {
  return [...(await within(large)), ...(await within(byCase))];
}

async function within(bench: (rig: Setup) => Promise<Figure[]>): Promise<Figure[]> {
  const top = mkdtempSync(path.join(tmpdir(), 'custos-bench-record-'));
  try {
    const [dir, machineDir] = [path.join(top, 'workspace'), path.join(top, 'machine')];
    for (const folder of [dir, machineDir]) mkdirSync(folder);
    return await bench(setUpIn({ dir, machineDir }));
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

/** As a working day fills it: looks, covers, facts, decisions; one case in twenty is `1`. */
function fill(rig: Setup, entries: number): void {
  const record = rig.create();
  const types = ['look.granted', 'look.covered', 'fact.recorded', 'decision.made'] as const;
  for (let from = 0; from < entries; from += BATCH) {
    const count = Math.min(BATCH, entries - from);
    const batch = Array.from({ length: count }, (_, i): EntryInput => {
      const itemId = from + i;
      const type = types[i % types.length] ?? 'look.granted';
      return { type, detail: { caseId: 1 + (itemId % 20), itemId, rung: 2, purpose: 'decide' } };
    });
    record.appendMany(batch);
  }
  record.close();
}

async function large(rig: Setup): Promise<Figure[]> {
  fill(rig, ENTRIES);
  const bare = hashSeconds(path.join(rig.dir, 'record'));
  const opening = await seconds(() => rig.open().close());
  const keyless = await seconds(async () => requireGood(await rig.verify(OUTSIDER)));
  const withKeys = await seconds(async () => requireGood(await rig.verify()));
  const memory = process.resourceUsage().maxRSS / 1024;
  const figure = (name: string, took: number, limit: number): Figure => ({
    name: `${name} ${ENTRIES} entries`,
    value: `${took.toFixed(2)} s`,
    against: `one SHA-256 over the same bytes ${bare.toFixed(2)} s`,
    ratio: bare / took,
    target: `at most ${limit} s`,
    met: took <= limit,
  });
  const share = ENTRIES / 1_000_000;
  return [
    figure('open', opening, MOST_SECONDS * share),
    figure('verify (chain, tree, checkpoints)', keyless, MOST_SECONDS * share),
    figure('verify and decrypt', withKeys, 6 * MOST_SECONDS * share),
    {
      name: 'memory of writing, opening and verifying them',
      value: `${Math.round(memory)} MB`,
      against: 'the whole process, at its highest',
      ratio: null,
      target: `below ${MOST_MEMORY} MB`,
      met: memory < MOST_MEMORY,
    },
  ];
}

async function byCase(rig: Setup): Promise<Figure[]> {
  fill(rig, READ_ENTRIES);
  const record = rig.open();
  const page = (caseId: number): number => {
    const begin = performance.now();
    record.read({ ...ALL, caseId, limit: 200 });
    return performance.now() - begin;
  };
  const first = page(1);
  const again = median([page(2), page(3), page(4)]);
  const none = page(999);
  record.close();
  const figure = (name: string, ms: number, limit = MOST_READ_MS): Figure => ({
    name: `${name}, ${READ_ENTRIES} entries`,
    value: `${Math.round(ms)} ms`,
    against: 'a page of 200 of one case in twenty',
    ratio: null,
    target: `below ${limit} ms`,
    met: ms < limit,
  });
  return [
    figure('read by case, first page', first),
    figure('read by case, another case', again),
    // Every entry is decrypted before it can be ruled out.
    figure('read by case, nothing found', none, 4 * MOST_READ_MS),
  ];
}

function hashSeconds(folder: string): number {
  const begin = performance.now();
  const hash = createHash('sha256');
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.evl')) hash.update(readFileSync(path.join(folder, name)));
  }
  hash.digest();
  return (performance.now() - begin) / 1000;
}

async function seconds(work: () => Promise<void> | void): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

function requireGood({ good, findings }: { good: boolean; findings: string[] }): void {
  if (!good) throw new Error(`the record does not verify: ${findings[0] ?? ''}`);
}
