import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listFailures } from '#core/store/tables/imports.ts';
import {
  bench,
  bringIn,
  checkBooks,
  codeOf,
  fakeMedia,
  lastImport,
  makePipe,
  newCase,
  picture,
  rows,
  write,
  type Bench,
} from './setup.ts';

const isRoot = process.getuid?.() === 0;

describe('the ledger', () => {
  it('accounts for every kind of file, and a second run adds places, not items', async () => {
    const on = await bench();
    const copy = picture();
    const dir = write(on.source(), {
      'a.jpg': copy,
      'b/copy.jpg': copy,
      'c.jpg': picture(),
      'broken.jpg': 'not a picture',
      'broken-again.jpg': 'not a picture',
      'empty.jpg': '',
    });
    symlinkSync('/etc/hostname', path.join(dir, 'link.jpg'));
    const first = await bringIn(on, dir);
    expect(first).toMatchObject({ offered: 7, new: 2, duplicate: 2, unreadable: 2, refused: 1 });
    await checkBooks(on);
    const failures = listFailures(on.session.catalogue, first.importId, { offset: 0, limit: 10 });
    expect(failures.total).toBe(first.unreadable + first.refused);
    expect(failures.failures.map((failure) => path.basename(failure.path))).toEqual([
      'link.jpg',
      'broken-again.jpg',
      'empty.jpg',
    ]);

    const media = fakeMedia();
    const second = await bringIn(on, dir, { source: 'service B', media });
    expect(second).toMatchObject({ offered: 7, new: 0, duplicate: 6, unreadable: 0, refused: 1 });
    expect(media.analysed).toBe(0);
    await checkBooks(on);
    expect(rows(on, 'SELECT 1 FROM items')).toHaveLength(4);
    expect(rows(on, 'SELECT 1 FROM occurrences')).toHaveLength(12);
  });

  it('takes the same bytes many times at once as one item', async () => {
    const on = await bench();
    const copy = picture();
    const files = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`${String(n)}.jpg`, n % 5 === 4 ? picture() : copy]),
    );
    const media = fakeMedia({ delay: () => 5 });
    const outcome = await bringIn(on, write(on.source(), files), { media, slots: 8 });
    expect(outcome).toMatchObject({ offered: 100, new: 21, duplicate: 79 });
    expect(media.peak).toBeGreaterThan(1);
    await checkBooks(on);
  });

  it('keeps one original for two cases, and checks the one that is there', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'a.jpg': picture(), 'b.jpg': picture() });
    await bringIn(on, dir);
    const other = newCase(on.session, 'CASE-2');
    expect(await bringIn(on, dir, { caseId: other })).toMatchObject({ new: 2, duplicate: 0 });
    await checkBooks(on);
    expect(
      execFileSync('find', [path.join(on.dir, 'blobs'), '-type', 'f'])
        .toString()
        .trim()
        .split('\n'),
    ).toHaveLength(2);
  });

  it('does not vouch for a damaged original that an interrupted import left', async () => {
    const on = await bench();
    const bytes = picture();
    const sha256 = await seal(on, bytes);
    const file = execFileSync('find', [path.join(on.dir, 'blobs'), '-type', 'f'])
      .toString()
      .trim();
    const sealed = readFileSync(file);
    sealed[sealed.length - 1]! ^= 1;
    writeFileSync(file, sealed);
    await expect(on.session.blobs!.read(sha256)).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
    expect(await bringIn(on, write(on.source(), { 'a.jpg': bytes }))).toMatchObject({ new: 1 });
    await checkBooks(on);
  });

  it('imports a file whose blob was placed just before a crash', async () => {
    const on = await bench();
    const bytes = picture();
    await seal(on, bytes);
    expect(await bringIn(on, write(on.source(), { 'a.jpg': bytes }))).toMatchObject({ new: 1 });
    await checkBooks(on);
  });

  it('keeps what was finished when it is cancelled', async () => {
    const on = await bench();
    const files = Object.fromEntries(
      Array.from({ length: 120 }, (_, n) => [`${String(n)}.jpg`, picture()]),
    );
    const dir = write(on.source(), files);
    const controller = new AbortController();
    const cancelled = bringIn(on, dir, {
      signal: controller.signal,
      media: fakeMedia({ delay: () => 1 }),
      onAdvance: () => controller.abort(),
    });
    expect(await codeOf(cancelled)).toBe('CANCELLED');
    const row = lastImport(on);
    expect(row.state).toBe('cancelled');
    expect(row.offered).toBeGreaterThanOrEqual(32);
    expect(row.offered).toBeLessThan(120);
    await checkBooks(on);
    const rest = await bringIn(on, dir);
    expect(rest).toMatchObject({ offered: 120, new: 120 - row.added, duplicate: row.added });
    await checkBooks(on);
  });

  it('is done, not cancelled, when everything was in before the cancel', async () => {
    const on = await bench();
    const controller = new AbortController();
    const dir = write(on.source(), { 'a.jpg': picture() });
    const { signal } = controller;
    await bringIn(on, dir, { signal, onAdvance: () => controller.abort() });
    expect(lastImport(on).state).toBe('done');
  });

  it('writes nothing when cancelled before it began', async () => {
    const on = await bench();
    const controller = new AbortController();
    controller.abort();
    const dir = write(on.source(), { 'a.jpg': picture() });
    expect(await codeOf(bringIn(on, dir, { signal: controller.signal }))).toBe('CANCELLED');
    expect(lastImport(on)).toMatchObject({ state: 'cancelled', offered: 0 });
    await checkBooks(on);
  });

  it('tells totals that are true', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'a.jpg': picture(), 'b/c.jpg': picture(), 'd.txt': 'x' });
    const totals: number[] = [];
    const dones: number[] = [];
    await bringIn(on, dir, {
      onTotal: (total) => totals.push(total),
      onAdvance: (done) => dones.push(done),
    });
    expect(totals).toEqual([3]);
    expect(dones.at(-1)).toBe(3);
  });

  it('places near-duplicates of two imports that run at once in one stack', async () => {
    const on = await bench();
    const pdq = Buffer.alloc(32, 0x5a);
    const many = (width: number): Record<string, Buffer> =>
      Object.fromEntries(
        Array.from({ length: 40 }, (_, n) => [
          `${String(n)}.jpg`,
          picture({ pdq, width: width + n }),
        ]),
      );
    const both = await Promise.all([
      bringIn(on, write(on.source(), many(100))),
      bringIn(on, write(on.source(), many(500)), { source: 'service B' }),
    ]);
    expect(both.map((outcome) => outcome.new)).toEqual([40, 40]);
    expect(rows<{ items: number }>(on, 'SELECT items FROM stacks')).toEqual([{ items: 80 }]);
    await checkBooks(on);
  });
});

