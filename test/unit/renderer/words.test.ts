import { describe, expect, it } from 'vitest';
import { ROOMS, roomsFor } from '../../../renderer/bridge/rooms.ts';
import {
  count,
  duration,
  figure,
  plural,
  shortHash,
  size,
  when,
} from '../../../renderer/ui/format.ts';
import { stepInGrid } from '../../../renderer/ui/grid-steps.ts';
import { passwordTrouble } from '../../../renderer/ui/password-rules.ts';
import { tilePattern } from '../../../renderer/ui/pattern.ts';

const thin = (text: string): string => text.replaceAll('_', '\u202f').replaceAll('~', '\u00a0');

describe('numbers and times in words', () => {
  it('groups by three with thin spaces', () => {
    expect(count(0)).toBe('0');
    expect(count(999)).toBe('999');
    expect(count(12480)).toBe(thin('12_480'));
    expect(count(1_000_000)).toBe(thin('1_000_000'));
    expect(count(-1234.5)).toBe(thin('\u22121_234.5'));
  });

  it('gets plurals right', () => {
    expect(plural(1, 'file')).toBe(thin('1~file'));
    expect(plural(0, 'file')).toBe(thin('0~files'));
    expect(plural(2, 'entry', 'entries')).toBe(thin('2~entries'));
  });

  it('writes sizes and durations', () => {
    expect(size(999)).toBe('999 B');
    expect(size(340_000)).toBe('0.3 MB');
    expect(size(4_200_000_000)).toBe('4.2 GB');
    expect(duration(86)).toBe('1 min 26 s');
    expect(duration(120)).toBe('2 min');
    expect(duration(2.44)).toBe('2.4 s');
    expect(duration(0.03)).toBe('< 0.1 s');
    expect(duration(3725)).toBe('1 h 2 min');
  });

  it('says the day only where it is not today, and the year only where it is not this one', () => {
    const now = new Date(2026, 0, 3, 20, 0);
    const at = (...parts: [number, number, number, number, number]): string =>
      new Date(...parts).toISOString();
    expect(when(at(2026, 0, 3, 14, 2), now)).toBe('14:02');
    expect(when(at(2026, 0, 2, 14, 2), now)).toBe('2 Jan 14:02');
    expect(when(at(2025, 11, 31, 9, 5), now)).toBe('31 Dec 2025 09:05');
  });

  it('has no figure where there is nothing to divide by', () => {
    expect(figure(null)).toBe('\u2013');
    expect(figure(0.044)).toBe('0.04');
    expect(shortHash('d8f8f0ce'.padEnd(58, '0') + '9c9b22')).toBe('d8f8f0ce…9c9b22');
  });
});

describe('rooms', () => {
  it('lets each role into its own', () => {
    expect(roomsFor(['supervisor'])).toEqual(['cases', 'bundles', 'record', 'settings']);
    expect(roomsFor(['legal'])).not.toContain('review');
    expect(roomsFor(['investigator'])).not.toContain('record');
    expect(roomsFor(['investigator', 'supervisor'])).toEqual(ROOMS);
    expect(roomsFor([])).toEqual([]);
  });
});

describe('moving in the grid', () => {
  // 0 1 2 3 / 4 5 6 7 / 8 9
  const place = { columns: 4, total: 10, page: 2 };
  it.each([
    ['ArrowRight', 0, 1],
    ['ArrowLeft', 0, null],
    ['ArrowDown', 1, 5],
    ['ArrowDown', 6, 9],
    ['ArrowDown', 8, null],
    ['ArrowRight', 9, null],
    ['PageDown', 3, 9],
    ['PageUp', 5, 1],
    ['End', 2, 9],
    ['Home', 7, 0],
    ['a', 2, null],
  ])('%s from %i leads to %s', (key, active, to) => {
    expect(stepInGrid(key, { ...place, active })).toBe(to);
  });

  it('stays where there is nothing', () => {
    expect(stepInGrid('End', { ...place, active: 0, total: 0 })).toBeNull();
  });
});

describe("a tile's pattern", () => {
  it('is the same for one id and tells ids apart', () => {
    expect(tilePattern(41)).toBe(tilePattern(41));
    const patterns = new Set(Array.from({ length: 500 }, (_, id) => tilePattern(id + 1)));
    expect(patterns.size).toBeGreaterThan(480);
  });
});

describe('a new password', () => {
  it('needs fifteen characters of any kind, typed twice', () => {
    expect(passwordTrouble('short', 'short')).toContain('15');
    // Fifteen characters outside the basic plane are thirty code units: people count characters.
    expect(passwordTrouble('🔒'.repeat(14), '🔒'.repeat(14))).toContain('14');
    expect(passwordTrouble('orbit cactus walnut', 'orbit cactus walnuts')).toContain('same');
    expect(passwordTrouble('orbit cactus walnut', 'orbit cactus walnut')).toBeNull();
  });
});
