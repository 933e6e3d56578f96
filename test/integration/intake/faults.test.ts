import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CustosError, type ErrorCode } from '#shared/domain/errors.ts';
import type { Session } from '#core/access/types.ts';
import type { BlobStore } from '#core/store/types.ts';
import {
  bench,
  bringIn,
  checkBooks,
  codeOf,
  fakeMedia,
  lastImport,
  leftovers,
  picture,
  rows,
  write,
  type Bench,
} from './setup.ts';

const MB = 1024 * 1024;

function pictures(count: number): Record<string, Buffer> {
  const name = (n: number): string => `${String(n).padStart(3, '0')}.jpg`;
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n), picture()]));
}

/** The session with some of its blob store's doors changed. */
function withBlobs(session: Session, changed: Partial<BlobStore>): Session {
  const blobs: BlobStore = { ...session.blobs!, ...changed };
  return Object.create(session, { blobs: { value: blobs } }) as Session;
}

/** Throws `code` at the `nth` call and at every later one, as a full disk does. */
function failsFrom(nth: number, code: ErrorCode): () => void {
  let calls = 0;
  return () => {
    calls++;
    if (calls >= nth) throw new CustosError(code, `${code} on purpose.`);
  };
}

async function checkStopped(on: Bench, dir: string, state: string, files: number): Promise<void> {
  const row = lastImport(on);
  expect(row.state).toBe(state);
  await checkBooks(on);
  const again = await bringIn(on, dir);
  expect(again).toMatchObject({ offered: files, new: files - row.added, duplicate: row.added });
  await checkBooks(on);
}

