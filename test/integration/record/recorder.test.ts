import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCheckpoint, verifyCheckpoint } from '#core/record/checkpoint.ts';
import { openRecordReadOnly } from '#core/record/recorder.ts';
import { ADA, ALL, BEN, entriesOf, look, noAnchors, OUTSIDER, setUp, snapshot } from './setup.ts';

const typesOf = (entries: { type: string }[]) => entries.map(({ type }) => type);

describe('writing and reading', () => {
  it('gives back what was written, newest first, after closing and opening again', () => {
    const rig = setUp();
    const record = rig.create();
    const first = record.append({ type: 'case.created', detail: { caseId: 1, ref: 'R-1' } });
    record.done(first);
    rig.clock.pass(1500);
    const second = record.appendMany([look(7), look(8)]);
    expect(record.lastDone).toBe(first);
    record.close();

    const again = rig.open({ member: BEN });
    const third = again.append(look(9));
    expect(again.lastDone).toBe(first);
    const { entries, more } = again.read(ALL);
    expect(more).toBe(false);
    expect(entries.map(({ seq }) => seq)).toEqual([...entries.keys()].reverse());
    expect(entries[0]).toEqual({
      seq: third,
      at: '2026-11-22T10:00:01.500Z',
      type: 'look.granted',
      by: 'Ben',
      detail: { caseId: 1, itemId: 9, rung: 2, purpose: 'decide' },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const ada = entries.filter(({ by }) => by === ADA.name);
    expect(typesOf(ada)).toEqual([
      'checkpoint.made',
      'look.granted',
      'look.granted',
      'done',
      'case.created',
      'checkpoint.made',
      'session.started',
    ]);
    expect(ada.find(({ seq }) => seq === second + 1)?.detail).toMatchObject({ itemId: 8 });
    expect(ada.find(({ type }) => type === 'done')?.detail).toEqual({ closes: first });
    again.close();
  });

  it('filters by type, person, case and item, and pages without gap or repetition', () => {
    const rig = setUp();
    let record = rig.create();
    record.appendMany(Array.from({ length: 600 }, (_, i) => look((i + 1) % 50)));
    record.append({ type: 'case.created', detail: { caseId: 2 } });
    record.close();
    record = rig.open({ member: BEN });
    record.append(look(3));
    const read = (query: object) => record.read({ ...ALL, ...query });

    expect(read({ caseId: 2 }).entries).toHaveLength(1);
    expect(read({ itemId: 3 }).entries).toHaveLength(13);
    expect(read({ itemId: 3, by: 'Ben' }).entries).toHaveLength(1);
    expect(read({ types: ['case.created'] }).entries).toHaveLength(1);
    expect(read({ by: 'nobody' }).entries).toHaveLength(0);
    const seqs: number[] = [];
    for (let before: number | null = null, more = true; more;) {
      const page = read({ types: ['look.granted'], before, limit: 97 });
      seqs.push(...page.entries.map(({ seq }) => seq));
      ({ more } = page);
      before = seqs.at(-1) ?? null;
    }
    expect(seqs).toHaveLength(601);
    expect(new Set(seqs).size).toBe(601);
    expect(read({ types: ['look.granted'], limit: 601 }).more).toBe(false);
    record.close();
  });

  it('goes on in new segments, and reads and verifies across them', async () => {
    const rig = setUp({ segmentBytes: 4096 });
    let record = rig.create();
    for (let item = 0; item < 40; item += 1) record.append(look(item));
    record.close();
    record = rig.open();
    for (let item = 40; item < 80; item += 1) record.append(look(item));
    const items = record.read({ ...ALL, types: ['look.granted'] }).entries;
    expect(items.map(({ detail }) => detail['itemId'])).toEqual([...Array(80).keys()].reverse());
    record.close();
    const files = readdirSync(path.join(rig.dir, 'record')).filter((name) => name.endsWith('.evl'));
    expect(files.length).toBeGreaterThan(4);
    expect(await rig.verify()).toMatchObject({ good: true, findings: [] });
  });

  it('writes nothing when it is opened and closed without an act', () => {
    const rig = setUp();
    rig.create().close();
    const { size } = rig.open();
    expect(size).toBe(0);
  });

  it('refuses a second record in the same folder', () => {
    const rig = setUp();
    rig.create().close();
    expect(() => rig.create()).toThrow(expect.objectContaining({ code: 'WORKSPACE_EXISTS' }));
  });

  it('refuses the checkpoint key of another workspace', () => {
    const other = setUp().options;
    const rig = setUp();
    expect(() => rig.create({ checkpoint: other.checkpoint })).toThrow(
      expect.objectContaining({ code: 'WORKSPACE_DAMAGED' }),
    );
  });

  it('refuses an entry that is too long, and one that closes what is not there', () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    const { size } = record;
    const long = { type: 'search.made' as const, detail: { text: 'x'.repeat(1024 * 1024) } };
    expect(() => record.append(long)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
    expect(() => record.done(size)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(record.size).toBe(size);
    expect(record.appendMany([])).toBe(size);
    record.close();
    record.close();
    expect(() => record.append(look(2))).toThrow(
      expect.objectContaining({ code: 'RECORD_UNWRITABLE' }),
    );
  });

  it('records a clock that goes backwards, before the entry it happened at', () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    rig.clock.set('2026-11-22T09:00:00.000Z');
    const seq = record.append(look(2));
    const [last, clock] = record.read({ ...ALL, limit: 2 }).entries;
    expect(last?.seq).toBe(seq);
    expect(last?.detail['itemId']).toBe(2);
    expect(clock?.type).toBe('clock.backwards');
    expect(clock?.detail).toEqual({
      from: '2026-11-22T10:00:00.000Z',
      to: '2026-11-22T09:00:00.000Z',
    });
    record.close();
    rig.clock.set('2026-11-22T08:00:00.000Z');
    const again = rig.open();
    again.append(look(3));
    expect(typesOf(again.read({ ...ALL, limit: 4 }).entries)).toEqual([
      'look.granted',
      'checkpoint.made',
      'clock.backwards',
      'session.started',
    ]);
    again.close();
  });
});

describe('people without keys', () => {
  it('lets a failed unlock be written by nobody and read by a supervisor later', async () => {
    const rig = setUp();
    rig.create().close();
    const locked = rig.open(OUTSIDER);
    locked.append({ type: 'unlock.failed', detail: { reason: 'wrong password' } });
    expect(() => locked.read(ALL)).toThrow(expect.objectContaining({ code: 'NOT_ALLOWED' }));
    expect(() => locked.checkpoint()).toThrow(expect.objectContaining({ code: 'KEY_UNAVAILABLE' }));
    locked.close();

    const supervisor = rig.open();
    supervisor.append({ type: 'workspace.opened', detail: {} });
    const failed = supervisor.read({ ...ALL, types: ['unlock.failed'] }).entries[0];
    expect(failed).toMatchObject({ by: 'nobody', detail: { reason: 'wrong password' } });
    supervisor.close();
    expect(await rig.verify()).toMatchObject({ good: true });
  });

  it('lets an investigator write but not read', () => {
    const rig = setUp({ recordPrivate: null });
    const record = rig.create();
    record.append(look(1));
    expect(() => record.read(ALL)).toThrow(expect.objectContaining({ code: 'NOT_ALLOWED' }));
    record.close();
  });
});

describe('checkpoints', () => {
  it('signs at the start and end of a session, every 1,000 entries, every 5 minutes, on demand', () => {
    const rig = setUp();
    const record = rig.create();
    const sizes = () => readFileSync(rig.notes, 'utf8').match(/^\d+$/gm)?.map(Number);
    record.append(look(0));
    expect(sizes()).toEqual([1]);
    record.appendMany(Array.from({ length: 999 }, (_, i) => look(i)));
    expect(sizes()).toEqual([1]);
    record.append(look(1));
    expect(sizes()).toEqual([1, 1002]);
    rig.clock.pass(5 * 60 * 1000 - 1);
    record.append(look(2));
    expect(sizes()).toHaveLength(2);
    rig.clock.pass(1);
    record.append(look(3));
    expect(sizes()).toEqual([1, 1002, 1005]);
    const made = record.checkpoint();
    expect(made.size).toBe(1007);
    expect(record.size).toBe(1008);
    const { origin } = parseCheckpoint(made.note)?.checkpoint ?? { origin: '' };
    const verified = verifyCheckpoint(made.note, origin, rig.options.checkpointPublic);
    expect(verified?.root.toString('hex')).toBe(made.root);
    record.close();
    expect(sizes()).toEqual([1, 1002, 1005, 1007]);
    expect(rig.options.anchors.get(rig.options.workspaceId)?.size).toBe(1008);
  });
});

describe('verifying', () => {
  it('lets other work in between, and does not mind what is appended meanwhile', async () => {
    const rig = setUp();
    const record = rig.create();
    record.appendMany(Array.from({ length: 6000 }, (_, i) => look(i)));
    let settled = false;
    const verdict = rig.verify().finally(() => (settled = true));
    let meanwhile = 0;
    while (!settled) {
      record.append(look(meanwhile));
      meanwhile += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    record.checkpoint();
    expect(await verdict).toMatchObject({ good: true, entries: 6002, sinceCheckpoint: 6000 });
    expect(meanwhile).toBeGreaterThan(2);
    expect(await rig.verify()).toMatchObject({ good: true, sinceCheckpoint: 0 });
    record.close();
  });

  it('says when a payload is authentic but speaks of another checkpoint', async () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    record.append({ type: 'checkpoint.made', detail: { note: 'of my own', size: 1, root: '' } });
    record.close();
    const { findings } = await rig.verify();
    expect(findings.join()).toContain('another checkpoint');
    expect((await rig.verify(OUTSIDER)).findings.join()).toContain('missing');
  });
});

describe('a crash', () => {
  it('sets a torn last entry aside, notes it, and goes on', async () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    const before = readFileSync(rig.segment);
    const torn = record.append(look(2));
    const after = readFileSync(rig.segment);
    // An entry that was cut off had not returned, so this machine had not remembered it either.
    rig.options.anchors.put(rig.options.workspaceId, { size: 1, root: rootOfOne(rig) });

    // The second look was cut off at every place that matters: within its length, head and body.
    for (const cut of [1, 3, 4, 40, 88, 100, after.length - before.length - 1]) {
      const state = snapshot(rig.dir);
      writeFileSync(rig.segment, after.subarray(0, before.length + cut));
      expect(await rig.verify()).toMatchObject({ good: false });
      const again = rig.open();
      expect(again.notices).toHaveLength(1);
      expect(again.notices[0]).toContain('cut off');
      const entry = again.read({ ...ALL, types: ['record.torn'] }).entries[0];
      const kept = path.join(rig.dir, 'record', String(entry?.detail['file']));
      expect(readFileSync(kept)).toEqual(after.subarray(before.length, before.length + cut));
      expect(again.read({ ...ALL, types: ['look.granted'] }).entries).toHaveLength(1);
      again.close();
      expect(await rig.verify()).toMatchObject({ good: true, findings: [] });
      state.back();
      // The anchor now remembers more than the state put back: the machine must forget for the next.
      rig.options.anchors.put(rig.options.workspaceId, { size: 1, root: rootOfOne(rig) });
    }
    expect(torn).toBe(3);
  });

  it('takes an entry whose bytes had not arrived (zeros) for torn as well', () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    const before = readFileSync(rig.segment).length;
    record.append(look(2));
    const bytes = readFileSync(rig.segment);
    bytes.fill(0, before + 40);
    writeFileSync(rig.segment, bytes);
    expect(rig.open({ anchors: noAnchors }).notices).toHaveLength(1);
    // The control: an entry that had returned is missed, whatever its place looks like.
    writeFileSync(rig.segment, bytes);
    expect(() => rig.open()).toThrow(expect.objectContaining({ code: 'RECORD_TAMPERED' }));
  });

  it('goes on after a crash between making a segment and its first entry', async () => {
    const rig = setUp({ segmentBytes: 1024 });
    const record = rig.create();
    for (let item = 0; item < 5; item += 1) record.append(look(item));
    const segments = readdirSync(path.join(rig.dir, 'record')).filter((n) => n.endsWith('.evl'));
    const last = path.join(rig.dir, 'record', segments.at(-1) ?? '');
    writeFileSync(last, readFileSync(last).subarray(0, 88));
    const again = rig.open({ anchors: noAnchors });
    expect(again.notices).toEqual([]);
    again.append(look(9));
    again.close();
    expect(await rig.verify({ anchors: noAnchors })).toMatchObject({ good: true });
  });

  it('cuts a torn note off the file of checkpoints, which no entry speaks of yet', async () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    record.close();
    writeFileSync(rig.notes, `${readFileSync(rig.notes, 'utf8')}custos/record/5f5f\n12`);
    const again = rig.open();
    again.append(look(2));
    again.close();
    expect(await rig.verify()).toMatchObject({ good: true, findings: [] });
  });
});

