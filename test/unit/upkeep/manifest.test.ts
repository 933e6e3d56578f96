import { describe, expect, it } from 'vitest';
import { encodeFiles, momentOf, parseFiles, sharedPath, stateName } from '#core/upkeep/manifest.ts';

const SHA = 'ab'.repeat(32);

describe('the list of a backup', () => {
  it('reads what it writes', () => {
    const files = [
      'custos.json',
      'catalogue.db',
      'keys/0123456789abcdef0123456789abcdef.slot',
      'keys/grants/0123456789abcdef0123456789abcdef.grant',
      'record/000001.evl',
      'record/checkpoints.txt',
      `../../blobs/ab/${SHA}.evb`,
    ].map((path) => ({ path, sha256: SHA }));
    expect(parseFiles(encodeFiles(files))).toEqual(files);
    expect(files.map(sharedPath).filter(Boolean)).toEqual([`blobs/ab/${SHA}.evb`]);
  });

  it.each([
    '../custos.json',
    '../../custos.json',
    '../../../blobs/ab/x.evb',
    `../../blobs/ab/../../../${SHA}.evb`,
    `../../blobs/ab/${SHA}.evb/../../x`,
    '/etc/passwd',
    'keys/../custos.json',
    'keys/grants/../../../x',
    'record/..',
    'record/.hidden',
    'C:\\x',
    'keys\\x',
    'lock.db',
    '',
  ])('takes no name that leads elsewhere: %s', (name) => {
    expect(() => parseFiles(`${SHA}  ${name}\n`)).toThrow(/does not hold/);
  });

  it.each([`${SHA}  custos.json`, `${SHA} custos.json\n`, 'custos.json\n', '\n'])(
    'takes no line that is none: %j',
    (text) => {
      expect(() => parseFiles(text)).toThrow(/does not hold/);
    },
  );
});

it('a state is named by its moment, and the names sort as the moments do', () => {
  const [a, b] = [new Date('2026-11-22T09:59:59.999Z'), new Date('2026-11-22T10:00:00.000Z')];
  expect(stateName(a)).toBe('20261122T095959999Z');
  expect(stateName(a) < stateName(b)).toBe(true);
  expect(momentOf(stateName(a))).toEqual(a);
});
