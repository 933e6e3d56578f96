import { describe, expect, it } from 'vitest';
import {
  parseCount,
  parseFact,
  parseFacts,
  parseLabel,
  parseReason,
  parseRoles,
  parseSha256,
} from '#electron/cli/parse.ts';
import { oneLine, progressLine, table, visible } from '#electron/cli/words.ts';

const refusal = { code: 'USAGE' };
const refused = (parse: () => unknown): unknown => {
  try {
    return parse();
  } catch (error) {
    return error;
  }
};

describe('what was typed', () => {
  it('roles: known ones, each once', () => {
    expect(parseRoles('legal, investigator,legal')).toEqual(['legal', 'investigator']);
    for (const text of ['', 'legal,', 'Legal', 'king'])
      expect(
        refused(() => parseRoles(text)),
        text,
      ).toMatchObject(refusal);
  });

  it('facts: key, value and how certain', () => {
    expect(parseFact('ageBand=adult')).toEqual({
      key: 'ageBand',
      value: 'adult',
      certainty: 'certain',
    });
    expect(parseFact('origin=generated:likely')).toMatchObject({ certainty: 'likely' });
    for (const text of ['', 'ageBand', 'ageBand=', '=adult', 'ageBand=adult:', '__proto__=x'])
      expect(
        refused(() => parseFact(text)),
        text,
      ).toMatchObject(refusal);
    expect(refused(() => parseFact('ageBand=toString'))).toMatchObject(refusal);
    expect(refused(() => parseFacts(['relevant=no', 'relevant=no']))).toMatchObject(refusal);
  });

  it('numbers: whole ones above zero, in plain digits', () => {
    expect(parseCount('1000000', 'entries')).toBe(1_000_000);
    for (const text of ['0', '-1', '1.5', '1e3', '0x10', ' 1', '', 'NaN', '9'.repeat(20)])
      expect(
        refused(() => parseCount(text, 'entries')),
        text,
      ).toMatchObject(refusal);
  });

  it('hashes, labels and reasons', () => {
    expect(parseSha256(` ${'AB'.repeat(32)}\n`)).toBe('ab'.repeat(32));
    expect(refused(() => parseSha256('ab'.repeat(31)))).toMatchObject(refusal);
    expect(parseLabel(' Ada ', 'A name', 5)).toBe('Ada');
    expect(parseLabel('', 'A source', 5, 0)).toBe('');
    for (const text of ['', '   ', 'longer', 'a\nb', 'a\u001bb'])
      expect(
        refused(() => parseLabel(text, 'A name', 5)),
        text,
      ).toMatchObject(refusal);
    expect(parseReason('two\nlines')).toBe('two\nlines');
    expect(refused(() => parseReason(' x '))).toMatchObject(refusal);
  });
});

describe('what is printed', () => {
  it('shows what a terminal would obey', () => {
    expect(visible('a\u001b[31m\u0007\nb\u009b\u202e\u2028')).toBe(
      'a⟨U+001B⟩[31m⟨U+0007⟩\nb⟨U+009B⟩⟨U+202E⟩⟨U+2028⟩',
    );
    expect(oneLine('a\nb\r')).toBe('a⟨U+000A⟩b⟨U+000D⟩');
    expect(oneLine('Zoë 家 \u{1f9a6}')).toBe('Zoë 家 \u{1f9a6}');
  });

  it('sets out columns, each row on its line', () => {
    expect(
      table([
        ['a', 'b'],
        ['long\nname', 'x'],
      ]),
    ).toBe(`a${' '.repeat(17)}b\nlong⟨U+000A⟩name  x`);
  });

  it('says how far a job has come', () => {
    const job = { total: 12_480, done: 4_180, rate: 96.4, secondsLeft: 86, failed: 0 };
    expect(progressLine(job as never)).toBe('4\u2009180 of 12\u2009480 · 96/s · 1 min 26 s left');
    const begun = { total: null, done: 3, rate: 0, secondsLeft: null, failed: 2 };
    expect(progressLine(begun as never)).toBe('3 so far · 2 could not be read');
  });
});
