/**
 * What may cross a boundary: JSON-plain data and nothing else. Checked in the letter box before a
 * message leaves the screen and again in the gate when it arrives; neither trusts the other.
 */

const DEEPEST = 16;

/**
 * True for null, booleans, finite numbers, strings, arrays and plain objects of these. A missing
 * field (`undefined` inside an object) counts as left out, as it does in JSON. Cycles and anything
 * nested deeper than 16 levels are not plain.
 */
export function isPlain(value: unknown, depth = 0): boolean {
  if (value === null) return true;
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return depth < DEEPEST && isPlainContainer(value, depth + 1);
    default:
      return false;
  }
}

function isPlainContainer(value: object, depth: number): boolean {
  if (Array.isArray(value)) return value.every((entry) => isPlain(entry, depth));
  // SECURITY: an object with another prototype (or a getter of its own) could behave differently
  // when read a second time than it did when it was checked.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(Object.getOwnPropertyDescriptors(value)).every(
    ([key, property]) =>
      key !== '__proto__' &&
      'value' in property &&
      (property.value === undefined || isPlain(property.value, depth)),
  );
}
