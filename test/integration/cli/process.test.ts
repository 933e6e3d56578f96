/** What only a process can show: signals, pipes, a terminal, and the program as it is installed. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '#shared/domain/errors.ts';
import { haveTool } from '../../support/stock-tools.ts';
import { makePlace, passwordOf, type Place, type Ran } from './cli.ts';
import { pictures } from './evidence.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PRODUCT = path.join(ROOT, 'electron/cli/custos.mjs');
const CHEAP = fileURLToPath(new URL('cheap.child.ts', import.meta.url));
const TERMINAL = 'script';
const PICTURES = 40;
/** Milliseconds a picture: an import of all takes two decoders two seconds and more. */
const SLOWLY = '100';

interface Ended {
  exit: number | null;
  signal: string | null;
  out: string;
  err: string;
}

let place: Place;
const workspace = (): string => place.at('work space');

beforeAll(async () => {
  place = makePlace();
  await here('init', workspace(), '--member', 'Ada');
  await pictures(place.at('STOP'), PICTURES);
  await pictures(place.at('KILL'), PICTURES, PICTURES);
});
afterAll(() => place.remove());

const password = (): string[] => ['--password-file', place.passwordFile('Ada')];

function run(args: string[], stdio: StdioOptions = ['ignore', 'pipe', 'pipe']) {
  const env = { ...process.env, XDG_STATE_HOME: place.at('state') };
  const child = spawn(process.execPath, args, { stdio, env });
  return { child, ended: ending(child) };
}

/** The same command line inside the test, where the process is not the point. */
async function here(...args: string[]): Promise<Ran> {
  const ran = await place.custos([...args, ...password()]);
  expect(ran.exit).toBe(EXIT.done);
  return ran;
}

async function ending(child: ChildProcess): Promise<Ended> {
  const over = new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (code, signal) => resolve([code, signal])),
  );
  const [out, err] = await Promise.all(
    // A stream that was closed on purpose ends early; what it held is not asked for.
    [child.stdout, child.stderr].map(async (stream) => stream && text(stream).catch(() => '')),
  );
  const [exit, signal] = await over;
  return { exit, signal, out: out ?? '', err: err ?? '' };
}

/** Originals that lie sealed in the workspace. */
function sealed(): number {
  const blobs = path.join(workspace(), 'blobs');
  const files = existsSync(blobs) ? readdirSync(blobs, { recursive: true }) : [];
  return files.filter((name) => String(name).endsWith('.evb')).length;
}

/** Begins an import and waits until it is in the middle. */
async function importing(ref: string) {
  const before = sealed();
  const args = ['import', workspace(), place.at(ref), '--case', ref, '--json', ...password()];
  const running = run([CHEAP, place.machineDir, SLOWLY, ...args]);
  for (let waited = 0; sealed() < before + 8; waited += 20) {
    if (waited > 30_000) throw new Error('the import did not get anywhere');
    await pause(20);
  }
  return running;
}

async function figures(ref: string) {
  const ran = await here('report', workspace(), '--case', ref, '--json');
  type Report = { items: number; imports: { state: string; ledger: Record<string, number> }[] };
  return { ...ran.json<Report>(), err: ran.err };
}

function expectBalanced({
  offered,
  new: added,
  duplicate,
  unreadable,
  refused,
}: Record<string, number>) {
  expect(offered).toBe(added! + duplicate! + unreadable! + refused!);
}

describe('an import that is not left to end', () => {
  beforeAll(async () => {
    for (const ref of ['STOP', 'KILL'])
      await here('case', 'create', workspace(), '--ref', ref, '--title', ref);
  });

  it('is stopped cleanly by Ctrl-C, and keeps others out until then', async () => {
    const running = await importing('STOP');
    // However slow this machine is, it is in the middle while the other one tries.
    running.child.kill('SIGSTOP');
    const second = await place.custos(['items', workspace(), '--case', 'STOP', ...password()]);
    running.child.kill('SIGCONT');
    expect(second.exit).toBe(EXIT.busy);
    expect(second.err).toMatch(/open in another window or command/);
    running.child.kill('SIGINT');
    const { exit, signal, out, err } = await running.ended;
    expect({ exit, signal }).toEqual({ exit: EXIT.wrong, signal: null });
    expect(err).toMatch(/The import was stopped/);
    const ledger = JSON.parse(out) as Record<string, number>;
    expectBalanced(ledger);
    expect(ledger['offered']).toBeLessThan(PICTURES);

    const after = await figures('STOP');
    expect(after.err).toBe('');
    expect(after.items).toBe(ledger['offered']);
    expect(after.imports).toMatchObject([{ state: 'cancelled' }]);
  });

  it('killed, loses nothing it had acknowledged, and says so at the next opening', async () => {
    const running = await importing('KILL');
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');

    const after = await figures('KILL');
    expect(after.err).toMatch(/Import \d+ had been interrupted.*run it again/);
    const [interrupted] = after.imports;
    expect(interrupted).toMatchObject({ state: 'interrupted' });
    expectBalanced(interrupted!.ledger);
    expect(after.items).toBe(interrupted!.ledger['new']);

    const again = await here('import', workspace(), place.at('KILL'), '--case', 'KILL', '--json');
    expect(again.json()).toMatchObject({
      offered: PICTURES,
      new: PICTURES - after.items,
      duplicate: after.items,
    });
    expect((await figures('KILL')).err).toBe('');
    await here('record', 'verify', workspace());
  });
});

