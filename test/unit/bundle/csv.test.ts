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
    // Excel takes the wide forms for the same where they are what people type.
    for (const start of ['\uff1d', '\uff0b', '\uff0d', '\uff20', ' =', '"=']) {
      expect(read(csvRow([`${start}1+1`]))[0]?.[0]).toBe(`'${start}1+1`);
    }
    expect(csvRow(['plain', 12, null, ''])).toBe('plain,12,,\r\n');
    expect(csvRow(['a "b", c\nd'])).toBe('"a ""b"", c\nd"\r\n');
  });

  it('makes text also of what follows a semicolon, which ends a cell in half the world', () => {
    const row = csvRow(["/case/a;=cmd|' /C calc'!A0;b.jpg", 'x;"=1+1', 'a\t@SUM(1)', ';; -1']);
    // As a spreadsheet cuts it that knows no comma: no piece begins as a formula does.
    for (const piece of row.split(/[;\t]/)) expect(piece).not.toMatch(/^["\s]*[=+\-@]/);
    expect(csvRow(['a;b - c', 'x = y'])).toBe('a;b - c,x = y\r\n');
  });

  it('brings every cell back', () => {
    const cell = fc
      .string({ unit: 'binary' })
      .filter((text) => !/(^|[;\t])["\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]/.test(text));
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
