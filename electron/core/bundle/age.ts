/**
 * age (age-encryption.org/v1): who a bundle is for, writing to them, reading with a key file.
 * The encryption itself is the npm package age-encryption; here are the rules around it.
 */
import { ReadableStream as WebStream } from 'node:stream/web';
import { Decrypter, Encrypter, type Identity } from 'age-encryption';
import { CustosError } from '#shared/domain/errors.ts';

/** First line of every age file. */
export const AGE_MAGIC = 'age-encryption.org/v1\n';
/** Our header is a few hundred bytes per recipient; a longer one is not read. */
const MAX_HEADER_BYTES = 1024 * 1024;
const MAX_RECIPIENTS = 32;
const MAX_IDENTITIES = 64;

type Kind = 'x25519' | 'hybrid';

/**
 * The recipients a bundle is written to, without repetitions.
 * Throws UNKNOWN_RECIPIENT with a sentence that says which one is wrong and why.
 */
export async function parseRecipients(given: readonly string[]): Promise<string[]> {
  const recipients: string[] = [];
  const kinds = new Set<Kind>();
  for (const [index, text] of given.entries()) {
    const recipient = text.trim();
    kinds.add(await checkRecipient(recipient, index + 1));
    if (!recipients.includes(recipient)) recipients.push(recipient);
  }
  if (recipients.length === 0 || recipients.length > MAX_RECIPIENTS) {
    throw new CustosError(
      'UNKNOWN_RECIPIENT',
      `Name between 1 and ${String(MAX_RECIPIENTS)} recipients. Each is a line that begins with age1, which the recipient sends you.`,
    );
  }
  // SECURITY: beside one classical recipient the post-quantum ones protect nothing.
  if (kinds.size > 1) {
    throw new CustosError(
      'UNKNOWN_RECIPIENT',
      'Some of these recipients are post-quantum (age1pq1…) and some are not. Together the weaker kind decides. Ask all of them for the same kind.',
    );
  }
  return recipients;
}

async function checkRecipient(recipient: string, number: number): Promise<Kind> {
  const refuse = (why: string, cause?: unknown): CustosError =>
    new CustosError(
      'UNKNOWN_RECIPIENT',
      `Recipient ${String(number)}${shown(recipient)} ${why}`,
      cause === undefined ? {} : { cause },
    );
  // SECURITY: a secret key pasted by mistake is named as such and never repeated.
  if (/AGE-SECRET-KEY-/i.test(recipient)) {
    throw refuse(
      'is a secret key. It must stay with its owner, who should now make a new one and send the line that begins with age1.',
    );
  }
  if (/^(ssh|ecdsa|sk)-/.test(recipient)) {
    throw refuse('is an SSH key. Ask the recipient to run age-keygen and send the age1 line.');
  }
  if (!recipient.startsWith('age1')) {
    throw refuse('is not an age recipient: those begin with age1.');
  }
  const kind = recipient.startsWith('age1pq1') ? 'hybrid' : 'x25519';
  if (kind === 'x25519' && recipient.lastIndexOf('1') !== 'age1'.length - 1) {
    throw refuse('is of a kind (plugin or tag) that Custos does not write to.');
  }
  try {
    const trial = new Encrypter();
    trial.addRecipient(recipient);
    // Wrapping once finds what spelling cannot show: a key that agrees on no secret.
    await trial.encrypt(new Uint8Array());
  } catch (error) {
    throw refuse(
      'does not pass its own checksum, so a letter is probably wrong or missing. Copy the whole line again.',
      error,
    );
  }
  return kind;
}

/** Enough of a recipient to find it in a list. */
function shown(recipient: string): string {
  if (/SECRET/i.test(recipient) || recipient === '') return '';
  const plain = recipient.replaceAll(/[^\x21-\x7e]/g, '?');
  return plain.length <= 20 ? ` (${plain})` : ` (${plain.slice(0, 10)}…${plain.slice(-6)})`;
}

