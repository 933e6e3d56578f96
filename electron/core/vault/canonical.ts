/**
 * One way to write a value down as bytes, for everything that is signed or authenticated:
 * JSON without spaces, keys in the order of their UTF-16 code units (as RFC 8785 for the values
 * allowed here: text, whole numbers, booleans, null, lists, plain objects).
 */
export type CanonicalValue =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue };

export function canonicalText(value: CanonicalValue): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError('only whole numbers have one canonical form here');
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalText(field)}`);
  return `{${fields.join(',')}}`;
}

/**
 * What is signed or authenticated: the purpose, a zero byte, the canonical text. The purpose keeps
 * a value that was signed for one thing from being used as another.
 */
export function canonicalBytes(purpose: string, value: CanonicalValue): Buffer {
  return Buffer.from(`${purpose}\0${canonicalText(value)}`, 'utf8');
}

function isList(value: object): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}
