/** What becomes of the record when the disk fails, and that every flush is really made. */
import fs, { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFiles, type RecordFiles } from '#core/record/files.ts';
import { ALL, look, setUp } from './setup.ts';

const UNWRITABLE = expect.objectContaining({ code: 'RECORD_UNWRITABLE' });

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * A disk that loses what was not flushed: `durable` says what of each file a power cut would
 * leave. Names count as durable once their folder was flushed or the file had been renamed and
 * its folder flushed.
 */
function losingDisk(overrides: Partial<RecordFiles> = {}) {
  const names = new Map<number, string>();
  const flushed = new Map<string, number>();
  const calls: string[] = [];
  const flush = (kind: string, call: (fd: number) => void) => (fd: number) => {
    call(fd);
    const name = names.get(fd) ?? '';
    calls.push(`${kind} ${path.basename(name)}`);
    if (fs.fstatSync(fd).isFile()) flushed.set(name, fs.fstatSync(fd).size);
  };
  const files: RecordFiles = {
    ...nodeFiles,
    openSync(file, flags, mode) {
      const fd = nodeFiles.openSync(file, flags, mode);
      names.set(fd, String(file));
      return fd;
    },
    renameSync(from, to) {
      nodeFiles.renameSync(from, to);
      flushed.set(String(to), flushed.get(String(from)) ?? 0);
      calls.push(`rename ${path.basename(String(to))}`);
    },
    fsyncSync: flush('fsync', nodeFiles.fsyncSync),
    fdatasyncSync: flush('fdatasync', nodeFiles.fdatasyncSync),
    ...overrides,
  };
  return { files, calls, durable: (file: string) => flushed.get(file) ?? 0 };
}

describe('durability', () => {
  it('has every entry flushed before append returns', () => {
    const disk = losingDisk();
    const rig = setUp({ files: disk.files });
    const record = rig.create();
    for (let item = 0; item < 5; item += 1) {
      const seq = record.append(look(item));
      expect(disk.durable(rig.segment)).toBe(fs.statSync(rig.segment).size);
      record.done(seq);
      expect(disk.durable(rig.segment)).toBe(fs.statSync(rig.segment).size);
    }
    expect(disk.durable(rig.notes)).toBe(fs.statSync(rig.notes).size);
    record.close();
  });

  it('would lose entries without the flush: the check above can fail', () => {
    const disk = losingDisk({ fdatasyncSync: () => undefined });
    const rig = setUp({ files: disk.files });
    const record = rig.create();
    record.append(look(1));
    expect(disk.durable(rig.segment)).toBeLessThan(fs.statSync(rig.segment).size);
    record.close();
  });

  it('flushes a new segment, then its folder, before the first entry in it', () => {
    const disk = losingDisk();
    const rig = setUp({ files: disk.files, segmentBytes: 512 });
    const record = rig.create();
    record.append(look(1));
    disk.calls.length = 0;
    for (let item = 0; item < 3; item += 1) record.append(look(item));
    const made = disk.calls.findIndex((call) => call.startsWith('rename 0000'));
    const name = disk.calls[made]?.slice('rename '.length) ?? '';
    expect(disk.calls.slice(made - 1, made + 3)).toEqual([
      `fsync ${name}.new`,
      `rename ${name}`,
      'fsync record',
      `fdatasync ${name}`,
    ]);
    record.close();
  });

  it('writes a note before the entry that speaks of it', () => {
    const disk = losingDisk();
    const rig = setUp({ files: disk.files });
    const record = rig.create();
    record.append(look(1));
    disk.calls.length = 0;
    record.checkpoint();
    expect(disk.calls).toEqual(['fsync checkpoints.txt', 'fdatasync 000001.evl']);
    record.close();
  });
});

