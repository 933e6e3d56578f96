/** Reads every file of a bundle once: hashes it, and looks into the few that say something. */
import { createHash } from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import type { BagContents } from './bagit-validate.ts';
import { csvReader } from './csv.ts';
import { findingsReader, type FindingsHeader, type FoundItem } from './findings-read.ts';
import { TABLE_HEADER } from './items-table.ts';
import { NAMES } from './payload.ts';
import type { BagEntry } from './tar.ts';

/** Bounds, so that a made-up bundle cannot fill memory. */
const MAX_FILES = 2_000_000;
const MAX_MANIFEST_BYTES = 512 * 1024 * 1024;
const MAX_SMALL_BYTES = 1024 * 1024;

export interface Scan {
  bag: BagContents;
  /** Bytes of a small file that is looked into; undefined where it is missing. */
  small(path: string): Buffer | undefined;
  /** What findings.json says, or what is wrong with it (completes "findings.json …"). */
  findings: { header: FindingsHeader; items: Map<string, FoundItem>; rows: string } | string;
  /** Rows of items.csv and a digest of them, or what is wrong (completes "items.csv …"). */
  table: { count: number; rows: string } | string;
}

/** Throws what reading throws, BUNDLE_INVALID past a bound, CANCELLED. */
export async function scanBundle(
  entries: AsyncIterable<BagEntry>,
  watch: { signal?: AbortSignal; onFile?: (path: string) => void },
): Promise<Scan> {
  const files = new Map<string, { bytes: number; digests: Record<string, string> }>();
  const kept = new Map<string, Buffer>();
  let findings: Scan['findings'] = 'is missing';
  let table: Scan['table'] = 'is missing';

  for await (const entry of entries) {
    if (files.size >= MAX_FILES) throw tooLarge('holds more files than any case');
    const limit = keptUpTo(entry.path);
    if (limit !== null && entry.bytes > limit) throw tooLarge('has a tag file of absurd size');
    const pieces: Uint8Array[] = [];
    const reader =
      entry.path === NAMES.findings
        ? findingsSink()
        : entry.path === NAMES.table
          ? tableSink()
          : null;
    const sha256 = createHash('sha256');
    const sha512 = createHash('sha512');
    let bytes = 0;
    for await (const chunk of entry.content) {
      if (watch.signal?.aborted) throw new CustosError('CANCELLED', 'The check was cancelled.');
      sha256.update(chunk);
      sha512.update(chunk);
      bytes += chunk.length;
      reader?.push(chunk);
      if (limit !== null && bytes <= limit) pieces.push(Uint8Array.from(chunk));
    }
    const digests = { sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
    files.set(entry.path, { bytes, digests });
    if (limit !== null) kept.set(entry.path, Buffer.concat(pieces));
    if (reader?.kind === 'findings') findings = reader.end();
    if (reader?.kind === 'table') table = reader.end();
    watch.onFile?.(entry.path);
  }
  const small = (path: string): Buffer | undefined => kept.get(path);
  return { bag: { files, tag: small }, small, findings, table };
}

/** How many bytes of a file are kept for looking into, or null for none. */
function keptUpTo(path: string): number | null {
  if (/^(tag)?manifest-[a-z0-9]+\.txt$/.test(path)) return MAX_MANIFEST_BYTES;
  const small: string[] = [NAMES.bagit, NAMES.info, NAMES.signature, NAMES.signers];
  return [...small, NAMES.checkpoint as string].includes(path) ? MAX_SMALL_BYTES : null;
}

function tooLarge(what: string): CustosError {
  return new CustosError('BUNDLE_INVALID', `The bundle ${what}. It was not read further.`);
}

/** What findings.json and items.csv both say of an item: they must say the same in order. */
function rowText(number: string, file: string, sha256: string, bytes: string): string {
  return `${number}\n${file}\n${sha256}\n${bytes}\n`;
}

/** Feeds a strict reader and turns its complaint into a result: the rest is still hashed. */
function guarded(push: (bytes: Uint8Array) => void): {
  push(bytes: Uint8Array): void;
  end<T>(finish: () => T): T | string;
} {
  let problem: string | null = null;
  const attempt = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      problem = error.message;
      return null;
    }
  };
  return {
    push(bytes) {
      if (problem === null) attempt(() => push(bytes));
    },
    end(finish) {
      const result = problem === null ? attempt(finish) : null;
      return problem ?? result!;
    },
  };
}

function findingsSink() {
  const items = new Map<string, FoundItem>();
  const rows = createHash('sha256');
  const reader = findingsReader((item) => {
    if (item.number !== items.size + 1 || items.has(item.file)) {
      throw new SyntaxError(`numbers its items wrongly (item ${String(item.number)})`);
    }
    items.set(item.file, {
      number: item.number,
      file: item.file,
      sha256: item.sha256,
      bytes: item.bytes,
    });
    rows.update(rowText(String(item.number), item.file, item.sha256, String(item.bytes)));
  });
  const guard = guarded((bytes) => reader.push(bytes));
  return {
    kind: 'findings' as const,
    push: (chunk: Uint8Array) => guard.push(chunk),
    end: (): Scan['findings'] =>
      guard.end(() => ({ header: reader.end(), items, rows: rows.digest('hex') })),
  };
}

function tableSink() {
  let count = -1;
  const rows = createHash('sha256');
  const column = (name: string): number => TABLE_HEADER.indexOf(name);
  const [number, file, sha256, bytes] = ['number', 'file', 'sha256', 'bytes'].map(column);
  const reader = csvReader((cells) => {
    count += 1;
    if (count === 0) {
      if (cells.join() !== TABLE_HEADER.join()) throw new SyntaxError('has another heading');
      return;
    }
    if (cells.length !== TABLE_HEADER.length) {
      throw new SyntaxError(`has a row with too few or too many cells (${String(count)})`);
    }
    const cell = (index: number | undefined): string => cells[index ?? -1] ?? '';
    rows.update(rowText(cell(number), cell(file), cell(sha256), cell(bytes)));
  });
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      throw new SyntaxError('is not UTF-8');
    }
  };
  const guard = guarded((chunk) => reader.push(decode(chunk)));
  return {
    kind: 'table' as const,
    push: (chunk: Uint8Array) => guard.push(chunk),
    end: (): Scan['table'] =>
      guard.end(() => {
        reader.push(decode());
        reader.end();
        if (count < 0) throw new SyntaxError('is empty');
        return { count, rows: rows.digest('hex') };
      }),
  };
}
