/**
 * Who may call what, in which state: every channel by every combination of roles, with no
 * workspace, locked and open. What is expected is read off the table here, not asked of the code
 * that is tested.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CONTRACT, type ChannelName } from '#shared/contract/contract.ts';
import { ROLES, type Role } from '#shared/domain/words.ts';
import type { ErrorCode } from '#shared/domain/errors.ts';
import { createWorkstation, type Workstation } from '#core/workstation.ts';
import { makeWorkspace, testPorts, type TestWorkspace } from '../support/workspace.ts';

const CHANNELS = Object.keys(CONTRACT) as ChannelName[];
const COMBINATIONS = [1, 2, 3, 4, 5, 6, 7].map((bits) =>
  ROLES.filter((_, at) => (bits >> at) % 2 === 1),
);
const nameOf = (roles: readonly Role[]): string => roles.join(' and ');
/** Founds the workspace and reads its record. */
const FOUNDER = nameOf(ROLES);
/** Understood by no channel: whoever gets as far as being misunderstood was let in. */
const NONSENSE = { nonsense: true };

const STRANGE_NAMES = ['__proto__', 'constructor', 'toString', 'workspace', 'look.request ', ''];

/** A call as a screen would make it, from the channel's own schema: every required field, smallest. */
function wellFormed(channel: ChannelName): unknown {
  return sample(z.toJSONSchema(CONTRACT[channel].input, { io: 'input' }) as Schema);
}

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  pattern?: string;
}

function sample(schema: Schema): unknown {
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sample(schema.anyOf[0]!);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, sample(schema.properties![key]!)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items!));
    case 'string':
      return schema.pattern === undefined ? 'x'.repeat(schema.minLength ?? 1) : hex(schema.pattern);
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      throw new Error(`no sample of ${JSON.stringify(schema)}`);
  }
}

/** All patterns of the contract are about hexadecimal digits, so many of them. */
function hex(pattern: string): string {
  return '0'.repeat(Number(/\{(\d+)\}/.exec(pattern)?.[1] ?? 1));
}

/** Null where the call has to be let in. `roles`: null where nobody is unlocked. */
function refusal(channel: ChannelName, roles: readonly Role[] | null): ErrorCode | null {
  const { allow } = CONTRACT[channel];
  if (allow === 'anyone') return null;
  if (roles === null) return 'NOT_UNLOCKED';
  if (allow === 'member') return null;
  const named: readonly Role[] = allow;
  return named.some((role) => roles.includes(role)) ? null : 'NOT_ALLOWED';
}

async function codeOf(workstation: Workstation, channel: string, input: unknown): Promise<string> {
  const result = await workstation.call(channel, input);
  return result.ok ? 'answered' : result.error.code;
}

async function sweep(workstation: Workstation): Promise<Record<string, string>> {
  const codes: Record<string, string> = {};
  for (const channel of CHANNELS) codes[channel] = await codeOf(workstation, channel, NONSENSE);
  return codes;
}

function expectedSweep(roles: readonly Role[] | null): Record<string, string> {
  return Object.fromEntries(
    CHANNELS.map((channel) => [channel, refusal(channel, roles) ?? 'BAD_REQUEST']),
  );
}

let workspace: TestWorkspace;

beforeAll(async () => {
  const [founder, ...others] = [...COMBINATIONS].reverse();
  workspace = await makeWorkspace({
    members: [
      { name: nameOf(founder!), roles: founder! },
      ...others.map((roles) => ({ name: nameOf(roles), roles })),
    ],
  });
});
afterAll(() => workspace.remove());

async function selected(): Promise<Workstation> {
  const workstation = createWorkstation(workspace.ports);
  const choice = workstation.keep([workspace.dir]);
  expect((await workstation.call('workspace.select', { choice })).ok).toBe(true);
  return workstation;
}

async function unlocked(name: string): Promise<Workstation> {
  const workstation = await selected();
  const password = workspace.passwordOf(name);
  expect(await workstation.call('workspace.unlock', { member: name, password })).toMatchObject({
    ok: true,
  });
  return workstation;
}

/** What was refused to `name` so far, oldest first. */
async function refusedTo(name: string): Promise<{ channel: unknown; code: unknown }[]> {
  const workstation = await unlocked(FOUNDER);
  try {
    const query = { types: ['call.refused'], by: name, limit: 1000 };
    const result = await workstation.call('record.list', query);
    if (!result.ok) throw new Error(result.error.message);
    const { entries } = result.value as { entries: { detail: Record<string, unknown> }[] };
    return entries.reverse().map(({ detail }) => ({
      channel: detail['channel'],
      code: detail['code'],
    }));
  } finally {
    await workstation.shutdown();
  }
}

describe('the answer of the router', () => {
  it('knows every combination of roles and a well-formed call for every channel', () => {
    expect(COMBINATIONS).toHaveLength(2 ** ROLES.length - 1);
    for (const channel of CHANNELS) {
      expect(CONTRACT[channel].input.safeParse(wellFormed(channel)).success, channel).toBe(true);
      expect(CONTRACT[channel].input.safeParse(NONSENSE).success, channel).toBe(false);
    }
  });

  it('without a workspace lets in only what anybody may call', async () => {
    const machineDir = path.join(workspace.folder, 'another machine');
    mkdirSync(machineDir);
    const workstation = createWorkstation(testPorts({ machineDir }));
    expect(await sweep(workstation)).toEqual(expectedSweep(null));
    for (const name of STRANGE_NAMES)
      expect(await codeOf(workstation, name, {}), name).toBe('UNKNOWN_CHANNEL');
  });

  it('before unlocking lets in only what anybody may call', async () => {
    const workstation = await selected();
    expect(await sweep(workstation)).toEqual(expectedSweep(null));
  });

  it.each(COMBINATIONS.map((roles) => ({ name: nameOf(roles), roles })))(
    'follows the table for $name, and forgets them on lock',
    async ({ name, roles }) => {
      const workstation = await unlocked(name);
      const expected: { channel: unknown; code: string }[] = [];
      try {
        expect(await sweep(workstation)).toEqual(expectedSweep(roles));
        for (const channel of CHANNELS)
          expected.push({ channel, code: refusal(channel, roles) ?? 'BAD_REQUEST' });

        // Being understood makes no difference to whoever may not call.
        for (const channel of CHANNELS) {
          const code = refusal(channel, roles);
          if (code === null) continue;
          expect(await codeOf(workstation, channel, wellFormed(channel)), channel).toBe(code);
          expected.push({ channel, code });
        }
        for (const strange of STRANGE_NAMES) {
          expect(await codeOf(workstation, strange, {}), strange).toBe('UNKNOWN_CHANNEL');
          // How such a name is kept is the router's own affair.
          expected.push({ channel: expect.any(String), code: 'UNKNOWN_CHANNEL' });
        }

        await workstation.lock('command');
        expect(await sweep(workstation)).toEqual(expectedSweep(null));
      } finally {
        await workstation.shutdown();
      }
      expect(await refusedTo(name)).toEqual(expected);
    },
  );

  it('would be found out if it let a supervisor look', () => {
    const leaky = { ...expectedSweep(['supervisor']), 'look.request': 'BAD_REQUEST' };
    expect(leaky).not.toEqual(expectedSweep(['supervisor']));
    expect(expectedSweep(['supervisor'])['look.request']).toBe('NOT_ALLOWED');
    expect(expectedSweep(['legal', 'supervisor'])['look.request']).toBe('BAD_REQUEST');
  });
});
