import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ORIENTATIONS } from '#shared/domain/words.ts';
import {
  bench,
  bringIn,
  checkBooks,
  fakeMedia,
  flipped,
  picture,
  rows,
  write,
  type Bench,
} from './setup.ts';

const HASH = Buffer.alloc(32, 0x5a);
const AT = '2026-11-22T10:00:00.000Z';

interface StackRow {
  id: number;
  items: number;
  undecided: number;
  skippedAt: string | null;
  representative: number;
}

const stacks = (on: Bench): StackRow[] =>
  rows(
    on,
    `SELECT s.id, s.items, s.undecided, s.skipped_at AS skippedAt, i.width AS representative
     FROM stacks s JOIN items i ON i.id = s.representative_id ORDER BY s.id`,
  );
const sizes = (on: Bench): number[] => stacks(on).map((stack) => stack.items);
const idOfWidth = (on: Bench, width: number): number =>
  rows<{ id: number }>(on, 'SELECT id FROM items WHERE width = ?', width)[0]!.id;

/** Pictures in the order they are met; `width` tells them apart. */
async function imported(on: Bench, hashes: Buffer[], from = 0): Promise<void> {
  const files = hashes.map((pdq, n) => {
    const name = `${String(from + n).padStart(3, '0')}.jpg`;
    return [name, picture({ pdq, width: 100 + from + n })] as const;
  });
  await bringIn(on, write(on.source(), Object.fromEntries(files)));
}

function look(on: Bench, itemId: number): void {
  on.session.act({ type: 'look.granted', detail: { itemId } }, (tx, seq) => {
    tx.prepare(
      `INSERT INTO looks (case_id, item_id, stack_id, by, at, rung, purpose, relook, seq)
       VALUES (?, ?, (SELECT stack_id FROM items WHERE id = ?), ?, ?, 1, 'decide', 0, ?)`,
    ).run(on.caseId, itemId, itemId, on.session.member.id, AT, seq);
  });
}

/** As deciding does it, as far as stacks are concerned. */
function decide(on: Bench, stackId: number): void {
  on.session.act({ type: 'decision.made', detail: { stackId } }, (tx, seq) => {
    tx.prepare(
      `INSERT INTO acts (case_id, stack_id, kind, by, at, seq) VALUES (?, ?, 'decide', ?, ?, ?)`,
    ).run(on.caseId, stackId, on.session.member.id, AT, seq);
    tx.prepare("UPDATE items SET state = 'decided' WHERE stack_id = ?").run(stackId);
    tx.prepare('UPDATE stacks SET undecided = 0 WHERE id = ?').run(stackId);
  });
}