describe('a failing disk', () => {
  it.each(['fdatasyncSync', 'fsyncSync'] as const)(
    'is never asked again after a failed %s: the record is broken for good',
    (call) => {
      let broken = false;
      let asked = 0;
      const files: RecordFiles = {
        ...nodeFiles,
        [call]: (fd: number) => {
          if (!broken) return nodeFiles[call](fd);
          asked += 1;
          throw failure('EIO');
        },
      };
      const rig = setUp({ files });
      const record = rig.create();
      record.append(look(1));
      const before = readFileSync(rig.segment).length;
      broken = true;
      const act = () => (call === 'fsyncSync' ? record.checkpoint() : record.append(look(2)));
      expect(act).toThrow(UNWRITABLE);
      broken = false;
      expect(() => record.append(look(3))).toThrow(UNWRITABLE);
      expect(() => record.done(0)).toThrow(UNWRITABLE);
      expect(() => record.checkpoint()).toThrow(UNWRITABLE);
      expect(asked).toBe(1);
      record.close();
      // Whatever of the second look did reach the disk is whole or can be set aside.
      const again = rig.open();
      expect(again.size).toBeGreaterThanOrEqual(3);
      expect(readFileSync(rig.segment).length).toBeGreaterThanOrEqual(before);
      again.append(look(4));
      again.close();
    },
  );

  it('breaks the record on a write error, and takes the torn part away', async () => {
    let failing = false;
    const files: RecordFiles = {
      ...nodeFiles,
      writeSync: ((fd: number, bytes: Buffer, from: number, length: number, at: number) => {
        if (!failing) return nodeFiles.writeSync(fd, bytes, from, length, at);
        if (from > 0) throw failure('EIO');
        return nodeFiles.writeSync(fd, bytes, from, 20, at);
      }) as RecordFiles['writeSync'],
    };
    const rig = setUp({ files });
    const record = rig.create();
    record.append(look(1));
    const before = readFileSync(rig.segment);
    failing = true;
    expect(() => record.append(look(2))).toThrow(UNWRITABLE);
    expect(readFileSync(rig.segment)).toEqual(before);
    failing = false;
    expect(() => record.append(look(3))).toThrow(UNWRITABLE);
    record.close();
    const again = rig.open();
    expect(again.notices).toEqual([]);
    again.append(look(4));
    again.close();
    expect(await rig.verify()).toMatchObject({ good: true });
  });

  it('finishes a write that the system splits', async () => {
    const files: RecordFiles = {
      ...nodeFiles,
      writeSync: ((fd: number, bytes: Buffer, from: number, length: number, at: number) =>
        nodeFiles.writeSync(fd, bytes, from, Math.min(length, 50), at)) as RecordFiles['writeSync'],
    };
    const rig = setUp({ files });
    const record = rig.create();
    record.append(look(1));
    record.close();
    expect(await rig.verify()).toMatchObject({ good: true, entries: 4 });
  });
});

describe('a full disk', () => {
  /** Room for `room` more bytes; a write beyond that is cut short and fails. */
  function fullDisk(room: { bytes: number }): RecordFiles {
    return {
      ...nodeFiles,
      writeSync: ((fd: number, bytes: Buffer, from: number, length: number, at: number) => {
        if (room.bytes === 0) throw failure('ENOSPC');
        const written = nodeFiles.writeSync(fd, bytes, from, Math.min(length, room.bytes), at);
        room.bytes -= written;
        return written;
      }) as RecordFiles['writeSync'],
    };
  }

  it('frees the ballast once and writes the entry', async () => {
    const room = { bytes: 1_000_000 };
    let freed = 0;
    const onFull = () => {
      freed += 1;
      room.bytes = 100_000;
    };
    const rig = setUp({ files: fullDisk(room), onFull });
    const record = rig.create();
    record.append(look(1));
    room.bytes = 30;
    const seq = record.append(look(2));
    expect(freed).toBe(1);
    expect(record.read({ ...ALL, limit: 1 }).entries[0]).toMatchObject({ seq });
    record.close();
    expect(await rig.verify()).toMatchObject({ good: true, findings: [] });
  });

  it('refuses with nothing left behind, and goes on once there is room again', async () => {
    const room = { bytes: 1_000_000 };
    const rig = setUp({ files: fullDisk(room), onFull: () => undefined });
    const record = rig.create();
    record.append(look(1));
    const before = readFileSync(rig.segment);
    room.bytes = 30;
    expect(() => record.append(look(2))).toThrow(
      expect.objectContaining({
        code: 'RECORD_UNWRITABLE',
        message: expect.stringContaining('full'),
      }),
    );
    expect(() => record.checkpoint()).toThrow(UNWRITABLE);
    expect(readFileSync(rig.segment)).toEqual(before);
    room.bytes = 1_000_000;
    record.append(look(3));
    const items = record.read({ ...ALL, types: ['look.granted'] }).entries;
    expect(items.map(({ detail }) => detail['itemId'])).toEqual([3, 1]);
    record.close();
    expect(await rig.verify()).toMatchObject({ good: true, findings: [] });
  });

  it('leaves no half of a segment when the disk fills while one is made', async () => {
    const room = { bytes: 1_000_000 };
    const rig = setUp({ files: fullDisk(room), segmentBytes: 600 });
    const record = rig.create();
    record.append(look(1));
    room.bytes = 10;
    expect(() => record.append(look(2))).toThrow(UNWRITABLE);
    room.bytes = 1_000_000;
    record.append(look(3));
    record.close();
    expect(await rig.verify()).toMatchObject({ good: true, findings: [] });
  });
});
