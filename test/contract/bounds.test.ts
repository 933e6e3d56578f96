/** What a screen sends may end up in the record, which is never shortened: so everything has an end. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { label } from '#shared/contract/values.ts';
import { CONTRACT } from '#shared/contract/contract.ts';

type Node = Record<string, unknown>;

/** Places in a JSON Schema where a list or a text has no upper bound. */
function unbounded(node: unknown, path = ''): string[] {
  if (Array.isArray(node)) return node.flatMap((one, at) => unbounded(one, `${path}/${at}`));
  if (typeof node !== 'object' || node === null) return [];
  const { type, maxItems, maxLength, pattern, enum: values, const: only } = node as Node;
  const text =
    type === 'string' && [maxLength, pattern, values, only].every((b) => b === undefined);
  const list = type === 'array' && maxItems === undefined;
  return [
    ...(text || list ? [path] : []),
    ...Object.entries(node).flatMap(([key, value]) => unbounded(value, `${path}/${key}`)),
  ];
}

describe('what a screen may send', () => {
  it.each(Object.entries(CONTRACT))('%s: no list and no text without end', (_name, { input }) => {
    expect(unbounded(z.toJSONSchema(input, { io: 'input' }))).toEqual([]);
  });

  it('control: a list and a text without end are seen', () => {
    const input = z.strictObject({
      words: z.array(z.string().max(9)),
      deep: z.array(z.string()).max(9),
    });
    expect(unbounded(z.toJSONSchema(input))).toEqual([
      '/properties/words',
      '/properties/deep/items',
    ]);
  });
});

describe('a label', () => {
  it('holds no control character and no half of a character', () => {
    for (const bad of ['a\u0000b', 'a\nb', 'a\u001b[31m', 'a\ud800', '\udfffb', ' ', '']) {
      expect(label.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
    for (const good of ['OP-7', ' Łódź 北京 \u{1f511} ', '=cmd|x', '<b>', "O'Neill"]) {
      expect(label.safeParse(good).success, good).toBe(true);
    }
  });
});
