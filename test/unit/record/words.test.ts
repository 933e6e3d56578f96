import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTRY_TYPES, type EntryType } from '#shared/contract/entry-types.ts';
import { summary } from '#core/record/words.ts';

describe('an entry in words', () => {
  it.each<[EntryType, Record<string, unknown>, string]>([
    [
      'look.granted',
      { itemId: 12, rung: 2, purpose: 'decide' },
      'Looked at item 12, rung 2 (small grey), to decide',
    ],
    [
      'look.granted',
      { itemId: 12, rung: 4, purpose: 'relook', reason: 'asked by\n the court' },
      'Looked at item 12, rung 4 (colour), to look again — asked by the court',
    ],
    ['look.covered', { itemId: 12, seconds: 3.14159 }, 'Covered item 12 after 3.1 s'],
    [
      'decision.made',
      { stackId: 4, categoryTitle: 'Lawful', items: [1, 2], reason: '' },
      'Decided stack 4 as “Lawful” (2 items)',
    ],
    [
      'fact.recorded',
      {
        stackId: 4,
        facts: [
          { key: 'persons', value: 'none' },
          { key: 'act', value: null },
        ],
      },
      'Recorded persons: none, act: taken back for stack 4',
    ],
    [
      'import.ended',
      { importId: 2, state: 'done', offered: 5, new: 3, duplicate: 1, unreadable: 1, refused: 0 },
      'Ended import 2 (done) — 5 offered, 3 new, 1 duplicate, 1 unreadable, 0 refused',
    ],
    ['done', { closes: 9 }, 'Finished entry 9'],
    ['session.started', { member: { name: 'Ada' } }, 'A session began for “Ada”'],
    ['session.started', { member: null }, 'A session began before anybody was let in'],
    ['look.granted', { entryUnreadable: 'x' }, 'This entry cannot be read: it was changed'],
  ])('%s %j', (type, detail, words) => {
    expect(summary(type, detail)).toBe(words);
  });

  it.each(ENTRY_TYPES)('%s says something even with an empty detail', (type) => {
    const words = summary(type, {});
    expect(words).toMatch(/^[A-Z][^\n]*[^\s,(]$/);
    expect(words).not.toMatch(/undefined|null|NaN|\[object/);
  });

  it('is one line and never throws, whatever the detail holds', () => {
    const names = 'itemId stackId facts items member reason rung purpose roles files seconds ref';
    const detail = fc.dictionary(fc.constantFrom(...names.split(' ')), fc.jsonValue());
    fc.assert(
      fc.property(fc.constantFrom(...ENTRY_TYPES), detail, (type, value) => {
        expect(summary(type, value as Record<string, unknown>)).not.toContain('\n');
      }),
      { numRuns: 300 },
    );
  });
});
