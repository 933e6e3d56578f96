/**
 * Source names are metadata only: kept as the bytes the file system gave, shown in a form that
 * cannot lie. Nothing on our disk is ever named after them.
 */

/** C0, DEL and C1 controls, line separators, and everything that reorders or hides text. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const DECEPTIVE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/**
 * The display form of a path: bytes that are no UTF-8 become `⟨FF⟩`, characters that would reorder,
 * hide or break the line become `⟨U+202E⟩`.
 */
export function displayName(raw: Buffer): string {
  return decodeVisibly(raw).replace(DECEPTIVE, (char) => {
    const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return `⟨U+${code}⟩`;
  });
}

function decodeVisibly(raw: Buffer): string {
  const text = raw.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  // Byte by byte where it is needed: the longest valid run, then the offending byte in hex.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let out = '';
  let at = 0;
  while (at < raw.length) {
    const length = sequenceLength(raw[at]!);
    const bytes = raw.subarray(at, at + length);
    try {
      out += decoder.decode(bytes);
      at += length;
    } catch {
      // Not a failure: an invalid sequence is what this loop is here to make visible.
      out += `⟨${raw[at]!.toString(16).toUpperCase().padStart(2, '0')}⟩`;
      at += 1;
    }
  }
  return out;
}

function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  if (first >= 0xc0) return 2;
  return 1;
}
