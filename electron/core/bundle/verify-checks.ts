/** What a bundle that was read proves, check by check, in words. Pure. */
import type { BundleVerification } from '#shared/contract/bundles.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { EDITIONS, type Edition } from '#shared/domain/words.ts';
import { plural, sizeWords } from '#shared/util/words.ts';
import { sshFingerprint } from '#core/access/ssh-fingerprint.ts';
import { verifyCheckpoint } from '#core/record/checkpoint.ts';
import { ALGORITHMS, oneLine, tagManifestName } from './bagit.ts';
import { validateBag, type BagProblem, type BagReport } from './bagit-validate.ts';
import { INFO, NAMES } from './payload.ts';
import { NAMESPACE, parseAllowedSigners, type KnownSigner } from './ssh-key.ts';
import { verifySsh } from './sshsig.ts';
import type { Scan } from './verify-scan.ts';

export type Check = BundleVerification['checks'][number];

/** How many of the same kind are told before "and n more". */
const TOLD = 3;

/** `known`: whose signatures are recognised, or null where nobody said. */
export function judge(scan: Scan, known: readonly KnownSigner[] | null): BundleVerification {
  const bag = validateBag(scan.bag);
  const info = new Map(bag.info);
  const signature = checkSignature(scan, info, known);
  const checks = [
    checkBag(bag),
    checkHashes(bag, scan),
    checkCompleteness(bag, scan),
    ...signature.checks,
    checkCheckpoint(scan),
    checkFindings(scan, info),
    checkTable(scan),
  ];
  const { findings } = scan;
  const edition = info.get(INFO.edition) ?? '';
  return {
    good: checks.every((check) => check.outcome !== 'bad'),
    checks,
    signer: signature.signer,
    caseRef: info.get(INFO.case) ?? null,
    edition: EDITIONS.includes(edition as Edition) ? (edition as Edition) : null,
    items: typeof findings === 'string' ? null : findings.items.size,
  };
}

function verdict(name: string, problems: readonly string[], fine: string): Check {
  if (problems.length === 0) return { name, outcome: 'good', detail: fine };
  const more = problems.length - TOLD;
  const told = problems.slice(0, TOLD).join(' ');
  const detail = more > 0 ? `${told} And ${plural(more, 'more', 'more')} like this.` : told;
  return { name, outcome: 'bad', detail };
}

function about(bag: BagReport, what: BagProblem['about']): string[] {
  return bag.problems.filter((problem) => problem.about === what).map((problem) => problem.text);
}

function checkBag(bag: BagReport): Check {
  const problems = about(bag, 'structure');
  const wanted = [...ALGORITHMS].sort().join();
  if (bag.version !== null && bag.version !== '1.0') problems.push('The bag is not BagIt 1.0.');
  if (bag.version !== null && [...bag.algorithms].sort().join() !== wanted) {
    problems.push('The bag does not have exactly the manifests SHA-256 and SHA-512.');
  }
  return verdict('Structure', problems, 'A BagIt 1.0 bag with SHA-256 and SHA-512 manifests.');
}

function checkHashes(bag: BagReport, scan: Scan): Check {
  const files = [...scan.bag.files.values()];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const fine = `Every file has the SHA-256 and SHA-512 that the manifests state (${plural(files.length, 'file', 'files')}, ${sizeWords(bytes)}).`;
  return verdict('Hashes', about(bag, 'manifests'), fine);
}

function checkCompleteness(bag: BagReport, scan: Scan): Check {
  const problems = about(bag, 'completeness');
  for (const name of Object.values(NAMES)) {
    if (!name.endsWith('/') && !scan.bag.files.has(name)) problems.push(`${name} is missing.`);
  }
  const unlisted = new Set<string>([NAMES.signature, ...ALGORITHMS.map(tagManifestName)]);
  for (const name of unlisted) {
    if (!scan.bag.files.has(name) && name !== NAMES.signature && name !== NAMES.signed) {
      problems.push(`${name} is missing.`);
    }
  }
  for (const path of scan.bag.files.keys()) {
    const listed = path.startsWith('data/') || bag.listedTags.has(path) || unlisted.has(path);
    if (!listed) problems.push(`${path} does not belong to the bundle.`);
  }
  return verdict('Completeness', problems, 'Nothing is missing and nothing was added.');
}

function checkSignature(
  scan: Scan,
  info: ReadonlyMap<string, string>,
  known: readonly KnownSigner[] | null,
): { checks: Check[]; signer: BundleVerification['signer'] } {
  const signed = scan.small(NAMES.signed);
  const armored = scan.small(NAMES.signature);
  const unknowable: Check = {
    name: 'Signer',
    outcome: 'not-checked',
    detail: 'Without a good signature there is no signer to recognise.',
  };
  const bad = (detail: string): Check => ({ name: 'Signature', outcome: 'bad', detail });
  if (!signed || !armored)
    return { checks: [bad('The signature is missing.'), unknowable], signer: null };

  const result = verifySsh(signed, NAMESPACE, armored.toString('latin1'));
  if (!result.good)
    return { checks: [bad(`The signature ${result.why}.`), unknowable], signer: null };
  const { publicKey } = result;
  const fingerprint = sshFingerprint(publicKey);
  const recognised = known?.find((one) => one.publicKey.equals(publicKey));
  const name = recognised?.name ?? info.get(INFO.signer) ?? 'unknown';
  const own = ownSigners(scan).some((one) => one.publicKey.equals(publicKey));
  const stated = info.get(INFO.fingerprint) === fingerprint;
  const signature =
    own && stated
      ? verdict('Signature', [], `Signed with the key ${fingerprint}; it covers every file.`)
      : bad('The bundle is signed with another key than the one it names.');
  return {
    checks: [signature, checkSigner(known, recognised, name, fingerprint)],
    signer: { name, fingerprint, known: recognised !== undefined },
  };
}