describe('a full disk', () => {
  it.each([1, 33, 40])('at seal number %i', async (nth) => {
    const on = await bench();
    const dir = write(on.source(), pictures(40));
    const { blobs } = on.session;
    const fail = failsFrom(nth, 'DISK_FULL');
    const session = withBlobs(on.session, {
      async seal(bytes) {
        fail();
        return blobs!.seal(bytes);
      },
    });
    await expect(bringIn(on, dir, { session })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(lastImport(on).message).toContain('DISK_FULL on purpose');
    await checkStopped(on, dir, 'failed', 40);
  });

  it.each([1, 20, 40])('at original number %i that takes its place', async (nth) => {
    const on = await bench();
    const dir = write(on.source(), pictures(40));
    const { blobs } = on.session;
    const fail = failsFrom(nth, 'DISK_FULL');
    let moving = 0;
    const session = withBlobs(on.session, {
      async commit(temp, sha256) {
        fail();
        moving++;
        // Others are still being renamed when the first one fails.
        await new Promise((resolve) => setTimeout(resolve, 20));
        await blobs!.commit(temp, sha256);
        moving--;
      },
    });
    expect(await codeOf(bringIn(on, dir, { session }))).toBe('DISK_FULL');
    expect(moving).toBe(0);
    await checkStopped(on, dir, 'failed', 40);
  });

  it.each([1, 2])('at transaction number %i', async (nth) => {
    const on = await bench();
    const dir = write(on.source(), pictures(40));
    const fail = failsFrom(nth, 'DISK_FULL');
    const session = Object.create(on.session, {
      act: {
        value: ((entry, change) =>
          on.session.act(entry, (tx, seq) => {
            if (entry.type === 'import.batch') fail();
            return change(tx, seq);
          })) satisfies Session['act'],
      },
    }) as Session;
    expect(await codeOf(bringIn(on, dir, { session }))).toBe('DISK_FULL');
    expect(lastImport(on).offered).toBe((nth - 1) * 32);
    // The entries of what did not happen are in the record, and say so by not being closed.
    await checkStoppedAfterLooseEntry(on, dir);
  });

  it('while thumbnails are kept is told as what it is', async () => {
    const on = await bench();
    const dir = write(on.source(), pictures(3));
    const derived = Object.create(on.session.derived, {
      transaction: {
        value: () => () => {
          throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
        },
      },
    }) as Session['derived'];
    const session = Object.create(on.session, { derived: { value: derived } }) as Session;
    expect(await codeOf(bringIn(on, dir, { session }))).toBe('DISK_FULL');
    await checkStopped(on, dir, 'failed', 3);
  });
});

async function checkStoppedAfterLooseEntry(on: Bench, dir: string): Promise<void> {
  const { added, state } = lastImport(on);
  expect(state).toBe('failed');
  expect(leftovers(on)).toEqual([]);
  expect(await bringIn(on, dir)).toMatchObject({ new: 40 - added, duplicate: added });
  expect(rows(on, 'SELECT 1 FROM items')).toHaveLength(40);
}

describe('other ends', () => {
  it('tells the first failure, also where the ending cannot be written', async () => {
    const on = await bench();
    const dir = write(on.source(), pictures(5));
    const fail = failsFrom(3, 'IO_FAILED');
    const good = on.session.blobs!;
    const blobs: BlobStore = {
      ...good,
      async seal(bytes) {
        fail();
        return good.seal(bytes);
      },
    };
    const session = Object.create(on.session, {
      blobs: { value: blobs },
      act: {
        value: ((entry, change) => {
          if (entry.type === 'import.ended') throw new CustosError('READ_ONLY', 'Nothing more.');
          return on.session.act(entry, change);
        }) satisfies Session['act'],
      },
    }) as Session;
    expect(await codeOf(bringIn(on, dir, { session }))).toBe('IO_FAILED');
    expect(lastImport(on).state).toBe('running');
    on.close();
    on.session = await on.open();
    expect(lastImport(on).state).toBe('interrupted');
    await checkStopped(on, dir, 'interrupted', 5);
  });

  it('tells a failure even where somebody cancelled as well', async () => {
    const on = await bench();
    const dir = write(on.source(), pictures(40));
    const controller = new AbortController();
    const session = withBlobs(on.session, {
      async seal() {
        controller.abort();
        throw new CustosError('DISK_FULL', 'Full.');
      },
    });
    expect(await codeOf(bringIn(on, dir, { session, signal: controller.signal }))).toBe(
      'DISK_FULL',
    );
    await checkStopped(on, dir, 'failed', 40);
  });

  it('takes a decoder that was killed as a state of the item', async () => {
    const on = await bench();
    const media = fakeMedia({
      answer: (nth) =>
        nth % 3 === 0
          ? {
              readable: false,
              code: 'DECODE_KILLED',
              reason: 'The decoder ended while reading it (signal SIGKILL).',
              mime: 'image/jpeg',
              ext: 'jpg',
            }
          : null,
    });
    const outcome = await bringIn(on, write(on.source(), pictures(9)), { media });
    expect(outcome).toMatchObject({ new: 6, unreadable: 3 });
    await checkBooks(on);
  });

  it.each([
    ['fails in a way nobody foresaw', new Error('boom'), 'INTERNAL', 'failed'],
    [
      'is closed',
      new CustosError('CANCELLED', 'Reading of pictures was ended.'),
      'CANCELLED',
      'failed',
    ],
  ])('leaves nothing behind when the decoders\u2019 pool %s', async (_how, error, code, state) => {
    const on = await bench();
    const dir = write(on.source(), pictures(50));
    const good = fakeMedia();
    let calls = 0;
    const media = {
      ...good,
      analyse: (bytes: Uint8Array) => (calls++ < 40 ? good.analyse(bytes) : Promise.reject(error)),
    };
    expect(await codeOf(bringIn(on, dir, { media }))).toBe(code);
    expect(lastImport(on).state).toBe(state);
    expect(leftovers(on)).toEqual([]);
    await checkBooks(on);
  });

  it('does not wait for a slow source when it is cancelled', async () => {
    const on = await bench();
    const dir = write(on.source(), pictures(200));
    const controller = new AbortController();
    const media = fakeMedia({ delay: () => 5 });
    setTimeout(() => controller.abort(), 100);
    expect(await codeOf(bringIn(on, dir, { media, signal: controller.signal }))).toBe('CANCELLED');
    expect(lastImport(on).offered).toBeLessThan(200);
    await checkBooks(on);
  });
});

describe('large files', () => {
  it('go through in pieces, with the right hashes and little memory', async () => {
    const on = await bench();
    const dir = on.source();
    for (const [name, megabytes] of [
      ['a', 65],
      ['b', 66],
    ] as const) {
      const file = openSync(path.join(dir, name), 'w');
      ftruncateSync(file, megabytes * MB);
      if (name === 'b') writeSync(file, 'end', megabytes * MB - 3);
      closeSync(file);
    }
    const media = fakeMedia({ delay: () => 50 });
    const outcome = await bringIn(on, dir, { media, slots: 6 });
    expect(outcome).toMatchObject({ new: 0, unreadable: 2, bytes: 131 * MB });
    // The two are never in memory together.
    expect(media.peak).toBe(1);
    const zeros = createHash('sha256')
      .update(Buffer.alloc(65 * MB))
      .digest('hex');
    const md5 = createHash('md5')
      .update(Buffer.alloc(65 * MB))
      .digest('hex');
    expect(
      rows(on, 'SELECT lower(hex(md5)) AS md5 FROM items WHERE lower(hex(sha256)) = ?', zeros),
    ).toEqual([{ md5 }]);
    await checkBooks(on);
    // Sealed while they were hashed, before they were known to be known.
    expect(await bringIn(on, path.join(dir, 'a'), { media })).toMatchObject({ duplicate: 1 });
    expect(leftovers(on)).toEqual([]);
  }, 60_000);

  it('leave nothing behind where the decoders fail', async () => {
    const on = await bench();
    const dir = write(on.source(), { a: Buffer.alloc(65 * MB) });
    const media = { ...fakeMedia(), analyse: () => Promise.reject(new Error('boom')) };
    expect(await codeOf(bringIn(on, dir, { media }))).toBe('INTERNAL');
    expect(leftovers(on)).toEqual([]);
  });
});
