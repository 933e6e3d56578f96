import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CONTRACT } from '#shared/contract/contract.ts';
import { ENTRY_CODES } from '#shared/contract/entry-types.ts';
import { CHANNEL_NAMES } from '#shared/contract/names.ts';
import { ROLES } from '#shared/domain/words.ts';

/** What every channel must say about itself; also run against deliberately bad channels below. */
function faults(name: string, channel: object): string[] {
  const found: string[] = [];
  const { input, output, allow, record } = channel as Record<string, unknown>;
  if (!(input instanceof z.ZodType)) found.push(`${name} has no input schema`);
  if (!(output instanceof z.ZodType)) found.push(`${name} has no output schema`);
  const listed =
    Array.isArray(allow) &&
    allow.length > 0 &&
    allow.every((r) => (ROLES as readonly unknown[]).includes(r));
  if (allow !== 'anyone' && allow !== 'member' && !listed) found.push(`${name} has no role rule`);
  const rule = record as { entry?: string; none?: string } | undefined;
  const recorded = rule?.entry !== undefined && rule.entry in ENTRY_CODES;
  const excused = typeof rule?.none === 'string' && rule.none.length > 10;
  if (!recorded && !excused) found.push(`${name} has no record rule`);
  return found;
}

describe('the contract table', () => {
  it('gives every channel a schema, a role and a record rule', () => {
    const found = Object.entries(CONTRACT).flatMap(([name, channel]) => faults(name, channel));
    expect(found).toEqual([]);
  });

  it('would notice a channel that lacks one of them', () => {
    const whole = {
      input: z.string(),
      output: z.string(),
      allow: 'member',
      record: { entry: 'done' },
    };
    expect(faults('whole', whole)).toEqual([]);
    expect(faults('x', { ...whole, input: undefined })).toEqual(['x has no input schema']);
    expect(faults('x', { ...whole, allow: [] })).toEqual(['x has no role rule']);
    expect(faults('x', { ...whole, allow: ['king'] })).toEqual(['x has no role rule']);
    expect(faults('x', { ...whole, record: { none: '' } })).toEqual(['x has no record rule']);
    expect(faults('x', { ...whole, record: { entry: 'nothing' } })).toEqual([
      'x has no record rule',
    ]);
  });

  it('is listed by name for the preload, exactly', () => {
    expect([...CHANNEL_NAMES].sort()).toEqual(Object.keys(CONTRACT).sort());
  });

  it('lets no supervisor near a picture', () => {
    for (const name of ['look.request', 'look.cover'] as const)
      expect(CONTRACT[name].allow).not.toContain('supervisor');
  });

  it('never numbers two entry types alike', () => {
    const codes = Object.values(ENTRY_CODES);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
