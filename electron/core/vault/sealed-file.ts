/**
 * The cipher of one sealed file (an original, a temporary file of an import). No I/O: bytes in,
 * bytes out, so that it can be tested to the last bit.
 *
 * A sealed file, byte for byte (integers big-endian):
 *
 *   offset  bytes  meaning
 *   0       8      magic "CUSTOSEV"
 *   8       2      version, 1
 *   10      2      zero
 *   12      4      chunk size in bytes of plaintext, 262144
 *   16      4      epoch of the content key
 *   20      12     zero
 *   32      32     salt, random per file
 *   64      32     key commitment
 *   96      …      chunks: AES-256-GCM ciphertext followed by its 16-byte tag
 *
 *   file key (32) ‖ commitment (32) = HKDF-SHA256(key: content key, salt: salt,
 *                                                 info: "custos/sealed-file/v1" ‖ bytes 0–31)
 *   nonce of a chunk = 11-byte counter from 0 ‖ 1 for the last chunk, else 0
 *   associated data of every chunk = the whole header (bytes 0–95)
 *
 * Every chunk but the last holds exactly the chunk size; the last holds 1 to chunk size bytes, and
 * is empty only if the file is. The length is not written down, so that a source of unknown length
 * can be sealed as it is read: it follows from the size on disk (`plainLength`) and is
 * authenticated, because counter and last flag admit no other number of chunks. This is the STREAM
 * construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) with the layout that age uses.
 */
import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { CustosError } from '#shared/domain/errors.ts';
import { MAX_EPOCH } from './fields.ts';

export const CHUNK_BYTES = 256 * 1024;
export const HEADER_BYTES = 96;
const TAG_BYTES = 16;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
const MAGIC = Buffer.from('CUSTOSEV', 'ascii');
const VERSION = 1;
/** The part of the header that is known before salt and commitment. */
const PARAMETER_BYTES = 32;
const SALT_END = 64;
const INFO = Buffer.from('custos/sealed-file/v1', 'ascii');

/** Seals one file. `push` and `end` answer with the bytes to write next, possibly none. */
export interface Sealer {
  /** The first 96 bytes of the sealed file. */
  header(): Buffer;
  push(plain: Uint8Array): Buffer;
  /** The last chunk. Nothing may be pushed afterwards. */
  end(): Buffer;
}

/**
 * Opens one file. `push` answers with plaintext whose chunks have been authenticated; that the
 * file is *complete* is known only when `end` returns. Both throw BLOB_DAMAGED.
 */
export interface Opener {
  push(sealed: Uint8Array): Buffer;
  end(): Buffer;
}

/** `contentKey`: 32 bytes. `epoch`: the epoch that key belongs to. */
export function createSealer(contentKey: Buffer, epoch: number): Sealer {
  requireKey(contentKey);
  const parameters = encodeParameters(epoch);
  const salt = randomBytes(32);
  const { fileKey, commitment } = deriveKeys(contentKey, salt, parameters);
  const header = Buffer.concat([parameters, salt, commitment]);
  const pending = new ByteQueue();
  let counter = 0;
  let ended = false;

  const seal = (plain: Buffer, last: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', fileKey, nonce(counter++, last));
    cipher.setAAD(header);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  };

  return {
    header: () => Buffer.from(header),
    push(plain) {
      if (ended) throw new Error('sealing has ended');
      pending.add(plain);
      const sealed: Buffer[] = [];
      // A full chunk is held back until there is more: it may turn out to be the last.
      while (pending.bytes > CHUNK_BYTES) sealed.push(seal(pending.take(CHUNK_BYTES), false));
      return Buffer.concat(sealed);
    },
    end() {
      if (ended) throw new Error('sealing has ended');
      ended = true;
      const sealed = seal(pending.take(pending.bytes), true);
      fileKey.fill(0);
      return sealed;
    },
  };
}

/** `contentKey`: 32 bytes, the key of the epoch named in the file's header. */
export function createOpener(contentKey: Buffer): Opener {
  requireKey(contentKey);
  const pending = new ByteQueue();
  let header: Buffer | null = null;
  let fileKey: Buffer | null = null;
  let counter = 0;
  let ended = false;

  const readHeader = (): void => {
    header = pending.take(HEADER_BYTES);
    parseHeader(header);
    const derived = deriveKeys(
      contentKey,
      header.subarray(PARAMETER_BYTES, SALT_END),
      header.subarray(0, PARAMETER_BYTES),
    );
    // SECURITY: AES-GCM does not commit to its key. Without this check one ciphertext could be
    // made that opens to different pictures under two keys (security.md 5).
    if (!timingSafeEqual(derived.commitment, header.subarray(SALT_END))) throw damaged();
    fileKey = derived.fileKey;
  };

  const open = (sealed: Buffer, last: boolean): Buffer => {
    if (fileKey === null || header === null || sealed.length < TAG_BYTES) throw damaged();
    const cut = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', fileKey, nonce(counter++, last), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(header);
    decipher.setAuthTag(sealed.subarray(cut));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, cut)), decipher.final()]);
    } catch (cause) {
      throw damaged(cause);
    }
  };

  return {
    push(sealed) {
      if (ended) throw new Error('opening has ended');
      pending.add(sealed);
      if (header === null && pending.bytes >= HEADER_BYTES) readHeader();
      if (header === null) return Buffer.alloc(0);
      const plain: Buffer[] = [];
      while (pending.bytes > SEALED_CHUNK_BYTES) {
        plain.push(open(pending.take(SEALED_CHUNK_BYTES), false));
      }
      return Buffer.concat(plain);
    },
    end() {
      if (ended) throw new Error('opening has ended');
      ended = true;
      const plain = open(pending.take(pending.bytes), true);
      // Only an empty file has an empty last chunk; any other would be a second way to write it.
      if (plain.length === 0 && counter > 1) throw damaged();
      fileKey?.fill(0);
      return plain;
    },
  };
}

