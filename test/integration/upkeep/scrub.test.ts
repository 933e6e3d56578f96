import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE_FILE, DERIVED_FILE } from '#core/store/databases.ts';
import { damageOf } from '#core/store/tables/damage.ts';
import { deleteRendition } from '#core/store/tables/derived.ts';
import { listScrubs } from '#core/store/tables/scrubs.ts';
import { beginScrub } from '#core/upkeep/scrub.ts';
import { addOriginals } from '../../support/originals.ts';
import { entries } from '../review/fixture.ts';
import { place, scrubDeps, scrubNow, SIZES, wrong, type Place } from './setup.ts';

const flip = (file: string, at: number): void => {
  const bytes = readFileSync(file);
  bytes[at]! ^= 1;
  writeFileSync(file, bytes);
};
const damageIn = (here: Place, index: number): string | null =>
  damageOf(here.session.catalogue, here.originals[index]!.itemId)?.reason ?? null;

describe('a whole workspace', () => {
  it('is good, quick and full, and the record says so', async () => {
    const here = await place();
    const quick = await scrubNow(here, here.session, 'quick');
    expect(quick).toMatchObject({
      good: true,
      findings: [],
      more: 0,
      notChecked: [],
      record: null,
    });
    expect(quick.originals).toMatchObject({ checked: SIZES.length, damaged: 0, mended: 0 });
    const full = await scrubNow(here, here.session, 'full');
    expect(full).toMatchObject({ good: true, findings: [] });
    expect(full.record).toBeGreaterThan(5);
    const pages = statSync(path.join(here.dir, CATALOGUE_FILE)).size / 4096;
    expect(full.pages.catalogue).toBe(pages);
    expect(full.pages.derived).toBeGreaterThan(0);
    const [ended] = entries(here.session, 'scrub.ended');
    expect(ended?.detail).toMatchObject({ kind: 'full', state: 'done', good: true });
    expect(entries(here.session, 'scrub.begun')).toHaveLength(2);
    const [row] = listScrubs(here.session.catalogue, 1);
    expect(JSON.parse(row!.report!)).toEqual(full);
  });

  it('is told to a supervisor as far as their keys go', async () => {
    const here = await place([
      { name: 'Ines', roles: ['investigator', 'supervisor'] },
      { name: 'Sol', roles: ['supervisor'] },
    ]);
    here.close();
    const session = await here.open('Sol');
    const report = await scrubNow(here, session, 'full');
    expect(report).toMatchObject({ good: true, pages: { derived: null } });
    expect(report.originals.checked).toBe(0);
    expect(report.notChecked[0]).toMatch(/no key to pictures/);
  });
});

describe('an original', () => {
  it('that is missing or of another length is found by a quick scrub; flipped ones by a full one', async () => {
    const here = await place();
    const [, first, second, third, fourth] = here.originals.map(here.blobPath) as [
      string,
      ...string[],
    ];
    rmSync(first!);
    truncateSync(second!, 500);
    flip(third!, 20_000);
    flip(fourth!, statSync(fourth!).size - 1);
    const quick = await scrubNow(here, here.session, 'quick');
    expect(wrong(quick)).toEqual(['ORIGINAL_MISSING', 'ORIGINAL_LENGTH']);
    expect(damageIn(here, 1)).toMatch(/missing/);
    expect(damageIn(here, 3)).toBeNull();
    const full = await scrubNow(here, here.session, 'full');
    expect(full.originals).toMatchObject({ checked: 5, damaged: 4, mended: 0 });
    expect([1, 2, 3, 4].map((index) => damageIn(here, index) !== null)).toEqual(
      Array(4).fill(true),
    );
    expect(damageIn(here, 0)).toBeNull();
    // Each item once, however often it is found.
    expect(entries(here.session, 'item.damaged')).toHaveLength(4);
  });

  it('exchanged with another one is found, although both are sealed and authentic', async () => {
    const here = await place();
    const [a, b] = [here.originals[2]!, here.originals[3]!].map(here.blobPath) as [string, string];
    renameSync(a, `${a}.x`);
    renameSync(b, a);
    renameSync(`${a}.x`, b);
    const report = await scrubNow(here, here.session, 'full');
    expect(report.originals.damaged).toBe(2);
  });

  it('is good again once its bytes are back, by a full scrub and not by a quick one', async () => {
    const here = await place();
    const file = here.blobPath(here.originals[3]!);
    const good = readFileSync(file);
    flip(file, 10_000);
    await scrubNow(here, here.session, 'full');
    expect(damageIn(here, 3)).not.toBeNull();
    writeFileSync(file, good);
    const quick = await scrubNow(here, here.session, 'quick');
    expect(quick.good).toBe(false);
    expect(damageIn(here, 3)).not.toBeNull();
    const full = await scrubNow(here, here.session, 'full');
    expect(full).toMatchObject({ good: true, originals: { damaged: 0, mended: 1 } });
    expect(damageIn(here, 3)).toBeNull();
    expect(entries(here.session, 'item.mended')).toHaveLength(1);
  });

  it('that two cases share is damaged, and mended, in both', async () => {
    const here = await place();
    const [shared] = here.originals.slice(2);
    const [twin] = await addOriginals(here.session, [shared!.bytes], 'CASE-2');
    rmSync(here.blobPath(shared!));
    const report = await scrubNow(here, here.session, 'quick');
    expect(report.originals).toMatchObject({ checked: 5, damaged: 1 });
    expect(damageOf(here.session.catalogue, twin!.itemId)).not.toBeNull();
  });
});

