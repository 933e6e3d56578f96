/**
 * What may cross a boundary: JSON-plain data and nothing else. Checked in the letter box before a
 * message leaves the screen and again in the gate when it arrives; neither trusts the other.
 */

const DEEPEST = 16;
/**
 * Values and characters together, each counted as often as it would be written out; twice the
 * largest message the gate lets through.
 */
const LARGEST = 2_097_152;

interface Allowance {
  left: number;
}

/**
 * True for null, booleans, finite numbers, strings, arrays and plain objects of these. A missing
 * field (`undefined` inside an object) counts as left out, as it does in JSON. Cycles, anything
 * nested deeper than 16 levels, and anything larger than any message are not plain.
 */
export function isPlain(value: unknown): boolean {
  return isPlainAt(value, 0, { left: LARGEST });
}

function isPlainAt(value: unknown, depth: number, allowance: Allowance): boolean {
  // SECURITY: one array may stand in many places of a message. Written out, a few bytes on the wire
  // become more than any memory holds, so what is counted is the writing out.
  allowance.left -= typeof value === 'string' ? 1 + value.length : 1;
  if (allowance.left < 0) return false;
  if (value === null) return true;
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return depth < DEEPEST && isPlainContainer(value, depth + 1, allowance);
    default:
      return false;
  }
}

function isPlainContainer(value: object, depth: number, allowance: Allowance): boolean {
  if (Array.isArray(value)) {
    // A length costs the sender nothing either: most of an array may be holes.
    if (value.length > allowance.left) return false;
    return value.every((entry) => isPlainAt(entry, depth, allowance));
  }
  // SECURITY: an object with another prototype (or a getter of its own) could behave differently
  // when read a second time than it did when it was checked.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(Object.getOwnPropertyDescriptors(value)).every(([key, property]) => {
    allowance.left -= key.length;
    return (
      key !== '__proto__' &&
      'value' in property &&
      (property.value === undefined || isPlainAt(property.value, depth, allowance))
    );
  });
}
