/** Promise P5: who changes the record before a checkpoint that is held elsewhere is found out. */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { genesisHash } from '#core/record/entry.ts';
import { openRecordReadOnly } from '#core/record/recorder.ts';
import { sha256 } from '#core/record/sha.ts';
import { generateRawKeyPair, privateKeyObject } from '#core/vault/curve-keys.ts';
import {
  BEN,
  entriesOf,
  look,
  noAnchors,
  OUTSIDER,
  setUp,
  snapshot,
  WORKSPACE_ID,
  writeEntries,
  type Setup,
} from '../../integration/record/setup.ts';

const TAMPERED = expect.objectContaining({ code: 'RECORD_TAMPERED' });

/** Two sessions, a failed unlock between them; closed. 16 entries, the last a checkpoint. */
function honest(): Setup {
  const rig = setUp();
  const record = rig.create();
  for (let item = 1; item <= 3; item += 1) record.done(record.append(look(item)));
  record.close();
  const locked = rig.open(OUTSIDER);
  locked.append({ type: 'unlock.failed', detail: { reason: 'wrong password' } });
  locked.close();
  const second = rig.open({ member: BEN });
  second.appendMany([look(4), look(5)]);
  second.close();
  return rig;
}

/** What somebody without any key can do: change entries and make the chain fit again. */
function rechain(entries: readonly Buffer[]): Buffer[] {
  let previous = genesisHash(WORKSPACE_ID);
  return entries.map((entry, seq) => {
    const bytes = Buffer.from(entry);
    bytes.writeBigUInt64BE(BigInt(seq), 24);
    previous.copy(bytes, 56);
    previous = sha256(bytes.subarray(0, -32));
    previous.copy(bytes, bytes.length - 32);
    return bytes;
  });
}

function flip(file: string, at: number): () => void {
  const bytes = readFileSync(file);
  const before = bytes[at] as number;
  bytes[at] = before ^ 0x20;
  writeFileSync(file, bytes);
  return () => {
    bytes[at] = before;
    writeFileSync(file, bytes);
  };
}

describe('control: an untouched record', () => {
  it('is good, with and without the keys, with and without an anchor', async () => {
    const rig = honest();
    for (const more of [
      {},
      OUTSIDER,
      { anchors: noAnchors },
      { ...OUTSIDER, anchors: noAnchors },
    ]) {
      const verdict = await rig.verify(more);
      expect(verdict).toMatchObject({ good: true, findings: [], entries: 16, checkpoints: 4 });
      expect(verdict).toMatchObject({ sinceCheckpoint: 0, lastCheckpoint: { size: 15 } });
      expect(verdict.anchor).toBe('anchors' in more ? 'none' : 'agrees');
    }
    rig.open().close();
  });
});

describe('a changed byte', () => {
  it('is found at every place of a segment, without any key', async () => {
    const rig = honest();
    const size = readFileSync(rig.segment).length;
    const missed: number[] = [];
    for (let at = 0; at < size; at += at < 600 ? 7 : 61) {
      const undo = flip(rig.segment, at);
      const verdict = await rig.verify({ ...OUTSIDER, anchors: noAnchors });
      if (verdict.good) missed.push(at);
      undo();
    }
    expect(missed).toEqual([]);
    expect(await rig.verify()).toMatchObject({ good: true });
  });

  it('keeps the record from being opened for writing, and nothing is repaired', () => {
    const rig = honest();
    const bytes = readFileSync(rig.segment);
    for (let at = 0; at < bytes.length; at += 97) {
      const undo = flip(rig.segment, at);
      const changed = readFileSync(rig.segment);
      expect(() => rig.open(), `byte ${at}`).toThrow(TAMPERED);
      expect(readFileSync(rig.segment)).toEqual(changed);
      undo();
    }
    expect(readdirSync(path.join(rig.dir, 'record')).sort()).toEqual([
      '000001.evl',
      'checkpoints.txt',
    ]);
    rig.open().close();
  });

  it('is found at every place of the file of checkpoints', async () => {
    const rig = honest();
    const size = readFileSync(rig.notes).length;
    for (let at = 0; at < size; at += 5) {
      const undo = flip(rig.notes, at);
      expect((await rig.verify({ ...OUTSIDER, anchors: noAnchors })).good, `byte ${at}`).toBe(
        false,
      );
      undo();
    }
  });

  it('in the length of an early entry does not pass the rest off as torn', () => {
    const rig = honest();
    for (const at of [88 + 1, 88 + 2]) {
      const undo = flip(rig.segment, at);
      // Even somebody who takes checkpoints and anchor away first gets nothing set aside.
      const notes = readFileSync(rig.notes);
      rmSync(rig.notes);
      expect(() => rig.open({ anchors: noAnchors })).toThrow(TAMPERED);
      writeFileSync(rig.notes, notes);
      undo();
    }
  });
});

