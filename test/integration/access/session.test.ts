/** Changes: the entry first, then all of the change or none of it; and what a crash leaves. */
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LAST_SEQ } from '#core/access/session.ts';
import type { Session } from '#core/access/types.ts';
import { openDatabases } from '#core/store/databases.ts';
import { getMeta, setMeta } from '#core/store/meta.ts';
import type { Writer } from '#core/store/types.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { makeWorkspace, type TestWorkspace } from '../../support/workspace.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

async function workspace(...args: Parameters<typeof makeWorkspace>): Promise<TestWorkspace> {
  const made = await makeWorkspace(...args);
  cleanUps.push(made.remove);
  return made;
}

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });
const entry = { type: 'case.created', detail: { ref: 'OP-1' } } as const;
const colour = (session: Session): string | null => getMeta(session.catalogue, 'colour');
const paint = (session: Session, value: string): number =>
  session.act(entry, (tx, seq) => {
    setMeta(tx, 'colour', value);
    return seq;
  });

/** Edits the catalogue as somebody would who holds its key and does not care for the record. */
async function behindTheScenes(made: TestWorkspace, edit: (db: Writer) => void): Promise<void> {
  const session = await made.open();
  const db = Buffer.from(session.keys.db);
  made.close();
  const databases = openDatabases(made.dir, { db, content: null });
  edit(databases.catalogue);
  databases.close();
}

describe('a change', () => {
  it('stores the number of its entry with itself and is closed in the record', async () => {
    const made = await workspace();
    const session = await made.open();
    const seq = paint(session, 'blue');
    expect(colour(session)).toBe('blue');
    expect(getMeta(session.catalogue, LAST_SEQ)).toBe(String(seq));
    expect(session.record.lastDone).toBe(seq);
    session.close('command');
    const again = await made.open();
    expect(colour(again)).toBe('blue');
    expect(again.notices).toEqual([]);
  });

  it('is all or nothing; its entry stays, without effect', async () => {
    const made = await workspace();
    const session = await made.open();
    const before = paint(session, 'blue');
    const size = session.record.size;
    const failing = (): void => {
      session.act(entry, (tx) => {
        setMeta(tx, 'colour', 'red');
        throw new CustosError('REASON_REQUIRED', 'A reason is needed.');
      });
    };
    expect(failing).toThrow(code('REASON_REQUIRED'));
    expect(colour(session)).toBe('blue');
    expect(getMeta(session.catalogue, LAST_SEQ)).toBe(String(before));
    expect(session.record.size).toBe(size + 1);
    expect(session.record.lastDone).toBe(before);
    // Afterwards everything goes on.
    expect(paint(session, 'green')).toBe(size + 1);
    session.close('command');
    const again = await made.open();
    expect(again.readOnly).toBeNull();
    expect(colour(again)).toBe('green');
  });

  it('does not happen when the record cannot take its entry', async () => {
    const made = await workspace();
    const session = await made.open();
    paint(session, 'blue');
    // As a vanished disk does to the record.
    session.record.close();
    expect(() => paint(session, 'red')).toThrow(code('RECORD_UNWRITABLE'));
    expect(colour(session)).toBe('blue');
  });

  it('may rest on several entries, numbered in order', async () => {
    const made = await workspace();
    const session = await made.open();
    const seqs = session.actMany([entry, entry, entry], (tx, numbers) => {
      setMeta(tx, 'colour', 'blue');
      return numbers;
    });
    expect(seqs).toEqual([0, 1, 2].map((n) => (seqs[0] ?? -1) + n));
    expect(session.record.lastDone).toBe(seqs[2]);
  });

  it('cannot be made inside another, nor by waiting for something', async () => {
    const made = await workspace();
    const session = await made.open();
    expect(() => session.act(entry, () => paint(session, 'red'))).toThrow();
    expect(() =>
      session.act(entry, (tx) => {
        setMeta(tx, 'colour', 'red');
        return Promise.resolve();
      }),
    ).toThrow();
    expect(colour(session)).toBeNull();
  });

  it('is not possible once the workspace is locked', async () => {
    const made = await workspace();
    const session = await made.open();
    session.close('command');
    expect(() => paint(session, 'red')).toThrow(code('NOT_UNLOCKED'));
  });
});

describe('what is compared at unlocking', () => {
  it('finds a catalogue that was put back to an earlier state, and changes nothing then', async () => {
    const made = await workspace();
    const file = path.join(made.dir, 'catalogue.db');
    const copy = path.join(made.folder, 'earlier.db');
    cpSync(file, copy);
    paint(await made.open(), 'blue');
    made.close();
    cpSync(copy, file);
    const session = await made.open();
    expect(session.readOnly).toContain('earlier state');
    expect(() => paint(session, 'red')).toThrow(code('READ_ONLY'));
    // Unlocking and reading are still on the record.
    const query = { by: null, caseId: null, itemId: null, before: null, limit: 1 };
    const [unlocked] = session.record.read({ ...query, types: ['unlock.succeeded'] }).entries;
    expect(unlocked?.detail['readOnly']).toBe(session.readOnly);
    expect(session.note({ type: 'search.made', detail: {} })).toBeGreaterThan(0);
  });

  it('finds a record that was put back, also on a machine that has never seen it', async () => {
    const made = await workspace();
    const record = path.join(made.dir, 'record');
    const copy = path.join(made.folder, 'earlier');
    cpSync(record, copy, { recursive: true });
    const session = await made.open();
    paint(session, 'blue');
    made.close();
    rmSync(record, { recursive: true });
    cpSync(copy, record, { recursive: true });

    const here = await made.open();
    expect(here.readOnly).toContain('record');
    expect(() => here.note({ type: 'search.made', detail: {} })).toThrow(code('READ_ONLY'));
    made.close();
    expect(made.ports.logged).toEqual([]);

    rmSync(made.ports.machineDir, { recursive: true });
    const elsewhere = await made.open();
    expect(elsewhere.readOnly).toContain('earlier state');
    expect(colour(elsewhere)).toBe('blue');
  });

  it('closes the entry of a change whose last step a crash took away', async () => {
    const made = await workspace();
    const session = await made.open();
    const seq = session.note(entry);
    made.close();
    await behindTheScenes(made, (db) => {
      setMeta(db, LAST_SEQ, String(seq));
    });
    const again = await made.open();
    expect(again.readOnly).toBeNull();
    expect(again.notices.join()).toContain('found complete');
    expect(again.record.lastDone).toBe(seq);
  });

  it('ends imports that a crash has cut short, in words', async () => {
    const made = await workspace();
    const session = await made.open();
    const at = '2026-11-22T10:00:00.000Z';
    session.act(entry, (tx, seq) => {
      tx.prepare(
        `INSERT INTO cases (id, ref, title, law_pack, created_at, created_by, seq)
         VALUES (1, 'OP-1', 'T', 'uk', ?, ?, ?)`,
      ).run(at, session.member.id, seq);
      tx.prepare(
        `INSERT INTO imports (id, case_id, source, exhibit, acquirer, state, started_at, seq)
         VALUES (5, 1, '', '', ?, 'running', ?, ?)`,
      ).run(session.member.id, at, seq);
    });
    made.close();
    const again = await made.open();
    expect(again.notices.join()).toContain('Import 5 had been interrupted');
    const row = again.catalogue.prepare('SELECT state, ended_at FROM imports').get();
    expect(row).toMatchObject({ state: 'interrupted' });
    made.close();
    expect((await made.open()).notices).toEqual([]);
  });
});
