/** Reading the small JSON files of a workspace: every field is checked before it is used. */
import { CustosError } from '#shared/domain/errors.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Thrown inside this folder when a file does not have the shape it should have. */
export class BadField extends Error {}

export function parseFields(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadField('not JSON', { cause });
  }
  return asFields(value);
}

export function asFields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadField('not an object');
  }
  return value as Fields;
}

export function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new BadField(key);
  return value;
}

export function whole(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new BadField(key);
  return value;
}

/** Epochs are written with 32 bits in sealed files. */
export const MAX_EPOCH = 0xffff_ffff;

export function epochNumber(fields: Fields, key: string): number {
  const value = whole(fields, key);
  if (value < 1 || value > MAX_EPOCH) throw new BadField(key);
  return value;
}

/** Lower-case hexadecimal of exactly `bytes` bytes. */
export function hex(fields: Fields, key: string, bytes: number): string {
  const value = text(fields, key);
  if (value.length !== bytes * 2 || !/^[0-9a-f]*$/.test(value)) throw new BadField(key);
  return value;
}

export function base64(fields: Fields, key: string): Buffer {
  const value = text(fields, key);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) throw new BadField(key);
  return bytes;
}

/** Runs `read`; a field that is not as it should be becomes WORKSPACE_DAMAGED about `what`. */
export function readOrDamaged<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof BadField)) throw cause;
    throw new CustosError(
      'WORKSPACE_DAMAGED',
      `${what} is damaged and was not used. Copy the whole workspace folder to another disk first, then restore from a backup.`,
      { cause },
    );
  }
}