describe('an edit by somebody without the keys', () => {
  const edits: Record<string, (entries: Buffer[]) => Buffer[]> = {
    // A look of the last session: no later entry closes it.
    'an entry taken out': (entries) => entries.toSpliced(13, 1),
    'two entries swapped': (entries) =>
      entries.with(2, entries[4] as Buffer).with(4, entries[2] as Buffer),
    'an entry doubled': (entries) => entries.toSpliced(3, 0, entries[3] as Buffer),
    'a time changed': (entries) => {
      const entry = Buffer.from(entries[4] as Buffer);
      entry.writeBigUInt64BE(1n, 40);
      return entries.with(4, entry);
    },
    'a type changed': (entries) => {
      const entry = Buffer.from(entries[4] as Buffer);
      entry.writeUInt16BE(41, 4);
      return entries.with(4, entry);
    },
    'a payload exchanged': (entries) => {
      const entry = Buffer.from(entries[4] as Buffer);
      (entries[2] as Buffer).copy(entry, 120, 120);
      return entries.with(4, entry);
    },
  };

  it.each(Object.keys(edits))('%s: found by the chain', async (name) => {
    const rig = honest();
    writeEntries(rig.segment, edits[name]?.(entriesOf(rig.segment)) ?? []);
    expect(await rig.verify({ ...OUTSIDER, anchors: noAnchors })).toMatchObject({ good: false });
    expect(() => rig.open()).toThrow(TAMPERED);
  });

  it.each(Object.keys(edits))(
    '%s and the chain made to fit: not found by the chain, found by the signed checkpoints',
    async (name) => {
      const rig = honest();
      writeEntries(rig.segment, rechain(edits[name]?.(entriesOf(rig.segment)) ?? []));
      const { problems } = openRecordReadOnly({ ...rig.options, anchors: noAnchors });
      // Control: framing, numbering and chain alone see nothing wrong. This is why we sign.
      expect(problems.filter((problem) => problem.startsWith('Entry'))).toEqual([]);
      const verdict = await rig.verify({ ...OUTSIDER, anchors: noAnchors });
      expect(verdict.good).toBe(false);
      expect(verdict.findings.join()).toMatch(/signed in a checkpoint|Entries were cut off/);
      expect(() => rig.open({ anchors: noAnchors })).toThrow(TAMPERED);
    },
  );

  it('with a checkpoint signed by a key of their own is found', async () => {
    const rig = honest();
    const forger = generateRawKeyPair('ed25519');
    rmSync(path.join(rig.dir, 'record'), { recursive: true });
    const theirs = rig.create({
      anchors: noAnchors,
      checkpoint: privateKeyObject('ed25519', forger.privateKey),
      checkpointPublic: forger.publicKey,
    });
    theirs.append(look(1));
    theirs.close();
    const verdict = await rig.verify({ anchors: noAnchors });
    expect(verdict.good).toBe(false);
    expect(verdict.findings.join()).toContain('not signed');
    expect(
      await rig.verify({ anchors: noAnchors, checkpointPublic: forger.publicKey }),
    ).toMatchObject({ good: true });
  });

  it('that takes the checkpoints away is found by the entries that speak of them', async () => {
    const rig = honest();
    rmSync(rig.notes);
    const verdict = await rig.verify({ ...OUTSIDER, anchors: noAnchors });
    expect(verdict.findings).toHaveLength(5);
    expect(() => rig.open({ anchors: noAnchors })).toThrow(TAMPERED);
    // And where only one of them was taken, the oldest, which later ones cover as well.
    const other = honest();
    const notes = readFileSync(other.notes, 'utf8');
    writeFileSync(other.notes, notes.slice(notes.indexOf('\n\ncustos') + 2));
    expect(await other.verify({ ...OUTSIDER, anchors: noAnchors })).toMatchObject({ good: false });
  });

  it('that adds a session in the name of a member, sealed to the public key, is found', async () => {
    const rig = honest();
    const before = snapshot(rig.dir);
    // The control is the same session with the workspace's key: only the key makes the difference.
    const real = rig.open({ member: BEN });
    real.append(look(99));
    real.close();
    expect(await rig.verify({ anchors: noAnchors })).toMatchObject({ good: true });
    before.back();

    for (const member of [BEN, null]) {
      const theirs = rig.open({ ...OUTSIDER, member, anchors: noAnchors });
      theirs.append(look(99));
      theirs.close();
      for (const keys of [{}, OUTSIDER]) {
        const verdict = await rig.verify({ ...keys, anchors: noAnchors });
        expect(verdict.findings.join()).toContain('its session was not signed');
      }
      // Nobody's later checkpoint vouches for it either.
      expect(() => rig.open({ anchors: noAnchors })).toThrow(TAMPERED);
      before.back();
    }
  });

  it('that goes on with the session of a member is found, though a checkpoint was made in it', async () => {
    const rig = honest();
    const entries = entriesOf(rig.segment);
    const [before, last] = [entries.at(-2), entries.at(-1)] as [Buffer, Buffer];
    writeEntries(rig.segment, rechain([...entries, before]));
    expect(before.subarray(8, 24)).toEqual(last.subarray(8, 24));
    const verdict = await rig.verify({ anchors: noAnchors });
    expect(verdict.findings.join()).toContain('does not decrypt');
  });

  it('of a sealed session key is found by whoever can decrypt, though chain and notes were made to fit', async () => {
    const rig = setUp();
    const record = rig.create(OUTSIDER);
    record.append({ type: 'unlock.failed', detail: {} });
    const entries = entriesOf(rig.segment);
    const started = Buffer.from(entries[0] as Buffer);
    started[130] = (started[130] as number) ^ 1;
    writeEntries(rig.segment, rechain(entries.with(0, started)));
    const verdict = await rig.verify({ anchors: noAnchors });
    expect(verdict.findings.filter((finding) => finding.includes('decrypt'))).toHaveLength(3);
    record.close();
  });
});

