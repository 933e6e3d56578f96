/**
 * A million items and a million entries: time to open, a page of the gallery, verifying, memory.
 * The rows are made by SQL within one act and the entries in large batches; opening, paging and
 * verifying are the product's own. Control: one byte changed in the middle is found by verifying.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Session } from '#core/access/types.ts';
import type { SizeReport } from './children/size.child.ts';
import { stopwatch, tally, type RigResult, type Tally } from './rig.ts';
import { startChild } from './support/child.ts';
import { placeWithCase, unlock, verify, type Place } from './support/place.ts';

const BATCH = 10_000;

/** What must hold however large a workspace is, up to a million of each. */
const TARGETS = { openSeconds: 2, pageMs: 10, verifySeconds: 5, allMB: 600 } as const;

export async function run(trials: number): Promise<RigResult> {
  const seconds = stopwatch();
  const found = tally();
  const place = await placeWithCase();
  try {
    const entries = await grow(place, trials);
    const built = seconds();
    const report = await measure(place);
    found.acknowledged = trials + entries;
    if (report.items !== trials) found.lose(`${String(report.items)} items are there`);
    if (report.entries < entries) found.lose(`${String(report.entries)} entries are there`);
    if (!report.good) found.miss('the record does not verify');
    hold(report, found);
    return {
      rig: 'size',
      trials,
      acknowledged: found.acknowledged,
      lost: found.lost,
      undetected: found.undetected,
      control: await flipInTheMiddle(place),
      seconds: seconds(),
      notes: [
        `${String(report.items)} items, ${String(report.entries)} entries (made in ${String(built)} s)`,
        `open ${report.openSeconds.toFixed(2)} s (target ${String(TARGETS.openSeconds)}), page of 200 ${report.pageMs.toFixed(1)} ms (${String(TARGETS.pageMs)}), verify ${report.verifySeconds.toFixed(2)} s (${String(TARGETS.verifySeconds)}; decrypting all ${report.decryptSeconds.toFixed(2)} s), memory ${report.openMB.toFixed(0)} MB open, ${report.allMB.toFixed(0)} MB highest (${String(TARGETS.allMB)})`,
        `processor time alone, where other programs share the machine: open ${report.processor.open.toFixed(2)} s with loading, page ${(1000 * report.processor.page).toFixed(1)} ms, verify ${report.processor.verify.toFixed(2)} s`,
        'control: one byte changed in the middle of the record is found',
      ],
      findings: found.findings,
    };
  } finally {
    place.remove();
  }
}

function hold(report: SizeReport, found: Tally): void {
  for (const [name, most] of Object.entries(TARGETS)) {
    const value = report[name as keyof typeof TARGETS];
    if (value >= most) found.miss(`${name} is ${value.toFixed(2)}, the target is ${String(most)}`);
  }
}

/** Answers with the number of entries. */
async function grow(place: Place & { caseId: number }, count: number): Promise<number> {
  const session = await unlock(place);
  addItems(session, place.caseId, count);
  for (let done = session.record.size; done < count; done = session.record.size) {
    const more = Math.min(BATCH, count - done);
    session.record.appendMany(
      Array.from({ length: more }, (_, nth) => ({
        type: 'look.granted' as const,
        detail: { caseId: place.caseId, itemId: done + nth + 1, rung: 2, purpose: 'decide' },
      })),
    );
  }
  session.close('command');
  return count;
}

function addItems(session: Session, caseId: number, count: number): void {
  const entry = { type: 'import.begun' as const, detail: { caseId, source: 'made', exhibit: '' } };
  session.act(entry, (tx, seq) => {
    const at = '2026-11-22T10:00:00.000Z';
    const of = { caseId, count, at, seq, by: session.member.id };
    for (const sql of ROWS) tx.prepare<[typeof of]>(sql).run(of);
  });
}

const NUMBERS = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @count)`;
const ROWS = [
  `INSERT INTO imports (id, case_id, source, exhibit, acquirer, state, started_at, ended_at,
     offered, added, seq)
   VALUES (1, @caseId, 'made', '', @by, 'done', @at, @at, @count, @count, @seq)`,
  `${NUMBERS} INSERT INTO stacks (id, case_id, created_at) SELECT i, @caseId, @at FROM n`,
  `${NUMBERS} INSERT INTO items (id, case_id, import_id, stack_id, sha256, sha1, md5, bytes, mime,
     ext, width, height, frames, pdq, pdq_quality, state, occurrences, sources, created_at, seq)
   SELECT i, @caseId, 1, i, randomblob(32), randomblob(20), randomblob(16), 250000, 'image/jpeg',
     'jpg', 4000, 3000, 1, randomblob(32), 100, 'undecided', 1, 1, @at, @seq FROM n`,
  `${NUMBERS} INSERT INTO occurrences (item_id, import_id, path_raw, path_display, source, exhibit,
     seen_at)
   SELECT i, 1, CAST('photos/picture-' || i || '.jpg' AS BLOB), 'photos/picture-' || i || '.jpg',
     'made', '', @at FROM n`,
  // Last: while a stack waits for its item, every new item is looked for among all stacks.
  'UPDATE stacks SET representative_id = id WHERE case_id = @caseId',
] as const;

async function measure(place: Place & { caseId: number }): Promise<SizeReport> {
  const { dir, machineDir, caseId } = place;
  const child = startChild('size', { dir, machineDir, caseId });
  await child.said('ready');
  child.go();
  await child.over;
  const line = child.words.find((word) => word.startsWith('report '));
  if (line === undefined) throw new Error(`nothing was measured: ${child.complaints()}`);
  return JSON.parse(line.slice(7)) as SizeReport;
}

async function flipInTheMiddle(place: Place): Promise<number> {
  const folder = path.join(place.dir, 'record');
  const segments = readdirSync(folder).filter((name) => name.endsWith('.evl'));
  const file = path.join(folder, segments.sort()[Math.floor(segments.length / 2)]!);
  const bytes = readFileSync(file);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(file, bytes);
  const session = await unlock(place);
  try {
    return (await verify(place, session, { decrypt: false })).good ? 0 : 1;
  } finally {
    session.close('command');
  }
}