describe('output that goes nowhere', () => {
  const items = (): string[] => [
    ...[CHEAP, place.machineDir, '0', 'items', workspace(), '--case', 'KILL', '--json'],
    ...password(),
  ];

  it('is no failure where nobody reads on', async () => {
    const { child, ended } = run(items());
    child.stdout!.destroy();
    expect(await ended).toMatchObject({ exit: EXIT.done, err: '' });
  });

  it.skipIf(!existsSync('/dev/full'))('is one where it cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      const { exit, err } = await run(items(), ['ignore', full, 'pipe']).ended;
      expect(exit).toBe(EXIT.io);
      expect(err).toBe('The answer could not be written to the output (ENOSPC).\n');
    } finally {
      closeSync(full);
    }
  });
});

describe.skipIf(!haveTool(TERMINAL))('a terminal', () => {
  /** Types each answer once its question has appeared. */
  async function atTerminal(args: string[], answers: [question: string, answer: string][]) {
    const quoted = [process.execPath, CHEAP, place.machineDir, '0', ...args]
      .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
      .join(' ');
    const child = spawn(TERMINAL, ['-qec', quoted, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    let out = '';
    let from = 0;
    const waiting = [...answers];
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      out += piece;
      const next = waiting[0];
      if (!next) return;
      const at = out.indexOf(next[0], from);
      if (at < 0) return;
      from = at + next[0].length;
      waiting.shift();
      child.stdin.write(next[1]);
    });
    const exit = await new Promise<number | null>((resolve) => child.on('close', resolve));
    expect(waiting).toEqual([]);
    return { exit, out };
  }

  const list = (): string[] => ['case', 'list', workspace()];

  it('is asked for a password and shows nothing of it', async () => {
    const { exit, out } = await atTerminal(list(), [['Password: ', `${passwordOf('Ada')}\r`]]);
    expect(exit).toBe(EXIT.done);
    expect(out).toMatch(/^Password: \r?\n(There is no case yet|reference +items)/);
    expect(out).not.toMatch(/otters/);
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('gives up on %s', async (_, key) => {
    const { exit, out } = await atTerminal(list(), [['Password: ', key]]);
    expect(exit).toBe(EXIT.wrong);
    expect(out).toMatch(/Stopped, as you asked/);
  });

  it('asks for a new password until it was typed twice alike', async () => {
    const word = 'nine badgers polish brass lamps';
    const { exit, out } = await atTerminal(
      ['init', place.at('typed'), '--member', 'Bo', '--recovery-out', place.at('typed words')],
      [
        ['New password for Bo: ', `${word}\r`],
        ['The same again: ', `${word}!\r`],
        ['New password for Bo: ', `${word}X\u007f\r`],
        ['The same again: ', `${word}\r`],
      ],
    );
    expect(exit).toBe(EXIT.done);
    expect(out).toMatch(/These two are not the same/);
    expect(out).not.toMatch(/badgers/);
  });
});

describe('the program as it is installed', () => {
  const custos = (...args: string[]) => run([PRODUCT, ...args]).ended;

  it('makes a workspace at full cost and opens it again', { timeout: 120_000 }, async () => {
    const dir = place.at('full cost');
    const made = await custos('init', dir, '--member', 'Ada', '--json', ...password());
    expect(made).toMatchObject({ exit: EXIT.done });
    expect(JSON.parse(made.out)).toMatchObject({ member: 'Ada' });
    const opened = await custos('case', 'list', dir, ...password());
    expect(opened).toEqual({
      exit: EXIT.done,
      signal: null,
      out: 'There is no case yet.\n',
      err: '',
    });
  });

  it('opens no workspace whose passwords are cheap to try', async () => {
    const refused = await custos('case', 'list', workspace(), ...password());
    expect(refused).toMatchObject({ exit: EXIT.notAllowed, out: '' });
    expect(refused.err).toMatch(/made for tests/);
  });

  it('takes a name with a space and a line break for one name', async () => {
    const refused = await custos('case', 'list', place.at('no\nsuch workspace'), '--json');
    expect(refused.exit).toBe(EXIT.usage);
    expect(JSON.parse(refused.out)).toMatchObject({ error: { code: 'NOT_A_WORKSPACE' } });
  });
});
