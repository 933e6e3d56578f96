/** What a decoder process can reach, and what the core believes of its answers. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseAnswer, parseRequest, READY } from '#core/media/protocol.ts';
import { createMedia } from '#core/media/pool.ts';
import type { DecoderProcess } from '#core/ports.ts';
import { decoderCommand, forkDecoder, networkIsDetachable } from '#electron/cli/decoder-host.ts';

/** Runs a program exactly as a decoder is started, and gives what it printed. */
function probe(script: string, bare = false): string {
  const { command, args, env, cwd } = decoderCommand(['--input-type=module', '--eval', script]);
  const done = bare
    ? spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
    : spawnSync(command, args, { env, cwd, encoding: 'utf8' });
  return done.stdout.trim();
}

const attempt = (expression: string): string =>
  `try { ${expression}; console.log('done'); } catch (e) { console.log(e.code ?? e.message); }`;
/** A file beside the ones that a decoder may read. */
const file = JSON.stringify(path.resolve(import.meta.dirname, '../../../LICENSE'));
const node = JSON.stringify(process.execPath);

describe('what a decoder can reach', () => {
  it.each([
    ['read a file', `(await import('node:fs')).readFileSync(${file})`],
    ['list the root', `(await import('node:fs')).readdirSync('/')`],
    ['start a process', `(await import('node:child_process')).spawnSync(${node}, ['--version'])`],
    ['start a thread', `new (await import('node:worker_threads')).Worker('1', { eval: true })`],
  ])('cannot %s; an ordinary process can', (_, expression) => {
    expect(probe(attempt(expression))).toBe('ERR_ACCESS_DENIED');
    expect(probe(attempt(expression), true), 'negative control').toBe('done');
  });

  it.skipIf(!existsSync('/etc/hostname'))('cannot read the name of the machine', () => {
    const expression = `(await import('node:fs')).readFileSync('/etc/hostname')`;
    expect(probe(attempt(expression))).toBe('ERR_ACCESS_DENIED');
  });

  it('cannot write', () => {
    const expression = `(await import('node:fs')).writeFileSync('custos-probe', '')`;
    expect(probe(attempt(expression))).toBe('ERR_ACCESS_DENIED');
  });

  it('sees nothing of our environment', () => {
    process.env['CUSTOS_TEST_CANARY'] = 'secret';
    const names = JSON.parse(probe('console.log(JSON.stringify(Object.keys(process.env)))'));
    delete process.env['CUSTOS_TEST_CANARY'];
    const allowed = [
      'VIPS_BLOCK_UNTRUSTED',
      ...(process.platform === 'win32' ? ['SystemRoot'] : []),
    ];
    expect(names).toEqual(allowed);
  });

  const detachable = networkIsDetachable();
  if (!detachable)
    console.warn(
      'SKIPPED: this machine allows no network namespaces; decoders could open sockets.',
    );

  it.skipIf(!detachable)('has no network; an ordinary process has', () => {
    // The loopback interface of an empty namespace is down: not even this machine is reachable.
    const script = `
      const { createServer, connect } = await import('node:net');
      const server = createServer().on('error', (e) => { console.log(e.code); });
      server.listen(0, '127.0.0.1', () => {
        connect(server.address().port, '127.0.0.1')
          .on('connect', () => { console.log('connected'); process.exit(); })
          .on('error', (e) => { console.log(e.code); process.exit(); });
      });`;
    expect(probe(script)).toMatch(/^E(NETUNREACH|ADDRNOTAVAIL)$/);
    expect(probe(script, true), 'negative control').toBe('connected');
  });
});

