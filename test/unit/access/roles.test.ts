import { describe, expect, it } from 'vitest';
import { allows } from '#core/access/roles.ts';
import { secondsToWait } from '#core/access/slow-down.ts';

describe('who may call', () => {
  it('depends on the rule and the roles alone', () => {
    expect(allows('anyone', null)).toBe(true);
    expect(allows('member', null)).toBe(false);
    expect(allows('member', ['legal'])).toBe(true);
    expect(allows(['supervisor'], null)).toBe(false);
    expect(allows(['supervisor'], [])).toBe(false);
    expect(allows(['supervisor'], ['investigator', 'legal'])).toBe(false);
    expect(allows(['investigator', 'legal'], ['legal', 'supervisor'])).toBe(true);
  });
});

describe('the wait after failures', () => {
  it('doubles up to five minutes', () => {
    expect([0, 1, 2, 3, 8, 9, 10, 1000].map(secondsToWait)).toEqual([
      0, 1, 2, 4, 128, 256, 300, 300,
    ]);
  });
});
