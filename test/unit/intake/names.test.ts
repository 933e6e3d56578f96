import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayName } from '#core/intake/names.ts';

const show = (bytes: number[] | string): string => displayName(Buffer.from(bytes as string));

/** What a display form says, read back: it must lose nothing. */
function undo(shown: string): Buffer {
  const parts = shown.split(/⟨(U\+[0-9A-F]+|[0-9A-F]{2})⟩/u);
  return Buffer.concat(
    parts.map((part, at) => {
      if (at % 2 === 0) return Buffer.from(part);
      if (part.startsWith('U+'))
        return Buffer.from(String.fromCodePoint(parseInt(part.slice(2), 16)));
      return Buffer.from([parseInt(part, 16)]);
    }),
  );
}

describe('display names', () => {
  it('leaves ordinary names of any script alone', () => {
    for (const name of [
      'holiday 2024.jpg',
      'Ärger/ñandú.png',
      '写真/ひまわり.webp',
      'صورة.jpg',
      '🌻.jpg',
    ])
      expect(show(name)).toBe(name);
  });

  it('shows what would reorder, hide or break the line', () => {
    expect(show('exe.\u202egpj.jpg')).toBe('exe.⟨U+202E⟩gpj.jpg');
    expect(show('a\nb\tc\rd\u001b[2J\u007f\u0085')).toBe(
      'a⟨U+000A⟩b⟨U+0009⟩c⟨U+000D⟩d⟨U+001B⟩[2J⟨U+007F⟩⟨U+0085⟩',
    );
    expect(show('a\u200bb\u2066c\u2069\u2028d\ufeffe\u00adf\u061c')).toBe(
      'a⟨U+200B⟩b⟨U+2066⟩c⟨U+2069⟩⟨U+2028⟩d⟨U+FEFF⟩e⟨U+00AD⟩f⟨U+061C⟩',
    );
    expect(show('\u3164\u115f\uffa0\ufe0f\u2800\u{e0041}\u{e0101}')).toBe(
      '⟨U+3164⟩⟨U+115F⟩⟨U+FFA0⟩⟨U+FE0F⟩⟨U+2800⟩⟨U+E0041⟩⟨U+E0101⟩',
    );
  });

  it('shows bytes that are no UTF-8 one by one', () => {
    expect(show([0x61, 0xff, 0x62])).toBe('a⟨FF⟩b');
    expect(show([0xc0, 0xaf])).toBe('⟨C0⟩⟨AF⟩'); // overlong slash
    expect(show([0xed, 0xa0, 0x80])).toBe('⟨ED⟩⟨A0⟩⟨80⟩'); // surrogate
    expect(show([0xf0, 0x9f, 0x8c])).toBe('⟨F0⟩⟨9F⟩⟨8C⟩'); // cut off
    expect(show([0xf0, 0x9f, 0x8c, 0xbb, 0xff])).toBe('🌻⟨FF⟩');
    expect(show([0xef, 0xbf, 0xbd])).toBe('\ufffd'); // a real replacement character
  });

  it('lets no name pretend to have been changed', () => {
    expect(show('⟨FF⟩.jpg')).toBe('⟨U+27E8⟩FF⟩.jpg');
  });

  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
    fc
      .array(fc.constantFrom('\u202e', '\u2067', '\u0000', '⟨U+', '⟩', '\ufffd', 'a', '🌻'))
      .map((parts) => Buffer.from(parts.join(''))),
  );

  it('never yields a control, a bidirectional or an invisible character', () => {
    fc.assert(
      fc.property(hostile, (raw) => {
        expect(displayName(raw)).not.toMatch(
          // eslint-disable-next-line no-control-regex -- written out a second time, by code point
          /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/,
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('never shows two different names alike: every form can be read back', () => {
    fc.assert(
      fc.property(hostile, (raw) => {
        expect(undo(displayName(raw)).equals(raw)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
