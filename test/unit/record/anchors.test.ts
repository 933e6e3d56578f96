import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAnchors } from '#core/record/anchors.ts';
import { tempFolder } from '../../integration/record/setup.ts';

const anchor = { size: 12, root: 'ab'.repeat(32) };

describe('the anchor store', () => {
  it('remembers each workspace, also when opened again', () => {
    const dir = tempFolder();
    const anchors = openAnchors(dir);
    expect(anchors.get('one')).toBeNull();
    anchors.put('one', anchor);
    anchors.put('one', { ...anchor, size: 13 });
    anchors.put('../two', anchor);
    expect(openAnchors(dir).get('one')).toEqual({ ...anchor, size: 13 });
    expect(openAnchors(dir).get('../two')).toEqual(anchor);
    expect(readdirSync(dir)).toEqual(['anchors']);
  });

  it.each([
    ['broken text', '{'],
    ['another workspace', JSON.stringify({ version: 1, workspaceId: 'two', ...anchor })],
    ['a newer version', JSON.stringify({ version: 2, workspaceId: 'one', ...anchor })],
    ['no size', JSON.stringify({ version: 1, workspaceId: 'one', root: anchor.root })],
    ['no root', JSON.stringify({ version: 1, workspaceId: 'one', size: 1, root: 'x' })],
    ['null', 'null'],
  ])('never takes a note with %s for "not seen before"', (_, text) => {
    const dir = tempFolder();
    const anchors = openAnchors(dir);
    anchors.put('one', anchor);
    const [file = ''] = readdirSync(path.join(dir, 'anchors'));
    writeFileSync(path.join(dir, 'anchors', file), text);
    expect(() => anchors.get('one')).toThrow(expect.objectContaining({ code: 'IO_FAILED' }));
  });

  it('says so where it cannot write', () => {
    const dir = tempFolder();
    writeFileSync(path.join(dir, 'anchors'), '');
    const anchors = openAnchors(dir);
    expect(() => anchors.put('one', anchor)).toThrow(
      expect.objectContaining({ code: 'IO_FAILED' }),
    );
    expect(() => anchors.get('one')).toThrow(expect.objectContaining({ code: 'IO_FAILED' }));
  });
});
