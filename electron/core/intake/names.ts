/**
 * Source names are metadata only: kept as the bytes the file system gave, shown in a form that
 * cannot lie. Nothing on our disk is ever named after them.
 */

/**
 * Control and formatting characters, line separators, and everything that is drawn as nothing or
 * reorders what is drawn. The opening bracket too, so that no name can pretend to have been changed
 * by us.
 */
const DECEPTIVE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u27e8]/gu;

/**
 * The display form of a path: bytes that are no UTF-8 become `⟨FF⟩`, characters that would reorder,
 * hide or break the line become `⟨U+202E⟩`. Two different names never look the same for that.
 */
export function displayName(raw: Buffer): string {
  let out = '';
  for (const piece of pieces(raw)) out += typeof piece === 'number' ? byte(piece) : visible(piece);
  return out;
}

function visible(text: string): string {
  return text.replace(DECEPTIVE, (char) => {
    const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return `⟨U+${code}⟩`;
  });
}

function byte(value: number): string {
  return `⟨${value.toString(16).toUpperCase().padStart(2, '0')}⟩`;
}

/** Text where the bytes are UTF-8, single bytes where they are not. */
function* pieces(raw: Buffer): Generator<string | number> {
  const whole = raw.toString('utf8');
  if (!whole.includes('\ufffd')) {
    yield whole;
    return;
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let at = 0; at < raw.length;) {
    const first = raw[at]!;
    const length = sequenceLength(first);
    try {
      yield decoder.decode(raw.subarray(at, at + length));
      at += length;
    } catch {
      // Not a failure: an invalid sequence is what this loop is here to make visible.
      yield first;
      at += 1;
    }
  }
}

function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  if (first >= 0xc0) return 2;
  return 1;
}