describe('the databases', () => {
  it('are proved page by page, also pages that SQL never reads', async () => {
    const here = await place();
    const { session } = here;
    // Pages of a table that is dropped again are free: no query meets them.
    session.act({ type: 'search.made', detail: {} }, (tx) => {
      tx.exec('CREATE TABLE big (a TEXT)');
      const insert = tx.prepare('INSERT INTO big VALUES (?)');
      for (let row = 0; row < 50; row++) insert.run('x'.repeat(3000));
    });
    session.act({ type: 'search.made', detail: {} }, (tx) => tx.exec('DROP TABLE big'));
    expect(session.catalogue.pragma('freelist_count', { simple: true })).toBeGreaterThan(40);
    expect(await scrubNow(here, session, 'full')).toMatchObject({ good: true });
    here.close();
    const file = path.join(here.dir, CATALOGUE_FILE);
    const pages = statSync(file).size / 4096;
    flip(file, (pages - 3) * 4096 + 100);
    const again = await here.open();
    // Control: SQLite itself notices nothing.
    expect(again.catalogue.pragma('integrity_check', { simple: true })).toBe('ok');
    const report = await scrubNow(here, again, 'full');
    expect(wrong(report)).toEqual(['PAGE']);
    expect(report.findings[0]?.text).toContain(`(${String(pages - 2)})`);
  });

  it('of small pictures is begun anew at the next opening where a page is bad', async () => {
    const here = await place();
    here.close();
    flip(path.join(here.dir, DERIVED_FILE), 2 * 4096 + 50);
    const session = await here.open();
    const report = await scrubNow(here, session, 'full');
    expect(wrong(report)).toEqual(['THUMBNAIL']);
    here.close();
    const next = await here.open();
    expect(next.notices.join(' ')).toMatch(/small pictures .* begun anew/);
    const after = await scrubNow(here, next, 'full');
    expect(after.good).toBe(true);
    expect(after.findings.map(({ code }) => code).sort()).toEqual(['SET_ASIDE', 'THUMBNAIL']);
  });

  it.skipIf(!existsSync('/proc/locks'))('keep the locks that SQLite has on them', async () => {
    const here = await place();
    const { ino } = statSync(path.join(here.dir, CATALOGUE_FILE));
    const locks = (): number =>
      readFileSync('/proc/locks', 'utf8')
        .split('\n')
        .filter((line) => line.includes(`:${String(ino)} `)).length;
    here.session.catalogue.prepare('SELECT 1 FROM items').get();
    expect(locks()).toBeGreaterThan(0);
    await scrubNow(here, here.session, 'full');
    expect(locks()).toBeGreaterThan(0);
    // Control: opening and closing the file elsewhere in this process drops them all.
    closeSync(openSync(path.join(here.dir, CATALOGUE_FILE), 'r'));
    expect(locks()).toBe(0);
  });
});

