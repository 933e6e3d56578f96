import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodePath, encodePath, pathProblem } from '#core/bundle/bag-path.ts';
import {
  ALGORITHMS,
  BAGIT_TXT,
  bagInfo,
  manifest,
  manifestName,
  payloadOxum,
  tagManifestName,
  type FileDigest,
} from '#core/bundle/bagit.ts';
import { validateBag, type BagContents } from '#core/bundle/bagit-validate.ts';

const HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
type Files = Record<string, string | Buffer>;

function contents(files: Files): BagContents {
  const read = Object.entries(files).map(([name, content]) => {
    const bytes = Buffer.from(content);
    const hex = (hash: string): string => createHash(hash).update(bytes).digest('hex');
    const digests = Object.fromEntries(HASHES.map((hash) => [hash, hex(hash)]));
    return [name, { bytes: bytes.length, digests }] as const;
  });
  return {
    files: new Map(read),
    tag: (name) => (name in files ? Buffer.from(files[name]!) : undefined),
  };
}

function digest(files: Files, choose: (name: string) => boolean): FileDigest[] {
  return Object.entries(files)
    .filter(([name]) => choose(name))
    .map(([name, content]) => ({
      path: name,
      bytes: Buffer.from(content).length,
      sha256: createHash('sha256').update(content).digest('hex'),
      sha512: createHash('sha512').update(content).digest('hex'),
    }));
}

/** A bag as Custos writes it, around `payload`. */
function bag(payload: Files = { 'data/a.txt': 'a', 'data/deep/b%.txt': 'bb' }): Files {
  const isPayload = (name: string): boolean => name.startsWith('data/');
  const files: Files = { ...payload, 'bagit.txt': BAGIT_TXT };
  const digests = digest(files, isPayload);
  files['bag-info.txt'] = bagInfo([['Payload-Oxum', payloadOxum(digests)]]);
  for (const algorithm of ALGORITHMS) files[manifestName(algorithm)] = manifest(algorithm, digests);
  const tags = digest(files, (name) => !isPayload(name));
  for (const algorithm of ALGORITHMS) files[tagManifestName(algorithm)] = manifest(algorithm, tags);
  return files;
}

const problems = (files: Files): string[] =>
  validateBag(contents(files)).problems.map((problem) => problem.text);

describe('a bag as Custos writes it', () => {
  it('is valid, and says what it says', () => {
    const report = validateBag(contents(bag()));
    expect(report.problems).toEqual([]);
    expect(report.version).toBe('1.0');
    expect(report.info).toEqual([['Payload-Oxum', '3.2']]);
    expect(report.algorithms.sort()).toEqual(['sha256', 'sha512']);
  });

  it('keeps every value of bag-info on one line', () => {
    expect(bagInfo([['Title', 'two\r\nlines\u0000']])).toBe('Title: two lines\n');
  });

  const spoilt: [string, (files: Files) => void, RegExp][] = [
    ['a changed payload file', (f) => (f['data/a.txt'] = 'b'), /not what manifest-sha256/],
    ['a missing payload file', (f) => delete f['data/a.txt'], /missing from the bag/],
    ['an extra payload file', (f) => (f['data/x'] = ''), /not in every manifest/],
    [
      'a changed tag file',
      (f) => (f['bag-info.txt'] = String(f['bag-info.txt']) + ' '),
      /not what tagmanifest/,
    ],
    ['no bagit.txt', (f) => delete f['bagit.txt'], /bagit.txt is missing/],
    ['a byte order mark', (f) => (f['bagit.txt'] = `\uFEFF${BAGIT_TXT}`), /two lines/],
    ['a third line', (f) => (f['bagit.txt'] = `${BAGIT_TXT}X: y\n`), /two lines/],
    ['a fetch list', (f) => (f['fetch.txt'] = 'https://example.org 1 data/z\n'), /refused/],
    ['no manifest', (f) => ALGORITHMS.forEach((a) => delete f[manifestName(a)]), /no manifest/],
    [
      'a file in one manifest only',
      (f) =>
        (f['manifest-sha512.txt'] = String(f['manifest-sha512.txt']).replace(/^.*a\.txt\n/, '')),
      /not in every manifest/,
    ],
    [
      'a name listed twice',
      (f) =>
        (f['manifest-sha256.txt'] =
          String(f['manifest-sha256.txt']) + String(f['manifest-sha256.txt'])),
      /twice/,
    ],
    [
      'a tag manifest that lists a tag manifest',
      (f) =>
        (f['tagmanifest-sha256.txt'] =
          String(f['tagmanifest-sha256.txt']) + `${'0'.repeat(64)}  tagmanifest-sha512.txt\n`),
      /no tag manifest may/,
    ],
    [
      'a name that leads out of the bag',
      (f) =>
        (f['manifest-sha256.txt'] =
          String(f['manifest-sha256.txt']) + `${'0'.repeat(64)}  data/../../etc/passwd\n`),
      /leads out/,
    ],
  ];
  it.each(spoilt)('refuses %s', (_, spoil, sentence) => {
    const files = bag();
    spoil(files);
    expect(problems(files).join('\n')).toMatch(sentence);
  });

  it('refuses unsafe names and writes strange ones so that they come back', () => {
    const unsafe = ['/a', '~/a', '~u/a', '../a', 'a/../b', 'C:\\a', 'c:/a', '\\\\s\\a', 'a//b', ''];
    for (const name of unsafe) expect(pathProblem(name), name).not.toBeNull();
    expect(pathProblem('data/a b.txt')).toBeNull();
    for (const name of ['data/%0A', 'data/a\r\nb', 'data/100%']) {
      expect(decodePath(encodePath(name))).toBe(name);
      expect(encodePath(name)).not.toMatch(/[\r\n]/);
    }
  });
});

const corpora = process.env['CUSTOS_CORPORA'] ?? path.resolve('../shared/data');
const suite = path.join(corpora, 'bagit-conformance-suite');
const present = existsSync(suite);
if (!present) console.warn('SKIPPED: the BagIt conformance suite is not here (CUSTOS_CORPORA).');

describe.skipIf(!present)('the BagIt conformance suite', () => {
  it('is judged right, but for what is refused on purpose', () => {
    const wrong: string[] = [];
    let total = 0;
    for (const version of readdirSync(suite).filter((name) => name.startsWith('v'))) {
      for (const kind of readdirSync(path.join(suite, version))) {
        const entries = readdirSync(path.join(suite, version, kind), { withFileTypes: true });
        for (const entry of entries.filter((one) => one.isDirectory())) {
          total += 1;
          const good = problems(readBag(path.join(entry.parentPath, entry.name))).length === 0;
          // A "warning" bag may be passed or refused; the suite only asks for a word about it.
          const right = kind === 'warning' || good === (kind === 'valid');
          if (!right) wrong.push(`${version}/${kind}/${entry.name}`);
        }
      }
    }
    console.info(`BagIt conformance: ${String(total - wrong.length)} of ${String(total)}`);
    expect(total).toBeGreaterThanOrEqual(59);
    // Holey bags want files fetched from an address: never.
    expect(wrong).toEqual(['v0.96/valid/holey-bag', 'v0.97/valid/holey-bag']);
  });
});

function readBag(dir: string): Files {
  const files: Files = {};
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const full = path.join(entry.parentPath, entry.name);
    files[path.relative(dir, full).split(path.sep).join('/')] = readFileSync(full);
  }
  return files;
}
