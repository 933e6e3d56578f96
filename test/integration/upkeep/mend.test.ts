/** Damage of an original, met and mended by the rest of the product. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { countDamaged, damageOf } from '#core/store/tables/damage.ts';
import { bench, bringIn, checkBooks, picture, rows, write, type Bench } from '../intake/setup.ts';
import { entries } from '../review/fixture.ts';
import { build, clock, makePlace, makeCase, requestBundle } from '../bundle/fixture.ts';
import { scrubNow } from './setup.ts';

function blobs(on: { dir: string }): string[] {
  const folder = path.join(on.dir, 'blobs');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.evb'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}
const spoil = (file: string): void => {
  const bytes = readFileSync(file);
  bytes[120]! ^= 1;
  writeFileSync(file, bytes);
};
const itemsOf = (on: Bench): number => rows(on, 'SELECT id FROM items').length;

describe('importing the same bytes again', () => {
  it.each(['missing', 'damaged, and known to be'])('mends an original that is %s', async (what) => {
    const on = await bench();
    const dir = write(on.source(), { 'a.jpg': picture(), 'b.jpg': picture() });
    await bringIn(on, dir);
    const [file] = blobs(on);
    if (what === 'missing') rmSync(file!);
    else spoil(file!);
    const found = await scrubNow(on, on.session, 'full');
    expect(found.originals.damaged).toBe(1);
    expect(countDamaged(on.session.catalogue)).toBe(1);
    const before = itemsOf(on);
    expect(await bringIn(on, dir)).toMatchObject({ new: 0, duplicate: 2 });
    expect(itemsOf(on)).toBe(before);
    expect(countDamaged(on.session.catalogue)).toBe(0);
    const mended = entries(on.session, 'import.batch').filter(({ detail }) => 'mended' in detail);
    expect(mended).toHaveLength(1);
    await checkBooks(on);
    expect(await scrubNow(on, on.session, 'full')).toMatchObject({ good: true });
  });

  it('puts back what is missing, also where nobody has noticed yet', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'a.jpg': picture() });
    await bringIn(on, dir);
    rmSync(blobs(on)[0]!);
    await bringIn(on, dir);
    expect(await scrubNow(on, on.session, 'full')).toMatchObject({ good: true });
  });
});

describe('a bundle', () => {
  it('marks the item whose original it met damaged, and clears it once it is whole', async () => {
    const place = await makePlace();
    try {
      const session = await place.workspace.open();
      const { caseId, itemIds } = await makeCase(session, 2);
      const file = blobs({ dir: place.workspace.dir }).find(
        (name) => readFileSync(name).length > 100_000,
      )!;
      const good = readFileSync(file);
      spoil(file);
      const asked = await requestBundle(
        { session, clock },
        { caseId, edition: 'sealed', recipients: [place.key.recipient] },
      );
      await expect(build(session, asked.id, place.path('x'))).rejects.toMatchObject({
        code: 'BLOB_DAMAGED',
      });
      const marked = itemIds.filter((id) => damageOf(session.catalogue, id) !== null);
      expect(marked).toHaveLength(1);
      writeFileSync(file, good);
      await build(session, asked.id, place.path('x'));
      expect(countDamaged(session.catalogue)).toBe(0);
      expect(entries(session, 'item.mended')).toHaveLength(1);
    } finally {
      place.workspace.remove();
    }
  });
});