describe('stacks', () => {
  it('hold what is within the distance, and leave out what is one bit further', async () => {
    const on = await bench();
    await imported(on, [HASH, flipped(HASH, 0, 31), flipped(HASH, 224, 256)]);
    expect(sizes(on)).toEqual([2, 1]);
    const linked = rows(
      on,
      'SELECT link_distance AS distance, link_orientation AS turn FROM items WHERE width = 101',
    );
    expect(linked).toEqual([{ distance: 31, turn: 'orig' }]);
    await checkBooks(on);
  });

  it('find a picture that was turned, in each of the eight ways', async () => {
    const on = await bench();
    await imported(on, [HASH]);
    for (const [at, turn] of ORIENTATIONS.entries()) {
      // Turned back this way, and only this way, the picture is the one that is there.
      const turned = randomBytes(256);
      HASH.copy(turned, at * 32);
      await imported(on, [turned], at + 1);
      const [row] = rows<{ turn: string }>(
        on,
        'SELECT link_orientation AS turn FROM items ORDER BY id DESC LIMIT 1',
      );
      expect(row?.turn).toBe(turn);
    }
    expect(sizes(on)).toEqual([9]);
    await checkBooks(on);
  });

  it('never hold what cannot be hashed well', async () => {
    const on = await bench();
    const poor = (width: number): Buffer => picture({ pdq: HASH, quality: 49, width });
    const files = { a: poor(1), b: poor(2), c: picture({ pdq: HASH, quality: 50, width: 3 }) };
    await bringIn(on, write(on.source(), files));
    await bringIn(on, write(on.source(), { d: picture({ pdq: HASH, quality: 50, width: 4 }) }));
    expect(sizes(on)).toEqual([1, 1, 2]);
    await checkBooks(on);
  });

  it('do not drift along a chain, not even where every link is larger than the last', async () => {
    const on = await bench();
    const chain = Array.from({ length: 8 }, (_, n) => flipped(HASH, 0, n * 31));
    await imported(on, chain);
    // Founder, 31 and 62 bits away; then the next three; then what is left.
    expect(sizes(on)).toEqual([3, 3, 2]);
    expect(stacks(on).map((stack) => stack.representative)).toEqual([102, 105, 107]);
    await checkBooks(on);
  });

  it('that nobody has touched become one when a picture ties them together', async () => {
    const on = await bench();
    const far = flipped(HASH, 0, 50);
    await imported(on, [HASH, far]);
    expect(sizes(on)).toEqual([1, 1]);
    await imported(on, [flipped(HASH, 0, 25)], 2);
    expect(sizes(on)).toEqual([3]);
    expect(stacks(on)[0]?.representative).toBe(102);
    await checkBooks(on);
  });

  it('that were turned against each other become one over the picture between them', async () => {
    const on = await bench();
    const other = randomBytes(32);
    await imported(on, [HASH, other]);
    const between = randomBytes(256);
    flipped(HASH, 0, 20).copy(between, 0);
    flipped(other, 0, 30).copy(between, 5 * 32);
    await imported(on, [between], 2);
    expect(sizes(on)).toEqual([3]);
    await checkBooks(on);
  });

  it('stay apart where joining them would reach too far', async () => {
    const on = await bench();
    // Three founders in a row: the first and the last are 100 bits apart.
    const at = (bits: number): Buffer => flipped(HASH, 0, bits);
    await imported(on, [at(0), at(50), at(100)]);
    await imported(on, [at(25), at(75)], 3);
    expect(sizes(on).sort()).toEqual([2, 3]);
    await checkBooks(on);
  });

  it.each(['a look', 'a decision', 'a fact', 'a skip'])(
    'with %s are never merged',
    async (what) => {
      const on = await bench();
      await imported(on, [HASH, flipped(HASH, 0, 50)]);
      const [first] = stacks(on);
      if (what === 'a look') look(on, idOfWidth(on, 100));
      else if (what === 'a decision') decide(on, first!.id);
      else {
        on.session.act({ type: 'fact.recorded', detail: {} }, (tx, seq) => {
          const by = on.session.member.id;
          if (what === 'a fact')
            tx.prepare(
              `INSERT INTO facts (stack_id, key, value, certainty, basis, by, at, seq)
             VALUES (?, 'persons', 'one', 'certain', 'described', ?, ?, ?)`,
            ).run(first!.id, by, AT, seq);
          else
            tx.prepare(
              `INSERT INTO acts (case_id, stack_id, kind, by, at, seq) VALUES (?, ?, 'skip', ?, ?, ?)`,
            ).run(on.caseId, first!.id, by, AT, seq);
        });
      }
      // Nearer to the second, which nobody has touched, and near to the first.
      await imported(on, [flipped(HASH, 0, 26)], 2);
      expect(sizes(on)).toEqual([1, 2]);
      // Nearer to the first.
      await imported(on, [flipped(HASH, 0, 12)], 3);
      expect(sizes(on)).toEqual([2, 2]);
      await checkBooks(on);
    },
  );

  it('that were decided come back with a new member, which nobody has decided', async () => {
    const on = await bench();
    await imported(on, [HASH, flipped(HASH, 0, 3)]);
    const [stack] = stacks(on);
    decide(on, stack!.id);
    on.session.act({ type: 'stack.skipped', detail: {} }, (tx) => {
      tx.prepare('UPDATE stacks SET skipped_at = ? WHERE id = ?').run(AT, stack!.id);
    });
    await imported(on, [flipped(HASH, 0, 5)], 2);
    expect(stacks(on)).toMatchObject([{ items: 3, undecided: 1, skippedAt: null }]);
    const states = rows<{ state: string }>(on, 'SELECT state FROM items ORDER BY id');
    expect(states.map(({ state }) => state)).toEqual(['decided', 'decided', 'undecided']);
    await checkBooks(on);
  });

  it('are represented by the largest, unless the one that represents was looked at', async () => {
    const on = await bench();
    await imported(on, [HASH, flipped(HASH, 0, 1)]);
    expect(stacks(on)[0]?.representative).toBe(101);
    look(on, idOfWidth(on, 101));
    await imported(on, [flipped(HASH, 0, 2)], 2);
    expect(stacks(on)[0]?.representative).toBe(101);
  });

  it('are found among more hashes than are read at once', async () => {
    const on = await bench();
    await imported(on, [HASH]);
    const others = 10_050;
    on.session.act({ type: 'import.batch', detail: {} }, (tx, seq) => {
      tx.prepare(
        `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${String(others)})
         INSERT INTO items (case_id, import_id, stack_id, link_to, sha256, sha1, md5, bytes, mime,
           ext, width, height, pdq, pdq_quality, state, created_at, seq)
         SELECT ?, 1, 1, 1, randomblob(32), randomblob(20), randomblob(16), 1, 'image/jpeg', 'jpg', n,
           1, randomblob(32), 100, 'undecided', ?, ? FROM n`,
      ).run(on.caseId, AT, seq);
    });
    const late = randomBytes(32);
    await imported(on, [late], 1);
    await imported(on, [flipped(HASH, 0, 9), flipped(late, 0, 9)], 2);
    const ids = rows<{ near: number | null }>(
      on,
      'SELECT link_to AS near FROM items WHERE id > ? ORDER BY id',
      others + 1,
    );
    expect(ids.map(({ near }) => near)).toEqual([null, 1, others + 2]);
  });

  it('come out the same however many files are prepared at once and whatever takes long', async () => {
    const hashes = Array.from({ length: 12 }, () => randomBytes(32));
    const files = Object.fromEntries(
      Array.from({ length: 90 }, (_, n) => {
        const pdq = flipped(hashes[n % 12]!, (n * 7) % 200, ((n * 7) % 200) + (n % 40));
        const bytes = n % 17 === 16 ? 'no picture' : picture({ pdq, width: 50 + (n % 9) });
        return [`${String(n % 13)}/${String(n)}.jpg`, bytes];
      }),
    );
    const outcomes: unknown[] = [];
    for (const slots of [1, 6]) {
      const on = await bench();
      const delay = slots === 1 ? () => 0 : () => Math.floor(Math.random() * 12);
      await bringIn(on, write(on.source('same'), files), { slots, media: fakeMedia({ delay }) });
      await checkBooks(on);
      outcomes.push([
        rows(
          on,
          `SELECT id, hex(sha256), stack_id, state, width, link_to, link_distance, link_orientation,
             occurrences FROM items ORDER BY id`,
        ),
        rows(on, 'SELECT id, representative_id, items, undecided FROM stacks ORDER BY id'),
        rows<{ p: string }>(
          on,
          'SELECT item_id, path_display AS p FROM occurrences ORDER BY id',
        ).map((row) => ({ ...row, p: row.p.slice(on.folder.length) })),
      ]);
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });
});
