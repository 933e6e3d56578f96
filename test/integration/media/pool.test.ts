/** The pool with real decoder processes, and with made-up ones where a real one will not misbehave. */
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createMedia } from '#core/media/pool.ts';
import type { DecoderLimits } from '#core/media/limits.ts';
import type { Media } from '#core/media/types.ts';
import { READY } from '#core/media/protocol.ts';
import type { DecoderProcess, LogEntry } from '#core/ports.ts';
import { forkDecoder } from '#electron/cli/decoder-host.ts';
import { hills } from '../../unit/media/made-pictures.ts';

const jpeg = await sharp(hills(320, 200, 0.3).data, {
  raw: { width: 320, height: 200, channels: 3 },
})
  .jpeg()
  .toBuffer();

const open: Media[] = [];
afterAll(async () => {
  await Promise.all(open.map((media) => media.close()));
});

interface Scene {
  media: Media;
  spawned: DecoderProcess[];
  log: LogEntry[];
}

function scene(
  spawn: () => DecoderProcess,
  limits: Partial<DecoderLimits> = {},
  decoders = 1,
): Scene {
  const spawned: DecoderProcess[] = [];
  const log: LogEntry[] = [];
  const spawnDecoder = (): DecoderProcess => {
    spawned.push(spawn());
    return spawned.at(-1)!;
  };
  const media = createMedia({ spawnDecoder, decoders, log: (entry) => log.push(entry) }, limits);
  open.push(media);
  return { media, spawned, log };
}

interface Fake extends DecoderProcess {
  sent: { id: number; kind: string }[];
  answer(message: unknown): void;
  exit(reason: string): void;
  killed: boolean;
  bytes: number;
}

/** Does nothing by itself: hangs until told. */
function fake(
  onSend: (request: { id: number; kind: string }, self: Fake) => void = () => {},
): Fake {
  let listener: (message: unknown) => void = () => {};
  let exited: (reason: string) => void = () => {};
  const self: Fake = {
    sent: [],
    killed: false,
    bytes: 0,
    send(message) {
      const request = message as { id: number; kind: string };
      self.sent.push(request);
      onSend(request, self);
    },
    onMessage(each) {
      listener = each;
      each(READY);
    },
    onExit: (each) => (exited = each),
    kill() {
      self.killed = true;
      queueMicrotask(() => exited('signal SIGKILL'));
    },
    residentBytes: () => self.bytes,
    answer: (message) => listener(message),
    exit: (reason) => exited(reason),
  };
  return self;
}

