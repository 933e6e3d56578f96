/** Checks a bundle that was received, or just built. Nothing is unpacked; memory stays small. */
import type { Identity } from 'age-encryption';
import { open } from 'node:fs/promises';
import type { BundleVerification } from '#shared/contract/bundles.ts';
import { CustosError, isCustosError } from '#shared/domain/errors.ts';
import { systemCode } from '#core/store/errors.ts';
import { parseIdentities } from './age.ts';
import { parseAllowedSigners, type KnownSigner } from './ssh-key.ts';
import { judge, type Check } from './verify-checks.ts';
import { scanBundle, type Scan } from './verify-scan.ts';
import { bundleEntries, recognise, type SourceKind } from './verify-source.ts';

/** Key files and lists of signers are short. */
const MAX_TEXT_BYTES = 1024 * 1024;

export interface VerifyInput {
  /** `.tar.age`, a plain `.tar`, or the folder it was unpacked into. */
  file: string;
  /** age key file; needed for an encrypted bundle. */
  identityFile: string | null;
  /** allowed_signers file with the keys that are recognised. */
  signersFile: string | null;
  /** Recognised besides; both lists missing means that the signer is named and not judged. */
  knownSigners?: readonly KnownSigner[];
  signal?: AbortSignal;
}

/**
 * `good` is false where any check failed; each check says what it found.
 * Throws SOURCE_UNREADABLE, BUNDLE_INVALID (not a bundle at all), BAD_REQUEST (no key file, or one
 * that is none), CANCELLED.
 */
export async function verifyBundle(input: VerifyInput): Promise<BundleVerification> {
  const kind = await recognise(input.file);
  if (kind === 'encrypted' && input.identityFile === null) {
    throw new CustosError(
      'BAD_REQUEST',
      'The bundle is encrypted. Give the key file of a recipient, which age-keygen made.',
    );
  }
  const identities =
    kind === 'encrypted'
      ? parseIdentities(await readText(input.identityFile ?? '', 'key file'))
      : [];
  const listed =
    input.signersFile === null
      ? null
      : parseAllowedSigners(await readText(input.signersFile, 'list of signers'));
  const known =
    listed || input.knownSigners ? [...(listed ?? []), ...(input.knownSigners ?? [])] : null;
  const { signal } = input;
  return verifySource(input.file, kind, identities, known, signal ? { signal } : {});
}

/** Checks a source that was recognised already, with keys in hand: what `verifyBundle` comes to. */
export async function verifySource(
  file: string,
  kind: SourceKind,
  identities: readonly (string | Identity)[],
  known: readonly KnownSigner[] | null,
  watch: { signal?: AbortSignal; onFile?: (path: string) => void },
): Promise<BundleVerification> {
  let scan: Scan;
  try {
    scan = await scanBundle(bundleEntries(file, kind, identities), watch);
  } catch (error) {
    const broken = isCustosError(error) && UNREADABLE.includes(error.code);
    if (broken) return unreadable(kind, error.message);
    throw error;
  }
  const judged = judge(scan, known);
  return { ...judged, checks: [reading(kind), ...judged.checks] };
}

/** The bundle itself is at fault: a finding, not a failure. */
const UNREADABLE: readonly string[] = ['BUNDLE_INVALID', 'KEY_UNAVAILABLE'];

function reading(kind: SourceKind): Check {
  if (kind === 'encrypted') {
    const detail = 'Opened with the key; the encrypted file is whole and unchanged.';
    return { name: 'Encryption', outcome: 'good', detail };
  }
  const what = kind === 'archive' ? 'A plain archive' : 'An unpacked folder';
  const detail = `${what} was given, so there was nothing to decrypt. It is not protected.`;
  return { name: 'Encryption', outcome: 'not-checked', detail };
}

const LATER = ['Structure', 'Hashes', 'Completeness', 'Signature', 'Signer'].concat(
  'Checkpoint',
  'Findings',
  'Table',
);

function unreadable(kind: SourceKind, detail: string): BundleVerification {
  const first = kind === 'encrypted' ? 'Encryption' : 'Archive';
  const rest = LATER.map((name): Check => {
    return { name, outcome: 'not-checked', detail: 'The bundle could not be read to its end.' };
  });
  return {
    good: false,
    checks: [{ name: first, outcome: 'bad', detail }, ...rest],
    signer: null,
    caseRef: null,
    edition: null,
    items: null,
  };
}

async function readText(file: string, what: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const bytes = Buffer.alloc(MAX_TEXT_BYTES + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === bytes.length) break;
      }
      if (length <= MAX_TEXT_BYTES) return bytes.toString('utf8', 0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new CustosError(
      'SOURCE_UNREADABLE',
      `The ${what} cannot be read (${systemCode(error) || 'unknown'}). Check its name, and that you may read it.`,
      { cause: error },
    );
  }
  throw new CustosError('BAD_REQUEST', `The ${what} is far too large. Is it the right file?`);
}
