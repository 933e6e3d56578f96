/**
 * Checks a bag against RFC 8493 (and the drafts before it, 0.93 to 0.97). Pure: what is in the bag
 * was read and hashed before, so the same rules hold for a folder, an archive and a stream.
 * Stricter than the standard in one thing: a bag that wants files fetched is refused.
 */
import { decodePath, pathProblem } from './bag-path.ts';

export interface BagContents {
  /** Every file by its path; `digests` by algorithm in lower case, hex in lower case. */
  files: ReadonlyMap<
    string,
    { readonly bytes: number; readonly digests: Readonly<Record<string, string>> }
  >;
  /** The bytes of a tag file; undefined where it is missing. */
  tag(path: string): Buffer | undefined;
}

export interface BagProblem {
  about: 'structure' | 'manifests' | 'completeness';
  text: string;
}

export interface BagReport {
  version: string | null;
  /** bag-info.txt in order. */
  info: [label: string, value: string][];
  /** Payload manifests found, by algorithm. */
  algorithms: string[];
  /** Tag files that every tag manifest lists. */
  listedTags: ReadonlySet<string>;
  problems: BagProblem[];
}

type Manifest = Map<string, string>;
type Complain = (about: BagProblem['about'], text: string) => void;

const VERSIONS = ['0.93', '0.94', '0.95', '0.96', '0.97', '1.0'];
/** So many problems tell enough; a bag of a million files could have a million. */
const MAX_PROBLEMS = 100;

export function validateBag(bag: BagContents): BagReport {
  const problems: BagProblem[] = [];
  const complain: Complain = (about, text) => {
    if (problems.length < MAX_PROBLEMS) problems.push({ about, text });
  };
  const report: BagReport = {
    version: null,
    info: [],
    algorithms: [],
    listedTags: new Set(),
    problems,
  };

  for (const path of bag.files.keys()) {
    const problem = pathProblem(path);
    if (problem !== null) complain('structure', `A name in the bag ${problem}.`);
  }
  const declared = declaration(bag, complain);
  if (!declared) return report;
  report.version = declared.version;
  const text = (path: string): string | null => {
    const bytes = bag.tag(path);
    if (!bytes) return null;
    const decoded = decodeText(bytes, declared.encoding);
    if (decoded === null) complain('structure', `${path} is not written in ${declared.encoding}.`);
    return decoded;
  };

  // SECURITY: a bag that names addresses to fetch from is never followed, in part or in whole.
  if (bag.files.has('fetch.txt')) {
    complain('structure', 'The bag asks for files to be fetched (fetch.txt), which is refused.');
  }
  report.info = info(text('bag-info.txt'), complain);
  const manifests = readManifests('manifest', bag, text, complain);
  const tagManifests = readManifests('tagmanifest', bag, text, complain);
  report.algorithms = [...manifests.keys()];
  if (manifests.size === 0) complain('structure', 'The bag has no manifest of its payload.');

  checkPayload(bag, manifests, declared.version, complain);
  checkTags(bag, tagManifests, manifests, declared.version, complain);
  report.listedTags = listedByAll([...tagManifests.values()]);
  checkOxum(bag, report.info, complain);
  return report;
}

/** bagit.txt: exactly two lines, no byte order mark, nothing between name and colon. */
function declaration(
  bag: BagContents,
  complain: Complain,
): { version: string; encoding: string } | null {
  const bytes = bag.tag('bagit.txt');
  if (!bytes) {
    complain('structure', 'bagit.txt is missing: this is not a bag.');
    return null;
  }
  const match =
    /^BagIt-Version: (\d+\.\d+)[ \t]*(?:\r\n|\r|\n)Tag-File-Character-Encoding: ([A-Za-z0-9._-]+)[ \t]*(?:\r\n|\r|\n)?$/.exec(
      bytes.toString('latin1'),
    );
  const [, version = '', encoding = ''] = match ?? [];
  if (!match || !VERSIONS.includes(version)) {
    complain('structure', 'bagit.txt does not state a version and an encoding in its two lines.');
    return null;
  }
  return { version, encoding: encoding.toUpperCase() };
}