const thumbnail = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);
const facts = {
  width: 10,
  height: 10,
  frames: 1,
  pdq: null,
  pdqQuality: 0,
  thumbnail,
  thumbnailSize: { width: 10, height: 10 },
};
const rendered = { bytes: thumbnail, width: 10, height: 10 };
const answered = ({ id, kind }: { id: number; kind: string }): unknown =>
  kind === 'analyse' ? { id, kind: 'facts', facts } : { id, kind: 'rendered', rendered };
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('with real decoders', () => {
  it('answers, and ends what it started', async () => {
    const { media, spawned } = scene(forkDecoder, {}, 2);
    const results = await Promise.all(Array.from({ length: 12 }, () => media.analyse(jpeg)));
    for (const result of results)
      expect(result).toMatchObject({ readable: true, width: 320, height: 200, ext: 'jpg' });
    expect(spawned.length).toBeLessThanOrEqual(2);
    const shown = await media.render(jpeg, { rung: 4, box: 100 });
    expect(shown).toMatchObject({ width: 100, mime: 'image/jpeg' });
    await media.close();
    for (const decoder of spawned) expect(decoder.residentBytes()).toBeNull();
    await expect(media.analyse(jpeg)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('turns a decoder killed at work into a state of that picture, and goes on', async () => {
    const { media, spawned, log } = scene(forkDecoder);
    await media.analyse(jpeg);
    const first = media.analyse(jpeg);
    const second = media.analyse(jpeg);
    spawned[0]!.kill();
    const lost = await first;
    expect(lost).toMatchObject({ readable: false, code: 'DECODE_KILLED', mime: 'image/jpeg' });
    expect(lost).toHaveProperty('reason', expect.stringContaining('SIGKILL'));
    expect(await second).toMatchObject({ readable: true });
    expect(spawned).toHaveLength(2);
    expect(log.map(({ level }) => level)).toEqual(['warning']);
  });

  it('throws where a rendition cannot be made', async () => {
    const { media } = scene(forkDecoder);
    const wanted = { rung: 4, box: 100 } as const;
    await expect(media.render(Buffer.from('text'), wanted)).rejects.toMatchObject({
      code: 'NOT_A_PICTURE',
    });
    await expect(media.render(jpeg.subarray(0, 900), wanted)).rejects.toMatchObject({
      code: 'PICTURE_UNREADABLE',
    });
  });

  it('ends a decoder that swells', async () => {
    const limits = { memoryBytes: 1024 ** 3, pollMs: 5 };
    const { media } = scene(forkDecoder, limits);
    const large = await sharp({
      create: { width: 9000, height: 9000, channels: 3, background: '#345' },
    })
      .png()
      .toBuffer();
    expect(await media.analyse(large)).toMatchObject({ readable: true });
    const { media: strict } = scene(forkDecoder, { ...limits, memoryBytes: 150 * 1024 ** 2 });
    const result = await strict.analyse(large);
    // Only Linux tells how much memory another process has.
    if (process.platform === 'linux') expect(result).toMatchObject({ code: 'DECODE_KILLED' });
  });

  it('never blames a picture for a decoder that does not start', async () => {
    const broken = (): DecoderProcess => {
      const child = fake();
      child.onMessage = () => undefined;
      queueMicrotask(() => child.exit('exit code 1'));
      return child;
    };
    const { media } = scene(broken);
    await expect(media.analyse(jpeg)).rejects.toMatchObject({ code: 'IO_FAILED' });
    await expect(media.render(jpeg, { rung: 4, box: 100 })).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
  });
});

describe('with decoders that misbehave', () => {
  it('stops one that hangs', async () => {
    const hanging = fake();
    const { media, log } = scene(() => hanging, { wallClockMs: 30 });
    expect(await media.analyse(jpeg)).toMatchObject({
      readable: false,
      code: 'DECODE_TIMEOUT',
      mime: 'image/jpeg',
    });
    expect(hanging.killed).toBe(true);
    expect(log[0]?.text).toContain('30 ms');
  });

  it('stops one that swells', async () => {
    const swelling = fake((_, self) => (self.bytes = 2 ** 31));
    const { media } = scene(() => swelling, { pollMs: 5 });
    expect(await media.analyse(jpeg)).toMatchObject({ code: 'DECODE_KILLED' });
    expect(swelling.killed).toBe(true);
  });

  it('never tries a picture twice by itself', async () => {
    const crashing = () => fake((_, self) => queueMicrotask(() => self.exit('signal SIGSEGV')));
    const { media, spawned } = scene(crashing);
    expect(await media.analyse(jpeg)).toMatchObject({ code: 'DECODE_KILLED' });
    expect(spawned).toHaveLength(1);
    expect(await media.analyse(jpeg)).toMatchObject({ code: 'DECODE_KILLED' });
    expect(spawned).toHaveLength(2);
  });

  it('says so where no decoder can be started, and stays usable', async () => {
    let broken = true;
    const { media } = scene(() => {
      if (broken) throw new Error('EAGAIN');
      return fake((request, self) => self.answer(answered(request)));
    });
    await expect(media.analyse(jpeg)).rejects.toMatchObject({ code: 'IO_FAILED' });
    broken = false;
    expect(await media.analyse(jpeg)).toMatchObject({ readable: true });
  });

  it('cancels what is in flight and what waits', async () => {
    const { media, spawned } = scene(() => fake());
    const work = [media.analyse(jpeg), media.analyse(jpeg)];
    const ends = Promise.allSettled(work);
    await media.close();
    for (const end of await ends)
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED' } });
    expect(spawned.every((each) => (each as Fake).killed)).toBe(true);
  });
});

describe('order and wear', () => {
  it('lets looks past an import, and keeps a decoder for them', async () => {
    const { media, spawned } = scene(() => fake(), {}, 1);
    media.analyse(jpeg).catch(() => {});
    media.analyse(jpeg).catch(() => {});
    expect(spawned).toHaveLength(1);
    // A look has a decoder at once, though the only one for analyses is busy;
    const look = media.render(jpeg, { rung: 4, box: 100 });
    expect(spawned).toHaveLength(2);
    expect((spawned[1] as Fake).sent.map(({ kind }) => kind)).toEqual(['render']);
    // a second look is next, before the analysis that came earlier;
    const second = media.render(jpeg, { rung: 4, box: 100 });
    const first = spawned[0] as Fake;
    first.answer(answered(first.sent[0]!));
    expect(first.sent.map(({ kind }) => kind)).toEqual(['analyse', 'render']);
    // and never more than one analysis runs, however many decoders are free.
    const other = spawned[1] as Fake;
    other.answer(answered(other.sent[0]!));
    first.answer(answered(first.sent[1]!));
    await Promise.all([look, second]);
    const analyses = spawned
      .flatMap((each) => (each as Fake).sent)
      .filter((r) => r.kind === 'analyse');
    expect(analyses).toHaveLength(2);
    await media.close();
  });

  it('replaces a decoder after its number of jobs', async () => {
    const { media, spawned } = scene(
      () => fake((request, self) => self.answer(answered(request))),
      { recycleJobs: 3 },
    );
    for (let i = 0; i < 7; i++) await media.analyse(jpeg);
    await settled();
    expect(spawned.map((each) => (each as Fake).sent.length)).toEqual([3, 3, 1]);
    expect(spawned.map((each) => (each as Fake).killed)).toEqual([true, true, false]);
  });

  it('replaces a decoder that a job left large', async () => {
    const { media, spawned, log } = scene(() =>
      fake((request, self) => {
        self.bytes = 700 * 1024 * 1024;
        self.answer(answered(request));
      }),
    );
    expect(await media.analyse(jpeg)).toMatchObject({ readable: true });
    await media.analyse(jpeg);
    expect(spawned).toHaveLength(2);
    expect(log, 'wear is not news').toEqual([]);
  });
});
