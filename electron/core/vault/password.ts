/**
 * From a password to a key: NFKC, then Argon2id (RFC 9106, version 1.3) by hash-wasm, because the
 * cryptography inside Electron has no Argon2.
 */
import { createHash, randomBytes } from 'node:crypto';
import { argon2id } from 'hash-wasm';
import { CustosError } from '#shared/domain/errors.ts';
import { BadField } from './fields.ts';

/** `test` is cheap, named in the slot, and refused by the product. */
export type PasswordCost = 'product' | 'test';

export interface KdfParameters {
  readonly cost: PasswordCost;
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  /** 16 bytes. */
  readonly salt: Buffer;
}

const PROFILES = {
  product: { memoryKiB: 256 * 1024, passes: 3, lanes: 4 },
  test: { memoryKiB: 64, passes: 1, lanes: 1 },
} as const;

/** What a slot read from disk may ask for: enough to be slow, not so much that it stops the machine. */
const LIMITS = {
  memoryKiB: { least: 64 * 1024, most: 1024 * 1024 },
  passes: { least: 1, most: 10 },
  lanes: { least: 1, most: 8 },
} as const;

export function newKdfParameters(cost: PasswordCost): KdfParameters {
  return { cost, ...PROFILES[cost], salt: randomBytes(16) };
}

/**
 * Parameters that use the same time as a real slot, for a member that does not exist.
 * `seed` only has to be of no use to anybody.
 */
export function dummyKdfParameters(cost: PasswordCost, seed: string): KdfParameters {
  const salt = createHash('sha256').update(seed).digest().subarray(0, 16);
  return { cost, ...PROFILES[cost], salt };
}

/**
 * Parameters as they were read from disk, before they cost anything.
 * Throws BadField where they are out of range, NOT_ALLOWED where the product meets a test slot.
 */
export function checkKdfParameters(kdf: KdfParameters, cost: PasswordCost): void {
  if (kdf.cost === 'test') {
    // SECURITY: a slot swapped for a cheap one would make guessing the password cheap too.
    if (cost !== 'test') {
      throw new CustosError(
        'NOT_ALLOWED',
        'This workspace was made for tests, with passwords that are cheap to guess. The product does not open it; create a new workspace for real work.',
      );
    }
    const { memoryKiB, passes, lanes } = PROFILES.test;
    if (kdf.memoryKiB !== memoryKiB || kdf.passes !== passes || kdf.lanes !== lanes) {
      throw new BadField('kdf');
    }
    return;
  }
  for (const key of ['memoryKiB', 'passes', 'lanes'] as const) {
    if (kdf[key] < LIMITS[key].least || kdf[key] > LIMITS[key].most) throw new BadField(key);
  }
}

/** hash-wasm refuses to hash nothing. No password may be as short as this one. */
const IN_PLACE_OF_NOTHING = '\0';

/** 32 bytes. The caller zeroes them. An empty password is a wrong one like any other, and costs as much. */
export async function keyFromPassword(password: string, kdf: KdfParameters): Promise<Buffer> {
  const typed = Buffer.from(password.normalize('NFKC') || IN_PLACE_OF_NOTHING, 'utf8');
  try {
    const key = await argon2id({
      password: typed,
      salt: kdf.salt,
      memorySize: kdf.memoryKiB,
      iterations: kdf.passes,
      parallelism: kdf.lanes,
      hashLength: 32,
      outputType: 'binary',
    });
    return Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  } finally {
    typed.fill(0);
  }
}

let selfTest: Promise<void> | null = null;

/**
 * Known answers before the first password: a miscompiled or exchanged hash must not lock anybody
 * out, or in. Once per process. Throws RUNTIME_UNSUITABLE.
 *
 * The vector is the reference implementation's (its test.c: 256 KiB, two passes, two lanes);
 * RFC 9106's own uses associated data, which hash-wasm does not offer. The tests tie both together.
 */
export function argon2SelfTest(): Promise<void> {
  selfTest ??= runSelfTest();
  return selfTest;
}

async function runSelfTest(): Promise<void> {
  const answer = await argon2id({
    password: 'password',
    salt: 'somesalt',
    memorySize: 256,
    iterations: 2,
    parallelism: 2,
    hashLength: 32,
    outputType: 'hex',
  });
  if (answer !== '6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037') {
    throw new CustosError(
      'RUNTIME_UNSUITABLE',
      'The password hash gives wrong answers on this machine. Install Custos again from a trusted copy before entering a password.',
    );
  }
}