describe('entries cut off at the end', () => {
  /** Cuts whole entries off, and every note that speaks of what is gone. */
  function cut(rig: Setup, keep: number): void {
    writeEntries(rig.segment, entriesOf(rig.segment).slice(0, keep));
    const notes = readFileSync(rig.notes, 'utf8').split(/(?<=\n\n)(?=custos)/);
    const kept = notes.filter((note) => Number(note.split('\n')[1]) <= keep);
    writeFileSync(rig.notes, kept.join(''));
  }

  it('are not found by chain and tree alone: this is why the anchor exists', async () => {
    const rig = honest();
    for (const keep of [15, 12, 9, 2]) {
      cut(rig, keep);
      const alone = await rig.verify({ ...OUTSIDER, anchors: noAnchors });
      expect(alone, `keeping ${keep}`).toMatchObject({ good: true, entries: keep });
      const anchored = await rig.verify(OUTSIDER);
      expect(anchored).toMatchObject({ good: false, anchor: 'disagrees' });
      expect(() => rig.open()).toThrow(TAMPERED);
    }
  });

  it('are found by a checkpoint that was left or is held elsewhere', async () => {
    const rig = honest();
    const held = readFileSync(rig.notes, 'utf8');
    cut(rig, 9);
    writeFileSync(rig.notes, held);
    const verdict = await rig.verify({ ...OUTSIDER, anchors: noAnchors });
    expect(verdict.findings.join()).toContain('Entries were cut off');
  });

  it('are found where a whole segment is gone', async () => {
    const rig = setUp({ segmentBytes: 1500 });
    const record = rig.create();
    for (let item = 0; item < 20; item += 1) record.append(look(item));
    record.close();
    const middle = path.join(rig.dir, 'record', '000002.evl');
    copyFileSync(middle, `${middle}.copy`);
    rmSync(middle);
    expect((await rig.verify(OUTSIDER)).findings.join()).toContain('Segment 2');
    expect(() => rig.open()).toThrow(TAMPERED);
    copyFileSync(path.join(rig.dir, 'record', '000003.evl'), middle);
    expect((await rig.verify(OUTSIDER)).findings.join()).toContain('does not fit');
  });
});

describe('an earlier state put back', () => {
  it('is found by the anchor also within a session that never ended', async () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    const middle = snapshot(rig.dir);
    // The control: the state in the middle of the session is a good one.
    expect(await rig.verify()).toMatchObject({ good: true, anchor: 'agrees' });
    record.append(look(2));
    // Killed here: no last checkpoint was signed.
    middle.back();
    expect(await rig.verify({ anchors: noAnchors })).toMatchObject({ good: true });
    expect(await rig.verify()).toMatchObject({ good: false, anchor: 'disagrees' });
    expect(() => rig.open()).toThrow(TAMPERED);
  });

  it('is found by the anchor, and by nothing inside the workspace', async () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    record.close();
    const earlier = snapshot(rig.dir);
    const later = rig.open();
    later.append(look(2));
    later.close();
    earlier.back();
    expect(await rig.verify({ anchors: noAnchors })).toMatchObject({ good: true });
    expect(await rig.verify()).toMatchObject({ good: false, anchor: 'disagrees' });
    expect(() => rig.open()).toThrow(TAMPERED);
  });

  it('is found also after it was written on until it is as long as before', async () => {
    const rig = setUp();
    const record = rig.create();
    record.append(look(1));
    record.close();
    const earlier = snapshot(rig.dir);
    const later = rig.open();
    later.append(look(2));
    later.close();
    earlier.back();
    const forked = rig.open({ anchors: noAnchors });
    for (let item = 10; item < 20; item += 1) forked.append(look(item));
    forked.close();
    const verdict = await rig.verify();
    expect(verdict).toMatchObject({ good: false, anchor: 'disagrees' });
    expect(verdict.findings.join()).toContain('remembers');
  });

  it('is found where it is the record of another workspace', () => {
    const rig = honest();
    expect(() => rig.open({ workspaceId: '00'.repeat(16), anchors: noAnchors })).toThrow(TAMPERED);
    expect(existsSync(rig.segment)).toBe(true);
  });
});

describe('what the files tell without a key', () => {
  it('holds no name, reason or number of an item in the clear', () => {
    const rig = honest();
    const bytes = readFileSync(rig.segment);
    for (const word of ['Ada', 'Ben', 'itemId', 'wrong password', 'purpose', 'member']) {
      expect(bytes.includes(word), word).toBe(false);
    }
    expect(readFileSync(rig.notes, 'utf8').includes('custos/record/')).toBe(true);
  });
});
