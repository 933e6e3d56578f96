import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { getMeta, setMeta } from '#core/store/meta.ts';
import { expectChanges, insertedId, prepared } from '#core/store/sql.ts';
import { findCaseByRef, getCase, insertCase, listCases } from '#core/store/tables/cases.ts';
import { deleteRendition, getRendition, putRendition } from '#core/store/tables/derived.ts';
import type { Writer } from '#core/store/types.ts';
import { addMember, codeOf, MEMBER, newDatabases, opened } from './support.ts';

function stores(): { catalogue: Writer; derived: Writer } {
  const { dir, keys } = newDatabases();
  const { catalogue, derived } = opened(dir, keys);
  if (!derived) throw new Error('no derived store');
  addMember(catalogue);
  return { catalogue, derived };
}

const newCase = (ref: string): Parameters<typeof insertCase>[1] => ({
  ref,
  title: `Case ${ref}`,
  service: 'a service',
  lawPack: 'uk',
  createdAt: '2026-01-02T03:04:05.000Z',
  createdBy: MEMBER,
  seq: 4,
});

describe('cases', () => {
  it('come back as they went in, newest first, by id and by reference', () => {
    const { catalogue } = stores();
    expect(listCases(catalogue)).toEqual([]);
    const first = insertCase(catalogue, newCase('A-1'));
    const second = insertCase(catalogue, newCase('A-2'));
    expect(second).toBeGreaterThan(first);
    expect(getCase(catalogue, first)).toEqual({ id: first, ...newCase('A-1') });
    expect(listCases(catalogue).map(({ ref }) => ref)).toEqual(['A-2', 'A-1']);
    expect(findCaseByRef(catalogue, 'A-2')?.id).toBe(second);
    expect(findCaseByRef(catalogue, 'a-2')).toBeNull();
    expect(codeOf(() => getCase(catalogue, 99))).toBe('NOT_FOUND');
  });

  it('have one reference each; any other broken rule stays an error of its own', () => {
    const { catalogue } = stores();
    insertCase(catalogue, newCase('A-1'));
    expect(codeOf(() => insertCase(catalogue, newCase('A-1')))).toBe('ALREADY_EXISTS');
    expect(() => insertCase(catalogue, { ...newCase('A-3'), createdBy: 'nobody' })).toThrow(
      /FOREIGN KEY/,
    );
    expect(listCases(catalogue)).toHaveLength(1);
  });
});

describe('single values', () => {
  it('are absent, set and replaced', () => {
    const { catalogue } = stores();
    expect(getMeta(catalogue, 'last_seq')).toBeNull();
    setMeta(catalogue, 'last_seq', '1');
    setMeta(catalogue, 'last_seq', '2');
    setMeta(catalogue, 'other', '');
    expect(getMeta(catalogue, 'last_seq')).toBe('2');
    expect(getMeta(catalogue, 'other')).toBe('');
  });
});

describe('renditions', () => {
  it('are kept by original and kind, replaced, and removed', () => {
    const { derived } = stores();
    const itemSha256 = randomBytes(32);
    const row = { itemSha256, kind: 'thumbnail', mime: 'image/jpeg', width: 320, height: 200 };
    const [first, second] = [randomBytes(5000), randomBytes(9000)];
    expect(getRendition(derived, itemSha256, 'thumbnail')).toBeNull();
    putRendition(derived, { ...row, bytes: first });
    putRendition(derived, { ...row, width: 100, bytes: second });
    putRendition(derived, { ...row, kind: 'stylised', bytes: first });
    const kept = getRendition(derived, itemSha256, 'thumbnail');
    expect(kept).toEqual({ ...row, width: 100, bytes: second });
    expect(getRendition(derived, randomBytes(32), 'thumbnail')).toBeNull();
    expect(deleteRendition(derived, itemSha256, 'thumbnail')).toBe(true);
    expect(deleteRendition(derived, itemSha256, 'thumbnail')).toBe(false);
    expect(getRendition(derived, itemSha256, 'stylised')?.bytes).toEqual(first);
  });

  it('refuse a name that is no SHA-256 and a picture of no size', () => {
    const { derived } = stores();
    const row = { kind: 'k', mime: 'm', width: 1, height: 1, bytes: Buffer.alloc(1) };
    const put = (change: object): void => {
      putRendition(derived, { itemSha256: randomBytes(32), ...row, ...change });
    };
    expect(() => {
      put({ itemSha256: randomBytes(20) });
    }).toThrow(/CHECK/);
    expect(() => {
      put({ width: 0 });
    }).toThrow(/CHECK/);
    put({});
  });
});

describe('statements', () => {
  it('are prepared once for each handle', () => {
    const [one, other] = [stores().catalogue, stores().catalogue];
    const sql = 'SELECT count(*) AS n FROM cases';
    expect(prepared(one, sql)).toBe(prepared(one, sql));
    expect(prepared(one, sql)).not.toBe(prepared(other, sql));
  });

  it('that meet fewer or more rows than they should are a mistake', () => {
    const { catalogue } = stores();
    const none = catalogue.prepare('DELETE FROM cases').run();
    expect(
      codeOf(() => {
        expectChanges(none, 1, 'cases');
      }),
    ).toBe('INTERNAL');
    expect(codeOf(() => insertedId(none, 'cases'))).toBe('INTERNAL');
    expectChanges(none, 0, 'cases');
  });
});
