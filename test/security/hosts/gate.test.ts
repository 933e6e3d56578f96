import { describe, expect, it } from 'vitest';
import { CHANNEL_NAMES } from '#shared/contract/names.ts';
import { isPlain } from '#shared/contract/plain.ts';
import { createGate, LARGEST_MESSAGE, throughGate } from '#electron/hosting/gate.ts';

const ORIGIN = 'custos://app';
const OURS = { mainFrame: true, origin: ORIGIN };
const HONEST = { channel: 'cases.list', input: {} };

function gateAt(clock = { ms: 0 }) {
  const refused: string[] = [];
  const gate = createGate({
    origin: ORIGIN,
    now: () => clock.ms,
    refused: (code) => refused.push(code),
  });
  return { gate, refused, clock };
}

describe('the gate', () => {
  it('lets every channel of the contract through from our own main frame', () => {
    const { gate } = gateAt();
    for (const channel of CHANNEL_NAMES) {
      expect(gate(OURS, { channel, input: {} })).toEqual({ ok: true, channel, input: {} });
    }
  });

  it.each([
    ['a frame inside', { mainFrame: false, origin: ORIGIN }],
    ['another host', { mainFrame: true, origin: 'custos://other' }],
    ['another scheme', { mainFrame: true, origin: 'https://app' }],
    ['a prefix of ours', { mainFrame: true, origin: 'custos://app.example.com' }],
    ['nobody', { mainFrame: true, origin: '' }],
    ['an opaque origin', { mainFrame: true, origin: 'null' }],
  ])('refuses %s', (_name, sender) => {
    const { gate, refused } = gateAt();
    expect(gate(sender, HONEST)).toMatchObject({ ok: false, error: { code: 'NOT_ALLOWED' } });
    expect(refused).toEqual(['NOT_ALLOWED']);
  });

  it.each([
    '',
    'shell.run',
    'cases',
    'cases.list ',
    '__proto__',
    'toString',
    7,
    null,
    ['cases.list'],
  ])('refuses the channel %j', (channel) => {
    expect(gateAt().gate(OURS, { channel, input: {} })).toMatchObject({
      error: { code: 'UNKNOWN_CHANNEL' },
    });
  });

  it('refuses what is not plain and what is too large, and passes what just fits', () => {
    const { gate } = gateAt();
    const code = (input: unknown) => gate(OURS, { channel: 'cases.list', input });
    expect(code(new Map())).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(code(undefined)).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(code('x'.repeat(LARGEST_MESSAGE - 1))).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(code('x'.repeat(LARGEST_MESSAGE - 2))).toMatchObject({ ok: true });
  });

  it('hands on a copy that the sender cannot change any more', () => {
    const input = { choice: 'a' };
    const decision = gateAt().gate(OURS, { channel: 'workspace.select', input });
    input.choice = 'b';
    expect(decision).toMatchObject({ ok: true, input: { choice: 'a' } });
  });

  it('slows a flood down and recovers', () => {
    const { gate, clock } = gateAt();
    let passed = 0;
    for (let i = 0; i < 2_000; i++) if (gate(OURS, HONEST).ok) passed += 1;
    expect(passed).toBe(400);
    expect(gate(OURS, HONEST)).toMatchObject({ error: { code: 'SLOWED_DOWN' } });
    clock.ms += 1_000;
    expect(gate(OURS, HONEST).ok).toBe(true);
  });

  it('never lets a refused message reach the core', async () => {
    const calls: string[] = [];
    const call = async (channel: string) => {
      calls.push(channel);
      return { ok: true, value: null } as const;
    };
    const { gate } = gateAt();
    await throughGate(gate, OURS, { channel: 'shell.run', input: {} }, call);
    expect(calls).toEqual([]);
    await throughGate(gate, OURS, HONEST, call);
    expect(calls).toEqual(['cases.list']);
  });
});

describe('plain data', () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
  const circle: unknown[] = [];
  circle.push(circle);

  it.each([null, true, 0, -1.5, '', [], {}, { a: [1, { b: null }] }, { left: undefined }])(
    'passes %j',
    (value) => expect(isPlain(value)).toBe(true),
  );
  it.each([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['infinity', Infinity],
    ['a big integer', 1n],
    ['a symbol', Symbol('x')],
    ['a function', () => 1],
    ['a date', new Date()],
    ['bytes', new Uint8Array(2)],
    ['a map', new Map()],
    ['an instance', new (class Thing {})()],
    ['an error', new Error('x')],
    ['a getter', Object.defineProperty({}, 'x', { enumerable: true, get: () => 1 })],
    ['a prototype of its own', JSON.parse('{"__proto__": {"x": 1}}') as unknown],
    ['a circle', circle],
    ['what is nested too deep', deep(40)],
  ])('refuses %s', (_name, value) => expect(isPlain(value)).toBe(false));

  it.each([
    ['is the same array over and over', shared(8, 14)],
    ['is the same long text over and over', Array(100).fill('x'.repeat(100_000))],
    ['is one long text', 'x'.repeat(3_000_000)],
    ['is nearly all holes', new Array(2 ** 32 - 1)],
  ])('refuses at once what %s', (_name, value) => {
    // As it would arrive: copying keeps what is shared shared.
    expect(isPlain(structuredClone(value))).toBe(false);
    // Walked through copy by copy it would not end within this test's time.
    // The control: a part of it passes.
    expect(isPlain(shared(2, 14))).toBe(true);
  });
});

/** `fan` to the power of `levels` values when written out, and `levels` small arrays in memory. */
function shared(fan: number, levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = Array(fan).fill(value);
  return value;
}
