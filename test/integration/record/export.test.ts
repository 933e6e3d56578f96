/** Record exports: whole and about one case, verified by the script that shares no code with us. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '#core/vault/header.ts';
import { editExport, exportOf, headerOf, judge } from '../../support/record-exports.ts';
import { BEN, look, OUTSIDER, setUp, tempFolder, type Setup } from './setup.ts';

/** Ada, a failed unlock, Ben; two cases; 300 looks so that a second block of keys is needed. */
function written(): Setup & { out: string; kept: string } {
  const rig = setUp({ segmentBytes: 20_000 });
  const ada = rig.create();
  ada.done(ada.append({ type: 'case.created', detail: { caseId: 1, ref: 'R-1' } }));
  const early = ada.checkpoint().note;
  ada.close();
  const locked = rig.open(OUTSIDER);
  locked.append({ type: 'unlock.failed', detail: { reason: 'wrong password' } });
  locked.close();
  const ben = rig.open({ member: BEN });
  ben.appendMany(Array.from({ length: 300 }, (_, i) => look(i + 1)));
  ben.done(ben.append({ type: 'decision.made', detail: { caseId: 2, itemId: 9, category: 'A' } }));
  ben.close();
  const folder = tempFolder();
  const kept = path.join(folder, 'kept.txt');
  writeFileSync(kept, early);
  return { ...rig, out: path.join(folder, 'record.jsonl'), kept };
}

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
const entriesIn = (file: string) =>
  linesOf(file).flatMap(({ entry }) => (entry === undefined ? [] : [entry]));

describe('an export of the whole record', () => {
  it('holds, and says whose workspace it is', async () => {
    const rig = written();
    await exportOf(rig, rig.out);
    const words = fingerprintOf(headerOf(rig));
    const { status, output } = judge(
      rig.out,
      '--fingerprint',
      words.toUpperCase(),
      '--checkpoint',
      rig.kept,
    );
    expect(output).toContain('The export holds');
    expect(status).toBe(0);
    expect(output).toContain(words);
    expect(judge(rig.out, '--fingerprint', 'aaaa bbbb').output).toContain('BAD   Workspace');
    const texts = entriesIn(rig.out).map(({ text }) => text);
    expect(texts.some((text) => String(text).includes('R-1'))).toBe(true);
    expect(entriesIn(rig.out).every((entry) => !('proof' in entry))).toBe(true);
  });

  it('does not overwrite, and leaves nothing behind when it cannot be made', async () => {
    const rig = written();
    await exportOf(rig, rig.out);
    const exists = expect.objectContaining({ code: 'ALREADY_EXISTS' });
    await expect(exportOf(rig, rig.out)).rejects.toEqual(exists);
    const nowhere = path.join(rig.out, 'no', 'folder');
    await expect(exportOf(rig, nowhere)).rejects.toMatchObject({ code: 'IO_FAILED' });
    const other = `${rig.out}.other`;
    const foreign = exportOf(rig, other, { since: 'no note' });
    await expect(foreign).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect([existsSync(other), existsSync(`${other}.part`)]).toEqual([false, false]);
  });
});

describe('an export about one case or item', () => {
  it('holds only what is about it, the sessions it was written in, and proofs', async () => {
    const rig = written();
    await exportOf(rig, rig.out, { about: { caseId: 2, itemId: null } });
    const entries = entriesIn(rig.out);
    expect(entries.map(({ type }) => type)).toEqual(['session.started', 'decision.made', 'done']);
    expect(entries.every(({ by }) => by === 'Ben')).toBe(true);
    const bytes = readFileSync(rig.out, 'utf8');
    expect(bytes.includes('R-1')).toBe(false);
    const { status, output } = judge(rig.out);
    expect(output).toContain('a selection');
    expect(status).toBe(0);
    await exportOf(rig, `${rig.out}.item`, { about: { caseId: 1, itemId: 7 } });
    expect(entriesIn(`${rig.out}.item`).map(({ type }) => type)).toEqual([
      'session.started',
      'look.granted',
    ]);
    expect(judge(`${rig.out}.item`).status).toBe(0);
  });

  it('continues a checkpoint kept earlier only where it was asked to show that', async () => {
    const rig = written();
    const about = { caseId: 2, itemId: null };
    await exportOf(rig, rig.out, { about });
    expect(judge(rig.out, '--checkpoint', rig.kept).output).toContain('BAD   Kept');
    await exportOf(rig, `${rig.out}.since`, { about, since: readFileSync(rig.kept, 'utf8') });
    expect(judge(`${rig.out}.since`, '--checkpoint', rig.kept).status).toBe(0);
  });

  it('shows with the key of one entry nothing of another', async () => {
    const rig = written();
    await exportOf(rig, rig.out, { about: { caseId: 2, itemId: null } });
    editExport(rig.out, (lines) => {
      const [first, second] = entriesIn(rig.out).map(({ key }) => String(key));
      return lines.map((line) => line.replace(second as string, first as string));
    });
    expect(judge(rig.out).output).toContain('BAD   Contents');
  });
});

describe('an export that was changed', () => {
  const edits: [string, string, (lines: string[]) => string[]][] = [
    [
      'a word of a text',
      'Contents',
      (lines) => replace(lines, 'decision.made', 'text', /\\"A\\"/, '\\"B\\"'),
    ],
    [
      'who wrote it',
      'Writers',
      (lines) => replace(lines, 'decision.made', 'by', /"by":"Ben"/, '"by":"Ada"'),
    ],
    [
      'when',
      'Contents',
      (lines) => replace(lines, 'decision.made', 'at', /"at":"2026/, '"at":"2027'),
    ],
    [
      'what kind',
      'Contents',
      (lines) => replace(lines, 'decision.made', 'type', /decision\.made/, 'decision.undone'),
    ],
    [
      'an entry left out',
      'Order',
      (lines) => lines.filter((line) => !line.includes('"decision.made"')),
    ],
    ['the last entry left out', 'Tree', (lines) => lines.toSpliced(lines.length - 2, 1)],
    [
      'a member',
      'Members',
      (lines) => lines.map((line) => line.replace(/\\"name\\":\\"Ben\\"/, '\\"name\\":\\"Bob\\"')),
    ],
    [
      'the header',
      'Export',
      (lines) => lines.with(0, (lines[0] as string).replace('"made":"2026', '"made":"2027')),
    ],
    ['the last line left out', 'Export', (lines) => lines.slice(0, -1)],
  ];

  it.each(edits)('%s: found under %s', async (_, heading, edit) => {
    const rig = written();
    await exportOf(rig, rig.out);
    editExport(rig.out, edit);
    const { status, output } = judge(rig.out);
    expect(status, output).not.toBe(0);
    if (status === 1) expect(output).toContain(`BAD   ${heading}`);
  });
});

function replace(lines: string[], type: string, _: string, from: RegExp, to: string): string[] {
  const at = lines.findIndex((line) => line.includes(`"type":"${type}"`));
  const line = lines[at] as string;
  expect(line).toMatch(from);
  return lines.with(at, line.replace(from, to));
}