describe('what lies about', () => {
  it('is told: plaintext, strangers, leftovers, orphans, links, open doors', async () => {
    const here = await place();
    const at = (name: string): string => path.join(here.dir, name);
    writeFileSync(at('holiday.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10]), {
      mode: 0o600,
    });
    writeFileSync(at('record/.x.tmp'), Buffer.alloc(20, 0xfe), { mode: 0o600 });
    writeFileSync(at('blobs/odd.bin'), Buffer.alloc(20, 0xfe), { mode: 0o600 });
    const source = here.blobPath(here.originals[2]!);
    const orphan = `blobs/ab/ab${'0'.repeat(62)}.evb`;
    copyFileSync(source, at(orphan));
    chmodSync(at(orphan), 0o600);
    writeFileSync(
      at(`blobs/cd/cd${'0'.repeat(62)}.evb`),
      '<svg xmlns="http://www.w3.org/2000/svg">',
      {
        mode: 0o600,
      },
    );
    mkdirSync(at('extra'), { mode: 0o700 });
    symlinkSync('/etc/hostname', at('keys/link'));
    chmodSync(at('custos.json'), 0o644);
    const report = await scrubNow(here, here.session, 'quick');
    const told = report.findings.map(({ severity, code }) => `${severity} ${code}`).sort();
    expect(told).toEqual([
      'note LEFTOVER',
      'note ORPHAN',
      'note STRANGE_FILE',
      'note STRANGE_FILE',
      'wrong PERMISSIONS',
      'wrong PLAINTEXT',
      'wrong PLAINTEXT',
      'wrong STRANGE_FILE',
    ]);
    expect(report.good).toBe(false);
    // Evidence that nobody catalogued is left where it is.
    expect(existsSync(at(orphan))).toBe(true);
  });

  it('among the small pictures is counted', async () => {
    const here = await place();
    deleteRendition(here.session.derived!, here.originals[2]!.sha256, 'thumbnail');
    const report = await scrubNow(here, here.session, 'quick');
    expect(report.good).toBe(true);
    expect(report.findings.map(({ text }) => text.slice(0, 8))).toEqual(['1 small ']);
  });
});

describe('key files', () => {
  it('of others are held against what they were', async () => {
    const here = await place([
      { name: 'Ines', roles: ['investigator', 'supervisor'] },
      { name: 'Sol', roles: ['supervisor'] },
    ]);
    expect(await scrubNow(here, here.session, 'quick')).toMatchObject({ good: true });
    const keys = path.join(here.dir, 'keys');
    const recovery = path.join(keys, 'recovery.slot');
    const text = readFileSync(recovery, 'utf8');
    writeFileSync(
      recovery,
      text.replace(
        /("sealed": ?")(.)/,
        (_, key: string, c: string) => key + (c === 'A' ? 'B' : 'A'),
      ),
    );
    expect(wrong(await scrubNow(here, here.session, 'quick'))).toEqual(['KEY_FILE']);
    rmSync(recovery);
    expect(wrong(await scrubNow(here, here.session, 'quick'))).toEqual(['KEY_FILE']);
    writeFileSync(recovery, text, { mode: 0o600 });
    expect(await scrubNow(here, here.session, 'quick')).toMatchObject({ good: true });
    const header = path.join(here.dir, 'custos.json');
    flip(header, 60);
    expect(wrong(await scrubNow(here, here.session, 'quick'))).toEqual(['KEY_FILE']);
  });
});

describe('a scrub', () => {
  it('goes on where it was stopped', async () => {
    const here = await place();
    const controller = new AbortController();
    let seen = 0;
    const stopping = beginScrub(scrubDeps(here, here.session), {
      kind: 'full',
      duty: 0.05,
      resume: true,
    }).run({
      signal: controller.signal,
      setTotal: () => undefined,
      advance(by) {
        if (by.bytes !== undefined && by.done === 1 && ++seen === 2) controller.abort();
      },
    });
    await expect(stopping).rejects.toMatchObject({ code: 'CANCELLED' });
    const [stopped] = listScrubs(here.session.catalogue, 1);
    expect(stopped).toMatchObject({ state: 'cancelled', checked: 2 });
    const next = beginScrub(scrubDeps(here, here.session), { kind: 'full', duty: 1, resume: true });
    expect(next.resumed).toBe(true);
    let done = 0;
    const report = await next.run({
      signal: new AbortController().signal,
      setTotal: () => undefined,
      advance(by) {
        if (by.bytes !== undefined && by.done === 1) done += 1;
      },
    });
    expect(report.originals.checked).toBe(SIZES.length);
    expect(done).toBe(SIZES.length - 2);
    expect(listScrubs(here.session.catalogue, 5)).toHaveLength(1);
    // A finished one is not gone on with.
    const fresh = beginScrub(scrubDeps(here, here.session), {
      kind: 'full',
      duty: 1,
      resume: true,
    });
    expect(fresh.resumed).toBe(false);
  });
});