describe('what a decoder will do', () => {
  const bytes = new Uint8Array([1]);
  it.each([
    ['nothing', undefined],
    ['a string', 'analyse'],
    ['a path', { id: 1, kind: 'analyse', path: '/etc/passwd' }],
    ['a path for bytes', { id: 1, kind: 'analyse', bytes: '/etc/passwd' }],
    ['another act', { id: 1, kind: 'open', bytes }],
    ['no id', { kind: 'analyse', bytes }],
    ['rung 0', { id: 1, kind: 'render', bytes, rung: 0, box: 10 }],
    ['rung 5', { id: 1, kind: 'render', bytes, rung: 5, box: 10 }],
    ['a huge box', { id: 1, kind: 'render', bytes, rung: 4, box: 1e9 }],
    ['half a pixel', { id: 1, kind: 'render', bytes, rung: 4, box: 0.5 }],
  ])('refuses %s', (_, message) => {
    expect(parseRequest(message)).toBeNull();
  });

  it('takes a request, and nothing beside it', () => {
    expect(parseRequest({ id: 1, kind: 'analyse', bytes, path: '/etc/passwd' })).toEqual({
      id: 1,
      kind: 'analyse',
      bytes,
    });
  });

  it('ends itself when it is sent anything else', async () => {
    const decoder = forkDecoder();
    const exit = new Promise<string>((resolve) => decoder.onExit(resolve));
    decoder.send({ id: 1, kind: 'run', code: 'process.exit(0)' });
    expect(await exit).toBe('exit code 2');
  });
});

describe('what the core believes', () => {
  const thumbnail = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);
  const facts = {
    width: 10,
    height: 10,
    frames: 1,
    pdq: new Uint8Array(256),
    pdqQuality: 100,
    thumbnail,
    thumbnailSize: { width: 10, height: 10 },
  };

  it('a proper answer', () => {
    expect(parseAnswer({ id: 7, kind: 'facts', facts }, 7, 'analyse')).toEqual({
      kind: 'facts',
      facts,
    });
  });

  const html = new TextEncoder().encode('<script>alert(1)</script>');
  it.each([
    ['to another question', { id: 8, kind: 'facts', facts }],
    [
      'of another kind',
      { id: 7, kind: 'rendered', rendered: { bytes: thumbnail, width: 1, height: 1 } },
    ],
    [
      'with a thumbnail that is no JPEG',
      { id: 7, kind: 'facts', facts: { ...facts, thumbnail: html } },
    ],
    ['with a short hash', { id: 7, kind: 'facts', facts: { ...facts, pdq: new Uint8Array(255) } }],
    ['with a negative width', { id: 7, kind: 'facts', facts: { ...facts, width: -1 } }],
    ['with half a frame', { id: 7, kind: 'facts', facts: { ...facts, frames: 1.5 } }],
    ['with a code of its own', { id: 7, kind: 'failed', code: 'OTHER', reason: 'x' }],
    [
      'with a control character',
      { id: 7, kind: 'failed', code: 'DECODE_KILLED', reason: '\u202e' },
    ],
    ['with a novel', { id: 7, kind: 'failed', code: 'DECODE_KILLED', reason: 'x'.repeat(501) }],
    ['that is nothing', null],
  ])('no answer %s', (_, message) => {
    expect(parseAnswer(message, 7, 'analyse')).toBeNull();
  });

  it('drops what it did not ask for', () => {
    const extra = { ...facts, path: '/etc/passwd', thumbnailSize: { width: 1, height: 1, x: 1 } };
    const parsed = parseAnswer({ id: 7, kind: 'facts', facts: extra, y: 1 }, 7, 'analyse');
    expect(parsed).toEqual({
      kind: 'facts',
      facts: { ...facts, thumbnailSize: { width: 1, height: 1 } },
    });
  });

  it('and ends a decoder that answers out of form', async () => {
    let killed = false;
    let listener: (message: unknown) => void = () => {};
    let exited: (reason: string) => void = () => {};
    const lying: DecoderProcess = {
      send: () => queueMicrotask(() => listener({ id: 1, kind: 'facts', facts: {} })),
      onMessage(each) {
        listener = each;
        each(READY);
      },
      onExit: (each) => (exited = each),
      kill() {
        killed = true;
        exited('signal SIGKILL');
      },
      residentBytes: () => null,
    };
    const media = createMedia({ spawnDecoder: () => lying, decoders: 1, log: () => {} });
    const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    expect(await media.analyse(png)).toMatchObject({ code: 'DECODE_KILLED', mime: 'image/png' });
    expect(killed).toBe(true);
    await media.close();
  });
});