function checkSigner(
  known: readonly KnownSigner[] | null,
  recognised: KnownSigner | undefined,
  name: string,
  fingerprint: string,
): Check {
  if (recognised) {
    return verdict('Signer', [], `The key is known: ${recognised.name}, ${fingerprint}.`);
  }
  if (known) {
    const detail = `The key ${fingerprint} is not among the known signers.`;
    return { name: 'Signer', outcome: 'bad', detail };
  }
  const detail = `The key calls itself ${name}. Compare ${fingerprint} with the fingerprint you were given by another way.`;
  return { name: 'Signer', outcome: 'not-checked', detail };
}

/** The bundle's own list; it proves nothing, and must still name the key that signed. */
function ownSigners(scan: Scan): KnownSigner[] {
  try {
    return parseAllowedSigners(scan.small(NAMES.signers)?.toString('utf8') ?? '');
  } catch (error) {
    if (error instanceof CustosError) return [];
    throw error;
  }
}

function checkCheckpoint(scan: Scan): Check {
  const note = scan.small(NAMES.checkpoint)?.toString('utf8');
  if (note === undefined) return verdict('Checkpoint', ['The checkpoint is missing.'], '');
  if (typeof scan.findings === 'string') {
    return verdict('Checkpoint', ['Its key could not be read from findings.json.'], '');
  }
  const { record } = scan.findings.header;
  const key = Buffer.from(record.checkpointKey, 'base64');
  const checkpoint =
    key.length === 32 && record.origin !== null ? verifyCheckpoint(note, record.origin, key) : null;
  const problems: string[] = [];
  if (!checkpoint) {
    problems.push('The checkpoint is not a note signed with the key of its workspace.');
  } else if (
    checkpoint.size !== record.size ||
    checkpoint.root.toString('hex') !== rootHex(record.root)
  ) {
    problems.push('The checkpoint and findings.json speak of different records.');
  }
  const fine = `A signed note of ${record.origin ?? ''}: ${plural(record.size, 'entry', 'entries')} in the record.`;
  return verdict('Checkpoint', problems, fine);
}

/** The record states its root as 64 hex characters or as base64; both are compared as hex. */
function rootHex(root: string): string {
  return /^[0-9a-f]{64}$/.test(root) ? root : Buffer.from(root, 'base64').toString('hex');
}

function checkFindings(scan: Scan, info: ReadonlyMap<string, string>): Check {
  const { findings, bag } = scan;
  if (typeof findings === 'string') {
    return verdict('Findings', [`findings.json ${findings}.`], '');
  }
  const problems: string[] = [];
  for (const item of findings.items.values()) {
    const file = bag.files.get(item.file);
    const who = `Item ${String(item.number)}`;
    if (!item.file.startsWith(NAMES.items)) problems.push(`${who} is said to lie elsewhere.`);
    else if (!file) problems.push(`${who} is described and its file is missing.`);
    else if (file.digests['sha256'] !== item.sha256 || file.bytes !== item.bytes) {
      problems.push(`${who} is not the file that findings.json describes.`);
    }
  }
  for (const path of bag.files.keys()) {
    if (path.startsWith(NAMES.items) && !findings.items.has(path)) {
      problems.push(`${path} is a picture that findings.json does not describe.`);
    }
  }
  const { header } = findings;
  const says = [header.case.ref, header.bundle.edition, String(findings.items.size)];
  const labels = [INFO.case, INFO.edition, INFO.items];
  if (labels.some((label, index) => info.get(label) !== oneLine(says[index] ?? ''))) {
    problems.push('bag-info.txt and findings.json speak of different cases.');
  }
  const fine = `findings.json describes exactly the ${plural(findings.items.size, 'file', 'files')} in data/items, hash by hash.`;
  return verdict('Findings', problems, fine);
}

function checkTable(scan: Scan): Check {
  const { table, findings } = scan;
  if (typeof table === 'string') return verdict('Table', [`items.csv ${table}.`], '');
  const problems: string[] = [];
  if (typeof findings === 'string') problems.push('There are no findings to compare it with.');
  else if (table.count !== findings.items.size) {
    problems.push(
      `items.csv has ${plural(table.count, 'row', 'rows')} for ${plural(findings.items.size, 'item', 'items')}.`,
    );
  } else if (table.rows !== findings.rows) {
    problems.push('items.csv and findings.json say different things about an item.');
  }
  return verdict(
    'Table',
    problems,
    `items.csv has ${plural(table.count, 'row', 'rows')}, one for each item.`,
  );
}
