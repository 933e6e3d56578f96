import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvReader, csvRow } from '#core/bundle/csv.ts';

function read(text: string): string[][] {
  const rows: string[][] = [];
  const reader = csvReader((cells) => rows.push(cells));
  for (const char of text) reader.push(char);
  reader.end();
  return rows;
}

describe('CSV', () => {
  it('makes text of what a spreadsheet would run', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r']) {
      expect(read(csvRow([`${start}cmd|' /C calc'!A0`]))[0]?.[0]?.startsWith("'")).toBe(true);
    }
    expect(csvRow(['plain', 12, null, ''])).toBe('plain,12,,\r\n');
    expect(csvRow(['a "b", c\nd'])).toBe('"a ""b"", c\nd"\r\n');
  });

  it('brings every cell back', () => {
    const cell = fc.string({ unit: 'binary' }).filter((text) => !/^[=+\-@\t\r]/.test(text));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1 }), { maxLength: 5 }), (rows) => {
        expect(read(rows.map((row) => csvRow(row)).join(''))).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses what is not CSV', () => {
    for (const text of ['a\n', 'a\r', 'a', 'a,"b', '"a"b\r\n', 'a"b\r\n', ',']) {
      expect(() => read(text), text).toThrow(SyntaxError);
    }
    expect(() => csvReader(() => undefined, 10).push('x'.repeat(11))).toThrow(/too long/);
  });
});
