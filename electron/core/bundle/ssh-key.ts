/**
 * OpenSSH's form of an Ed25519 public key, so that a bundle's signer can be checked with
 * `ssh-keygen` alone: wire blob (RFC 4253, 6.6; RFC 8709) and allowed_signers lines.
 */
import { CustosError } from '#shared/domain/errors.ts';

export const KEY_TYPE = 'ssh-ed25519';
export const NAMESPACE = 'custos-bundle';

const RAW_KEY_BYTES = 32;

/** Somebody whose signature is recognised. */
export interface KnownSigner {
  name: string;
  /** 32 bytes, raw Ed25519. */
  publicKey: Buffer;
}

/** SSH's `string`: four bytes of length, big-endian, then the bytes. */
export function sshString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads a sequence of SSH strings. `next` and `end` throw a RangeError where the bytes do not fit. */
export function sshReader(bytes: Buffer): { next(): Buffer; uint32(): number; end(): void } {
  let offset = 0;
  const take = (length: number): Buffer => {
    if (length > bytes.length - offset) throw new RangeError('an SSH value is cut short');
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  const uint32 = (): number => take(4).readUInt32BE();
  return {
    uint32,
    next: () => take(uint32()),
    end() {
      if (offset !== bytes.length) throw new RangeError('an SSH value has bytes left over');
    },
  };
}

/** The wire form of a raw Ed25519 public key. */
export function publicKeyBlob(raw: Uint8Array): Buffer {
  if (raw.length !== RAW_KEY_BYTES) throw new RangeError('an Ed25519 public key has 32 bytes');
  return Buffer.concat([sshString(KEY_TYPE), sshString(raw)]);
}

/** The raw Ed25519 public key inside a wire blob; throws a RangeError for anything else. */
export function rawFromBlob(blob: Buffer): Buffer {
  const reader = sshReader(blob);
  if (reader.next().toString('latin1') !== KEY_TYPE) throw new RangeError('not an Ed25519 key');
  const raw = reader.next();
  reader.end();
  if (raw.length !== RAW_KEY_BYTES) throw new RangeError('an Ed25519 public key has 32 bytes');
  return Buffer.from(raw);
}

/**
 * The name under which a signer stands in allowed_signers: letters, digits, dot and hyphen, then
 * "@" and the first 8 characters of the workspace's id. Never holds a pattern character or a space.
 */
export function principal(memberName: string, memberId: string, workspaceId: string): string {
  const plain = memberName
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const who = plain === '' ? `member-${memberId.slice(0, 8)}` : plain;
  return `${who}@${workspaceId.replace(/[^A-Za-z0-9]/g, '').slice(0, 8)}`;
}

/** One line of allowed_signers (ssh-keygen(1)), good for bundles only. */
export function allowedSignersLine(who: string, raw: Uint8Array): string {
  const key = publicKeyBlob(raw).toString('base64');
  return `${who} namespaces="${NAMESPACE}" ${KEY_TYPE} ${key}\n`;
}

const LINE =
  /^(?<who>"[^"]+"|\S+)[ \t]+(?:(?<options>\S*(?:="[^"]*")?(?:,\S*="[^"]*")*)[ \t]+)??ssh-ed25519[ \t]+(?<key>[A-Za-z0-9+/]+=*)(?:[ \t].*)?$/;

/**
 * Reads an allowed_signers file. Keys of other types are passed over: Custos signs with Ed25519
 * only. Throws BAD_REQUEST for a line that cannot be read, or that limits a key by a date, which
 * only `ssh-keygen` weighs.
 */
export function parseAllowedSigners(text: string): KnownSigner[] {
  const signers: KnownSigner[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const signer = parseLine(line, index + 1);
    if (signer) signers.push(signer);
  }
  return signers;
}

function parseLine(line: string, number: number): KnownSigner | null {
  const bad = (why: string): CustosError =>
    new CustosError('BAD_REQUEST', `Line ${String(number)} of the list of signers ${why}.`);
  if (!/(^|\s)ssh-ed25519\s/.test(line)) {
    if (/\s(sk-)?(ssh|ecdsa)-\S+\s/.test(line)) return null;
    throw bad('is not "name ssh-ed25519 key"');
  }
  const match = LINE.exec(line);
  if (!match?.groups) throw bad('is not "name ssh-ed25519 key"');
  const options = match.groups['options'] ?? '';
  if (/cert-authority|valid-(after|before)/i.test(options)) {
    throw bad('limits the key by a date or an authority; check this signature with ssh-keygen');
  }
  const namespaces = /namespaces="([^"]*)"/i.exec(options)?.[1];
  if (namespaces !== undefined && !namespaces.split(',').includes(NAMESPACE)) return null;
  try {
    const publicKey = rawFromBlob(Buffer.from(match.groups['key'] ?? '', 'base64'));
    return { name: (match.groups['who'] ?? '').replaceAll('"', ''), publicKey };
  } catch (error) {
    if (error instanceof RangeError) throw bad('holds a key that is damaged or incomplete');
    throw error;
  }
}