describe('opening for reading only', () => {
  it('shows a damaged record, says what does not hold, and changes nothing', () => {
    const rig = setUp();
    const record = rig.create();
    record.appendMany([look(1), look(2), look(3)]);
    record.close();
    const bytes = readFileSync(rig.segment);
    const [started, signed, first] = entriesOf(rig.segment) as [Buffer, Buffer, Buffer];
    const at = 88 + started.length + signed.length + first.length - 40;
    bytes[at] = (bytes[at] as number) ^ 1;
    writeFileSync(rig.segment, bytes);
    expect(() => rig.open()).toThrow(expect.objectContaining({ code: 'RECORD_TAMPERED' }));

    const readOnly = openRecordReadOnly(rig.options);
    expect(readOnly.problems).toHaveLength(1);
    expect(readOnly.size).toBe(6);
    const looks = readOnly.read({ ...ALL, types: ['look.granted'] }).entries;
    expect(looks.map(({ detail }) => detail['itemId'] ?? 'unreadable')).toEqual([
      3,
      2,
      'unreadable',
    ]);
    expect(looks[2]?.detail['entryUnreadable']).toContain('changed');
    expect(() => readOnly.append(look(4))).toThrow(expect.objectContaining({ code: 'READ_ONLY' }));
    readOnly.close();
    expect(readFileSync(rig.segment)).toEqual(bytes);
  });

  it('opens where the whole record was taken away', () => {
    const rig = setUp();
    const readOnly = openRecordReadOnly(rig.options);
    expect(readOnly.problems[0]).toContain('missing');
    expect(existsSync(path.join(rig.dir, 'record'))).toBe(false);
  });
});

function rootOfOne(rig: ReturnType<typeof setUp>): string {
  const note = readFileSync(rig.notes, 'utf8').split('\n\n').slice(0, 2).join('\n\n');
  return parseCheckpoint(`${note}\n`)?.checkpoint.root.toString('hex') ?? '';
}