/** Decodes strictly; null where the bytes are not in the encoding, or it is not a known one. */
function decodeText(bytes: Buffer, encoding: string): string | null {
  const decode = (label: string): string =>
    new TextDecoder(label, { fatal: true, ignoreBOM: label === 'utf-8' }).decode(bytes);
  try {
    switch (encoding) {
      case 'UTF-8':
      case 'US-ASCII':
        return decode('utf-8');
      case 'ISO-8859-1':
        return bytes.toString('latin1');
      case 'UTF-16':
        // Without a mark, big-endian is the default (RFC 2781).
        return decode(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be');
      default:
        return null;
    }
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function lines(text: string): string[] {
  const all = text.split(/\r\n|\r|\n/);
  if (all.at(-1) === '') all.pop();
  return all;
}

function info(text: string | null, complain: Complain): [string, string][] {
  const fields: [string, string][] = [];
  for (const line of lines(text ?? '')) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last) {
      last[1] = `${last[1]} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon > 0) fields.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
    else if (line.trim() !== '') complain('structure', 'bag-info.txt has a line without a name.');
  }
  return fields;
}

function readManifests(
  kind: 'manifest' | 'tagmanifest',
  bag: BagContents,
  text: (path: string) => string | null,
  complain: Complain,
): Map<string, Manifest> {
  const found = new Map<string, Manifest>();
  for (const path of bag.files.keys()) {
    const algorithm = new RegExp(`^${kind}-([a-z0-9]+)\\.txt$`).exec(path)?.[1];
    if (algorithm === undefined) continue;
    const content = text(path);
    if (content !== null) found.set(algorithm, readManifest(path, kind, content, complain));
  }
  return found;
}

function readManifest(
  name: string,
  kind: 'manifest' | 'tagmanifest',
  content: string,
  complain: Complain,
): Manifest {
  const entries: Manifest = new Map();
  for (const [index, line] of lines(content).entries()) {
    const match = /^([0-9a-fA-F]+)[ \t]+\*?(.+)$/.exec(line);
    if (!match) {
      complain('manifests', `${name}, line ${String(index + 1)} is not a hash and a name.`);
      continue;
    }
    const path = decodePath(match[2] ?? '');
    const problem = pathProblem(path);
    // SECURITY: a name that leads out of the bag is refused, never followed.
    if (problem !== null) {
      complain('manifests', `${name}, line ${String(index + 1)}: the name ${problem}.`);
    } else if ((kind === 'manifest') !== path.startsWith('data/')) {
      complain('manifests', `${name} lists ${path}, which does not belong there.`);
    } else if (kind === 'tagmanifest' && /^tagmanifest-/.test(path)) {
      complain('manifests', `${name} lists a tag manifest, which no tag manifest may.`);
    } else if (entries.has(path)) {
      complain('manifests', `${name} lists ${path} twice.`);
    } else {
      entries.set(path, (match[1] ?? '').toLowerCase());
    }
  }
  return entries;
}

function checkHashes(
  bag: BagContents,
  name: string,
  algorithm: string,
  entries: Manifest,
  complain: Complain,
): void {
  for (const [path, hash] of entries) {
    const file = bag.files.get(path);
    if (!file) {
      complain('completeness', `${path} is listed in ${name} and missing from the bag.`);
      continue;
    }
    const actual = file.digests[algorithm];
    if (actual === undefined) {
      complain('manifests', `${name} uses a hash that was not computed.`);
      return;
    }
    if (actual !== hash) complain('manifests', `${path} is not what ${name} says it was.`);
  }
}

function checkPayload(
  bag: BagContents,
  manifests: Map<string, Manifest>,
  version: string,
  complain: Complain,
): void {
  for (const [algorithm, entries] of manifests) {
    checkHashes(bag, `manifest-${algorithm}.txt`, algorithm, entries, complain);
  }
  // From 1.0 every manifest lists every file; before, one of them was enough.
  const all = [...manifests.values()];
  for (const path of bag.files.keys()) {
    if (!path.startsWith('data/')) continue;
    const lists = (entries: Manifest): boolean => entries.has(path);
    if (version === '1.0' ? !all.every(lists) : !all.some(lists)) {
      complain('completeness', `${path} is in the bag and not in every manifest.`);
    }
  }
}

function checkTags(
  bag: BagContents,
  tagManifests: Map<string, Manifest>,
  manifests: Map<string, Manifest>,
  version: string,
  complain: Complain,
): void {
  for (const [algorithm, entries] of tagManifests) {
    const name = `tagmanifest-${algorithm}.txt`;
    checkHashes(bag, name, algorithm, entries, complain);
    if (version !== '1.0') continue;
    for (const payload of manifests.keys()) {
      if (!entries.has(`manifest-${payload}.txt`)) {
        complain('manifests', `${name} does not list manifest-${payload}.txt.`);
      }
    }
  }
}

function listedByAll(manifests: readonly Manifest[]): Set<string> {
  const [first, ...others] = manifests;
  const names = [...(first?.keys() ?? [])];
  return new Set(names.filter((name) => others.every((entries) => entries.has(name))));
}

function checkOxum(bag: BagContents, fields: [string, string][], complain: Complain): void {
  const stated = fields.find(([label]) => label.toLowerCase() === 'payload-oxum')?.[1];
  if (stated === undefined) return;
  let bytes = 0;
  let count = 0;
  for (const [path, file] of bag.files) {
    if (!path.startsWith('data/')) continue;
    bytes += file.bytes;
    count += 1;
  }
  if (stated !== `${String(bytes)}.${String(count)}`) {
    complain(
      'completeness',
      `bag-info.txt promises ${stated} (bytes.files); the bag holds ${String(bytes)}.${String(count)}.`,
    );
  }
}