/**
 * The secret keys in a key file as age-keygen writes it. Throws BAD_REQUEST; the sentence never
 * repeats a line of the file.
 */
export function parseIdentities(text: string): string[] {
  const refuse = (why: string): CustosError => new CustosError('BAD_REQUEST', why);
  if (text.startsWith(AGE_MAGIC) || text.startsWith('-----BEGIN AGE ENCRYPTED FILE-----')) {
    throw refuse('The key file is itself encrypted. Decrypt it with age first.');
  }
  const identities: string[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (!/^AGE-SECRET-KEY-(PQ-)?1/.test(line)) {
      throw refuse(`Line ${String(index + 1)} of the key file is not an age secret key.`);
    }
    try {
      new Decrypter().addIdentity(line);
    } catch {
      // The package's own message may quote the key, so it goes no further.
      throw refuse(`The secret key on line ${String(index + 1)} of the key file is damaged.`);
    }
    identities.push(line);
  }
  if (identities.length === 0 || identities.length > MAX_IDENTITIES) {
    throw refuse('The key file holds no age secret key. age-keygen writes such a file.');
  }
  return identities;
}

/** Opens one file that this process wrote, without any recipient's key. */
export interface ReadBack {
  readonly identity: Identity;
  wipe(): void;
}

/**
 * Encrypts a stream to recipients that `parseRecipients` accepted.
 *
 * SECURITY: `readBack` holds the file's own key, so that what was written can be read back and
 * checked before anybody relies on it. It adds no recipient to the file; `wipe` ends it.
 */
export async function encryptTo(
  recipients: readonly string[],
  plain: AsyncIterable<Uint8Array>,
): Promise<{ cipher: AsyncIterable<Uint8Array>; readBack: ReadBack }> {
  const key = new Uint8Array(16);
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  encrypter.addRecipient({
    wrapFileKey(fileKey) {
      key.set(fileKey);
      return [];
    },
  });
  const cipher = await encrypter.encrypt(asStream(plain));
  const identity: Identity = { unwrapFileKey: () => Uint8Array.from(key) };
  return { cipher: asIterable(cipher), readBack: { identity, wipe: () => key.fill(0) } };
}

/**
 * Decrypts a stream. Every chunk that comes out is authentic, but only the normal end of the
 * stream says that none is missing. Throws KEY_UNAVAILABLE where no identity fits and
 * BUNDLE_INVALID where the file was changed or cut short.
 */
export async function* decryptWith(
  identities: readonly (string | Identity)[],
  cipher: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  const source = boundedHeader(cipher);
  try {
    yield* asIterable(await decrypter.decrypt(asStream(source)));
  } catch (error) {
    if (error instanceof CustosError) throw error;
    if (error instanceof Error && error.message.startsWith('no identity matched')) {
      throw new CustosError(
        'KEY_UNAVAILABLE',
        'None of the keys in the key file opens this bundle. It was written to other recipients.',
        { cause: error },
      );
    }
    throw new CustosError(
      'BUNDLE_INVALID',
      'The encrypted file was changed or cut short after it was written.',
      { cause: error },
    );
  } finally {
    // The package lets go of its source only when it has read it to the end.
    await source.return(undefined);
  }
}

/** The package speaks web streams, whose types differ between Node and browsers; these do not. */
function asStream(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return WebStream.from(bytes) as unknown as ReadableStream<Uint8Array>;
}
function asIterable(stream: unknown): AsyncIterable<Uint8Array> {
  return stream as AsyncIterable<Uint8Array>;
}

/** SECURITY: the package reads the header until its end; a file without one must not fill memory. */
async function* boundedHeader(cipher: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of cipher) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.includes('\n--- ')) {
      yield head;
      head = null;
    } else if (head.length > MAX_HEADER_BYTES) {
      throw new CustosError('BUNDLE_INVALID', 'The file begins like age and is not: no header.');
    }
  }
  if (head !== null && head.length > 0) yield head;
}