describe('sources', () => {
  it('refuses what is no regular file, without waiting on it', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'a.jpg': picture() });
    makePipe(path.join(dir, 'pipe.jpg'));
    const server = createServer();
    await new Promise<void>((done) => server.listen(path.join(dir, 'socket.jpg'), done));
    onTestFinished(() => void server.close());
    symlinkSync('a.jpg', path.join(dir, 'link.jpg'));
    symlinkSync('.', path.join(dir, 'loop'));
    symlinkSync('nowhere', path.join(dir, 'dangling'));
    let devices = 0;
    if (isRoot) {
      execFileSync('mknod', [path.join(dir, 'zero.jpg'), 'c', '1', '5']);
      devices = 1;
    } else console.warn('not tested: a device node can be made by root only');
    const outcome = await bringIn(on, dir);
    expect(outcome).toMatchObject({ new: 1, refused: 5 + devices });
    const codes = rows<{ code: string }>(on, 'SELECT DISTINCT code FROM refusals');
    expect(codes).toEqual([{ code: 'SOURCE_REFUSED' }]);
    await checkBooks(on);
  });

  it.skipIf(isRoot)('refuses what it may not read', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'a.jpg': picture(), 'b.jpg': picture() });
    execFileSync('chmod', ['000', path.join(dir, 'b.jpg')]);
    expect(await bringIn(on, dir)).toMatchObject({ new: 1, refused: 1 });
    await checkBooks(on);
  });
  if (isRoot) console.warn('not tested: files that may not be read, because root may read all');

  it('never imports the workspace, however its folder is spelt', async () => {
    const on = await bench();
    write(on.folder, { 'evidence/a.jpg': picture() });
    const link = path.join(on.folder, '..', `${path.basename(on.folder)}-link`);
    symlinkSync(path.dirname(on.folder), link);
    onTestFinished(() => unlinkSync(link));
    const before = process.cwd();
    process.chdir(on.folder);
    onTestFinished(() => process.chdir(before));
    // Beside the workspace lie the picture and what this machine keeps for itself.
    for (const spelt of ['.', `${link}/${path.basename(on.folder)}`, `${on.folder}/evidence/..`]) {
      const { importId } = await bringIn(on, spelt);
      expect(rows(on, 'SELECT reason FROM refusals WHERE import_id = ?', importId)).toEqual([
        { reason: 'This folder is the workspace itself.' },
      ]);
    }
    const met = rows<{ path: string }>(on, 'SELECT path_display AS path FROM occurrences');
    expect(met.filter((place) => place.path.endsWith('/evidence/a.jpg'))).toHaveLength(3);
    expect(met.filter((place) => place.path.includes('/workspace/'))).toEqual([]);
    for (const inside of [
      on.dir,
      path.join(on.dir, 'blobs'),
      path.join(link, path.basename(on.folder), 'workspace'),
    ])
      expect(await codeOf(bringIn(on, inside))).toBe('SOURCE_REFUSED');
    await checkBooks(on);
  });

  it('says what is wrong with a source before anything is written', async () => {
    const on = await bench();
    const before = on.session.record.size;
    const good = write(on.source(), { 'a.jpg': picture() });
    const missing = path.join(on.folder, 'not there');
    await expect(bringIn(on, [good, missing])).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining(missing) as string,
    });
    for (const system of ['/proc', '/proc/self', '/sys', '/dev/null'])
      expect(await codeOf(bringIn(on, [good, system]))).toBe('SOURCE_REFUSED');
    expect(on.session.record.size).toBe(before);
    expect(rows(on, 'SELECT 1 FROM imports')).toEqual([]);
  });

  it('takes a chosen path as the system does, and a chosen link as a link', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'far/in/a.jpg': picture(), 'b.jpg': picture() });
    const link = path.join(dir, 'link');
    symlinkSync(path.join(dir, 'far', 'in'), link);
    expect(await bringIn(on, `${link}/..`)).toMatchObject({ offered: 1, new: 1 });
    expect(rows(on, 'SELECT path_display AS path FROM occurrences')).toEqual([
      { path: path.join(dir, 'far', 'in', 'a.jpg') },
    ]);
    for (const itself of [link, `${link}/`])
      expect(await bringIn(on, itself)).toMatchObject({ offered: 1, refused: 1 });
  });

  it('takes a folder once, though it was chosen twice', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'b/a.jpg': picture() });
    const outcome = await bringIn(on, [dir, path.join(dir, 'b')]);
    expect(outcome).toMatchObject({ offered: 2, new: 1, refused: 1 });
    await checkBooks(on);
  });

  it('refuses a file that changed while it was read, and leaves nothing of it', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'a.jpg': picture(), 'b.jpg': picture() });
    const changing = path.join(dir, 'a-large.bin');
    writeFileSync(changing, Buffer.alloc(70 * 1024 * 1024));
    const touching = setInterval(() => utimesSync(changing, new Date(), new Date()), 2);
    onTestFinished(() => clearInterval(touching));
    expect(await bringIn(on, dir)).toMatchObject({ offered: 3, new: 2, refused: 1 });
    expect(rows(on, 'SELECT code FROM refusals')).toEqual([{ code: 'SOURCE_CHANGED' }]);
    await checkBooks(on);
  });

  it('keeps names as the bytes they are, and shows them so that they cannot lie', async () => {
    const on = await bench();
    const dir = Buffer.from(on.source());
    const names = [
      Buffer.from([0x61, 0xff, 0xfe, 0x2e, 0x6a, 0x70, 0x67]),
      Buffer.from('photo\u202egpj.exe'),
      Buffer.from('two\nlines.jpg'),
      Buffer.from('🌻.jpg'),
    ];
    for (const name of names)
      writeFileSync(Buffer.concat([dir, Buffer.from('/'), name]), picture());
    expect(await bringIn(on, dir.toString())).toMatchObject({ new: 4 });
    const kept = rows<{ raw: Buffer; shown: string }>(
      on,
      'SELECT path_raw AS raw, path_display AS shown FROM occurrences',
    );
    expect(kept.map(({ raw }) => raw.subarray(dir.length + 1).toString('hex')).sort()).toEqual(
      names.map((name) => name.toString('hex')).sort(),
    );
    expect(kept.map(({ shown }) => path.posix.basename(shown)).sort()).toEqual(
      ['a⟨FF⟩⟨FE⟩.jpg', 'photo⟨U+202E⟩gpj.exe', 'two⟨U+000A⟩lines.jpg', '🌻.jpg'].sort(),
    );
  });

  it('takes a file whose date no calendar has', async () => {
    const on = await bench();
    const dir = write(on.source(), { 'a.jpg': picture(), 'b.jpg': picture() });
    utimesSync(path.join(dir, 'a.jpg'), 1, 4_000_000_000_000);
    const late = execFileSync('stat', ['-c', '%Y', path.join(dir, 'a.jpg')])
      .toString()
      .trim();
    expect(await bringIn(on, dir)).toMatchObject({ new: 2 });
    const dates = rows<{ at: string | null }>(on, 'SELECT modified_at AS at FROM occurrences');
    for (const { at } of dates) if (at !== null) expect(at).toMatch(/^\d{4}-/);
    if (Number(late) > 253_402_300_799) expect(dates[0]?.at).toBeNull();
    else console.warn('not tested: this file system keeps no date after the year 9999');
  });

  it('walks a very deep and a very wide folder', async () => {
    const on = await bench();
    const dir = on.source();
    const deep = path.join(dir, ...Array.from({ length: 900 }, () => 'd'));
    mkdirSync(deep, { recursive: true });
    write(deep, { 'a.jpg': picture() });
    const wide = Array.from({ length: 500 }, (_, n) => [`w/${String(n)}.txt`, 'same'] as const);
    write(dir, Object.fromEntries(wide));
    expect(await bringIn(on, dir)).toMatchObject({ offered: 501, new: 1, unreadable: 1 });
  });
});

async function seal(on: Bench, bytes: Buffer): Promise<Buffer> {
  const sha256 = createHash('sha256').update(bytes).digest();
  await on.session.blobs!.commit(await on.session.blobs!.seal(bytes), sha256);
  return sha256;
}
