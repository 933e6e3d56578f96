/** Two workstations: one asks, the other remembers and co-signs, and never says two things. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseVerifierKey, verifierKey } from '#core/record/checkpoint.ts';
import { cosignedAt } from '#core/record/cosignature.ts';
import { keyFingerprint, parseAnswer, parseRequest } from '#core/record/witness-files.ts';
import { witness } from '#core/record/witness.ts';
import { acceptAnswer, makeRequest, type Cosigned } from '#core/record/witnessed.ts';
import type { OpenRecord } from '#core/record/options.ts';
import { look, noAnchors, OUTSIDER, setUp, snapshot, tempFolder, type Setup } from './setup.ts';

const NOW = new Date('2026-11-22T12:00:00.000Z');
const fails = (code: string): unknown => expect.objectContaining({ code });

function setting() {
  const rig = setUp();
  const record = rig.create();
  record.append(look(1));
  return { rig, record, elsewhere: tempFolder() };
}

async function ask(rig: Setup, record: OpenRecord, old: number | null = null) {
  const { note } = record.checkpoint();
  return (await makeRequest(rig.options, note, { old, witness: null })).request;
}

function sign(rig: Setup, elsewhere: string, request: string): string {
  const trust = keyFingerprint(rig.options.checkpointPublic);
  return witness(elsewhere, request, { trust, now: NOW }).answer;
}

function accept(rig: Setup, record: OpenRecord, answer: string): Cosigned {
  const { known, ...kept } = acceptAnswer(rig.options, answer);
  if (!known) record.append({ type: 'witness.accepted', detail: { witness: kept.name } });
  return kept;
}

describe('a witness', () => {
  it('co-signs what continues what it saw, and verifying says how far', async () => {
    const { rig, record, elsewhere } = setting();
    const first = accept(rig, record, sign(rig, elsewhere, await ask(rig, record)));
    expect(first).toMatchObject({ at: NOW, checkpoint: { size: 3 } });
    record.appendMany([look(2), look(3), look(4)]);
    const request = await ask(rig, record);
    expect(parseRequest(request)).toMatchObject({ old: 3, checkpoint: { size: 8 } });
    const second = accept(rig, record, sign(rig, elsewhere, request));
    record.close();
    const { good, findings, witnesses } = await rig.verify(OUTSIDER);
    expect({ good, findings }).toEqual({ good: true, findings: [] });
    expect(witnesses).toEqual([
      {
        name: second.name,
        fingerprint: second.fingerprint,
        size: 8,
        at: NOW.toISOString(),
      },
    ]);
    rig.open().close();
  });

  it('makes a C2SP co-signature that its own key and no other verifies', async () => {
    const { rig, record, elsewhere } = setting();
    const { note, key, witness: by } = parseAnswer(sign(rig, elsewhere, await ask(rig, record)));
    record.close();
    expect(parseVerifierKey(key, 4)).toEqual(by);
    expect(parseVerifierKey(key, 1)).toBeNull();
    expect(cosignedAt(note, by)).toEqual(NOW);
    expect(cosignedAt(note, { ...by, publicKey: rig.options.checkpointPublic })).toBeNull();
    const lines = note.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(new RegExp(`^— ${by.name} `));
    for (const changed of [note.replace('\n3\n', '\n4\n'), note.replace(/(.)==?\n$/, 'A=\n')]) {
      expect(cosignedAt(changed, by)).toBeNull();
    }
  });

  it('says the same again for the same state, and remembers it once', async () => {
    const { rig, record, elsewhere } = setting();
    const request = await ask(rig, record);
    expect(sign(rig, elsewhere, request)).toBe(sign(rig, elsewhere, request));
    record.close();
    const [memory] = readdirSync(path.join(elsewhere, 'witness')).filter((n) => n !== 'key.json');
    expect(readdirSync(path.join(elsewhere, 'witness', memory ?? ''))).toEqual(['000001.json']);
  });

  it('wants a record it has never seen vouched for', async () => {
    const { rig, record, elsewhere } = setting();
    const request = await ask(rig, record);
    record.close();
    for (const trust of [null, 'aaaa bbbb']) {
      expect(() => witness(elsewhere, request, { trust, now: NOW })).toThrow(fails('NOT_ALLOWED'));
    }
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('refuses a record that was put back, also once it has grown past what was seen', async () => {
    const { rig, record, elsewhere } = setting();
    record.close();
    const before = snapshot(rig.dir);
    const later = rig.open();
    later.appendMany([look(5), look(6), look(7)]);
    sign(rig, elsewhere, await ask(rig, later));
    later.close();
    before.back();
    const again = rig.open({ anchors: noAnchors });
    const shorter = await ask(rig, again);
    expect(() => sign(rig, elsewhere, shorter)).toThrow(fails('RECORD_TAMPERED'));
    again.appendMany(Array.from({ length: 9 }, (_, i) => look(i)));
    const { size } = parseRequest(shorter).checkpoint;
    expect(size).toBeLessThan(9);
    const grown = await ask(rig, again, 9);
    expect(() => sign(rig, elsewhere, grown)).toThrow(fails('RECORD_TAMPERED'));
    // Control: a witness that saw nothing before finds nothing.
    expect(() => sign(rig, tempFolder(), shorter)).not.toThrow();
    again.close();
  });

  it('never signs two roots for one size', async () => {
    const { rig, record, elsewhere } = setting();
    record.close();
    const fork = snapshot(rig.dir);
    const roots: string[] = [];
    for (const item of [10, 20]) {
      fork.back();
      const side = rig.open({ anchors: noAnchors });
      side.append(look(item));
      const request = await ask(rig, side, 0);
      side.close();
      expect(parseRequest(request).checkpoint.size).toBe(7);
      if (item === 10) roots.push(sign(rig, elsewhere, request));
      else expect(() => sign(rig, elsewhere, request)).toThrow(fails('RECORD_TAMPERED'));
    }
    expect(roots).toHaveLength(1);
  });

  it('refuses another key, another old size, a changed proof, a changed note, a torn file', async () => {
    const { rig, record, elsewhere } = setting();
    sign(rig, elsewhere, await ask(rig, record));
    record.appendMany([look(2), look(3)]);
    const request = await ask(rig, record, 3);
    const other = await ask(rig, record, 1);
    record.close();
    const stranger = setUp();
    const key = verifierKey(
      `custos/record/${rig.options.workspaceId}`,
      stranger.options.checkpointPublic,
    );
    const lines = request.split('\n');
    const tampered = [
      lines.with(1, key).join('\n'),
      lines.with(3, Buffer.alloc(32, 1).toString('base64')).join('\n'),
      lines.toSpliced(3, 1).join('\n'),
    ];
    for (const text of tampered) {
      expect(() => sign(rig, elsewhere, text)).toThrow(fails('RECORD_TAMPERED'));
    }
    for (const text of [other, request.slice(0, -20), request.replace('old 3', 'old 03'), '']) {
      expect(() => sign(rig, elsewhere, text)).toThrow(fails('BAD_REQUEST'));
    }
    expect(() => sign(rig, elsewhere, request)).not.toThrow();
  });

  it('does not forget: a memory with a gap or damage refuses', async () => {
    const { rig, record, elsewhere } = setting();
    for (const old of [0, 3]) {
      sign(rig, elsewhere, await ask(rig, record, old));
      if (old === 0) expect(record.size).toBe(4);
    }
    const request = await ask(rig, record, 4);
    record.close();
    const folder = path.join(elsewhere, 'witness');
    const name = readdirSync(folder).find((entry) => entry !== 'key.json') ?? '';
    const newest = path.join(folder, name, '000002.json');
    const bytes = readFileSync(newest);
    writeFileSync(newest, bytes.subarray(0, -5));
    expect(() => sign(rig, elsewhere, request)).toThrow(fails('IO_FAILED'));
    writeFileSync(newest, bytes);
    rmSync(path.join(folder, name, '000001.json'));
    expect(() => sign(rig, elsewhere, request)).toThrow(fails('IO_FAILED'));
  });
});

describe('the answer', () => {
  it('is kept once, and refused where it was changed or is about something else', async () => {
    const { rig, record, elsewhere } = setting();
    const answer = sign(rig, elsewhere, await ask(rig, record));
    expect(acceptAnswer(rig.options, answer).known).toBe(false);
    expect(acceptAnswer(rig.options, answer).known).toBe(true);
    const forged = answer.replace(/\n3\n/, '\n2\n');
    expect(() => acceptAnswer(rig.options, forged)).toThrow(fails('RECORD_TAMPERED'));
    expect(() => acceptAnswer(rig.options, 'nothing')).toThrow(fails('BAD_REQUEST'));
    const other = { ...rig.options, workspaceId: '00'.repeat(16) };
    expect(() => acceptAnswer(other, answer)).toThrow(fails('BAD_REQUEST'));
    record.close();
  });

  it('tells that the record was put back since it was asked for', async () => {
    const { rig, record, elsewhere } = setting();
    record.close();
    const before = snapshot(rig.dir);
    const later = rig.open();
    later.append(look(2));
    const answer = sign(rig, elsewhere, await ask(rig, later));
    later.close();
    before.back();
    expect(() => acceptAnswer(rig.options, answer)).toThrow(fails('RECORD_TAMPERED'));
  });

  it('is missed when it is taken away, and finds what was changed before it', async () => {
    const { rig, record, elsewhere } = setting();
    accept(rig, record, sign(rig, elsewhere, await ask(rig, record)));
    record.close();
    const file = path.join(rig.dir, 'record', 'witnesses.txt');
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    expect((await rig.verify(OUTSIDER)).findings.join()).toContain('missing');
    writeFileSync(file, text.replace('\n3\n', '\n2\n'));
    expect((await rig.verify(OUTSIDER)).findings.join()).toContain('does not hold');
    writeFileSync(file, text);
    expect(await rig.verify(OUTSIDER)).toMatchObject({ good: true });
  });
});
