import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { previewSources } from '#core/intake/preview.ts';
import { importSummaries } from '#core/intake/summaries.ts';
import { bench, bringIn, codeOf, picture, rows, write } from './setup.ts';

describe('the dry run', () => {
  it('counts by content, names what will be refused, and keeps nothing', async () => {
    const on = await bench();
    const dir = write(on.source(), {
      'really.png': Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]),
      'b/x.jpg': Buffer.from('89504e470d0a1a0a', 'hex'),
      'c.jpg': 'text',
      empty: '',
    });
    symlinkSync('c.jpg', path.join(dir, 'link.jpg'));
    const before = on.session.record.size;
    const seen = await previewSources(on.session, [dir]);
    expect(seen).toMatchObject({
      files: 4,
      bytes: 18,
      refused: 1,
      byType: { jpg: 1, png: 1, txt: 1, bin: 1 },
      expectedSeconds: null,
      truncated: false,
    });
    expect(seen.freeBytes).toBeGreaterThan(0);
    expect(on.session.record.size).toBe(before);
    expect(rows(on, 'SELECT 1 FROM imports')).toEqual([]);
  });

  it('expects a time once an import has been measured', async () => {
    const on = await bench();
    await bringIn(on, write(on.source(), { 'a.jpg': picture() }));
    const { expectedSeconds } = await previewSources(on.session, [on.source('empty')]);
    expect(expectedSeconds === null || expectedSeconds === 0).toBe(true);
    expect(importSummaries(on.session, on.caseId)).toMatchObject([
      { ledger: { offered: 1, new: 1 }, stacks: 1, state: 'done' },
    ]);
  });

  it('says what is wrong with a source', async () => {
    const on = await bench();
    expect(await codeOf(previewSources(on.session, ['/not/there']))).toBe('SOURCE_UNREADABLE');
    expect(await codeOf(previewSources(on.session, [on.dir]))).toBe('SOURCE_REFUSED');
  });
});