/** A whole file at once. */
export function sealBytes(contentKey: Buffer, epoch: number, plain: Uint8Array): Buffer {
  const sealer = createSealer(contentKey, epoch);
  return Buffer.concat([sealer.header(), sealer.push(plain), sealer.end()]);
}

/** A whole file at once. Throws BLOB_DAMAGED. */
export function openBytes(contentKey: Buffer, sealed: Uint8Array): Buffer {
  const opener = createOpener(contentKey);
  return Buffer.concat([opener.push(sealed), opener.end()]);
}

/** The epoch of the key a sealed file needs. `start`: at least its first 96 bytes. BLOB_DAMAGED. */
export function sealedEpoch(start: Buffer): number {
  return parseHeader(start).epoch;
}

/** Bytes of plaintext in a sealed file of `sealedLength` bytes; BLOB_DAMAGED if none has that size. */
export function plainLength(sealedLength: number): number {
  const body = sealedLength - HEADER_BYTES;
  const chunks = Math.max(1, Math.ceil(body / SEALED_CHUNK_BYTES));
  const plain = body - chunks * TAG_BYTES;
  if (plain < 0 || (chunks > 1 && plain <= (chunks - 1) * CHUNK_BYTES)) throw damaged();
  return plain;
}

/** Bytes on disk of a sealed file that holds `plain` bytes. */
export function sealedLength(plain: number): number {
  const chunks = Math.max(1, Math.ceil(plain / CHUNK_BYTES));
  return HEADER_BYTES + plain + chunks * TAG_BYTES;
}

function encodeParameters(epoch: number): Buffer {
  if (!Number.isInteger(epoch) || epoch < 1 || epoch > MAX_EPOCH) throw new RangeError('epoch');
  const bytes = Buffer.alloc(PARAMETER_BYTES);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt16BE(VERSION, 8);
  bytes.writeUInt32BE(CHUNK_BYTES, 12);
  bytes.writeUInt32BE(epoch, 16);
  return bytes;
}

function parseHeader(header: Buffer): { epoch: number } {
  if (header.length < HEADER_BYTES || !header.subarray(0, 8).equals(MAGIC)) throw damaged();
  if (header.readUInt16BE(8) !== VERSION) throw damaged();
  const epoch = header.readUInt32BE(16);
  // Also refuses every other chunk size and non-zero reserved bytes.
  if (epoch < 1 || !header.subarray(0, PARAMETER_BYTES).equals(encodeParameters(epoch))) {
    throw damaged();
  }
  return { epoch };
}

function deriveKeys(
  contentKey: Buffer,
  salt: Buffer,
  parameters: Buffer,
): { fileKey: Buffer; commitment: Buffer } {
  const info = Buffer.concat([INFO, parameters]);
  const bytes = Buffer.from(hkdfSync('sha256', contentKey, salt, info, 64));
  return { fileKey: bytes.subarray(0, 32), commitment: bytes.subarray(32) };
}

function nonce(counter: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(counter, 5, 6);
  bytes[11] = last ? 1 : 0;
  return bytes;
}

function requireKey(contentKey: Buffer): void {
  if (contentKey.length !== 32) throw new RangeError('a content key has 32 bytes');
}

function damaged(cause?: unknown): CustosError {
  return new CustosError(
    'BLOB_DAMAGED',
    'A sealed file is damaged or was sealed with another key. Nothing of it is shown; restore it from a backup.',
    { cause },
  );
}

/** Bytes that arrived in pieces of any size, taken out in pieces of another. */
class ByteQueue {
  bytes = 0;
  #parts: Uint8Array[] = [];

  add(part: Uint8Array): void {
    if (part.length === 0) return;
    // A copy: the caller may reuse its buffer for the next read.
    this.#parts.push(Buffer.from(part));
    this.bytes += part.length;
  }

  take(count: number): Buffer {
    const taken: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const first = this.#parts[0];
      if (first === undefined) throw new RangeError('fewer bytes than asked for');
      if (first.length <= missing) {
        taken.push(first);
        missing -= first.length;
        this.#parts.shift();
      } else {
        taken.push(first.subarray(0, missing));
        this.#parts[0] = first.subarray(missing);
        missing = 0;
      }
    }
    this.bytes -= count;
    return Buffer.concat(taken);
  }
}
