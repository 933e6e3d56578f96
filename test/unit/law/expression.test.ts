import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FACT_KEYS, FACTS, type FactKey, type FactSheet } from '#shared/domain/facts.ts';
import {
  evaluate,
  type Expression,
  ExpressionError,
  factsOf,
  isTermName,
  parseExpression,
} from '#shared/domain/law/expression.ts';

const sheet = (values: Partial<Record<FactKey, string>>): FactSheet =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, { value, certainty: 'certain' }]),
  );
const value = (text: string, values: Partial<Record<FactKey, string>>) =>
  evaluate(parseExpression(text), sheet(values)).value;

const anyTest: fc.Arbitrary<Expression> = fc.constantFrom(...FACT_KEYS).chain((key) =>
  fc.oneof(
    fc.constant<Expression>({ op: 'known', key }),
    fc
      .subarray(Object.keys(FACTS[key].values), { minLength: 1 })
      .map((values): Expression => ({ op: 'in', key, values })),
  ),
);
const { anyExpression } = fc.letrec<{ anyExpression: Expression }>((tie) => ({
  anyExpression: fc.oneof(
    { depthSize: 'small' },
    anyTest,
    fc.record({ op: fc.constant('not' as const), of: tie('anyExpression') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('anyExpression'), { minLength: 1, maxLength: 4 }),
    }),
  ),
}));
const anySheet: fc.Arbitrary<FactSheet> = fc
  .record(
    Object.fromEntries(
      FACT_KEYS.map((key) => [key, fc.constantFrom(...Object.keys(FACTS[key].values))]),
    ),
    { requiredKeys: [] },
  )
  .map((values) => sheet(values));

const print = (expression: Expression): string => {
  switch (expression.op) {
    case 'known':
      return `known(${expression.key})`;
    case 'in':
      return `${expression.key} in (${expression.values.join(', ')})`;
    case 'not':
      return `not (${print(expression.of)})`;
    default:
      return `(${expression.of.map(print).join(` ${expression.op} `)})`;
  }
};

describe('tests on facts', () => {
  it('compares a recorded fact', () => {
    expect(value('origin = drawing', { origin: 'drawing' })).toBe(true);
    expect(value('origin != drawing', { origin: 'drawing' })).toBe(false);
    expect(value('ageBand in (0-2, 3-6)', { ageBand: '3-6' })).toBe(true);
    expect(value('ageBand in (0-2, 3-6)', { ageBand: 'adult' })).toBe(false);
  });

  it('keeps a fact nobody recorded unknown, also when negated', () => {
    expect(value('act = none', {})).toBe('unknown');
    expect(value('not act = none', {})).toBe('unknown');
    expect(value('known(act)', {})).toBe('unknown');
    expect(value('known(act)', { act: 'none' })).toBe(true);
  });

  it('takes "unclear" as no evidence for or against, and does not ask again', () => {
    const result = evaluate(parseExpression('ageBand = adult'), sheet({ ageBand: 'unclear' }));
    expect(result).toEqual({ value: 'unknown', needs: [], unclear: ['ageBand'] });
    expect(value('ageBand = unclear', { ageBand: 'unclear' })).toBe(true);
    expect(value('known(ageBand)', { ageBand: 'unclear' })).toBe(false);
  });

  it('binds not before and before or', () => {
    expect(value('act = none or origin = drawing and ageBand = adult', { act: 'none' })).toBe(true);
    expect(value('not act = none and origin = drawing', { act: 'none' })).toBe(false);
    expect(value('(act = none or origin = drawing) and ageBand = adult', { ageBand: '0-2' })).toBe(
      false,
    );
  });

  it('names only the facts that would still settle it', () => {
    const text = 'ageBand = adult and (origin = drawing or act = none)';
    const needs = (values: Partial<Record<FactKey, string>>) =>
      evaluate(parseExpression(text), sheet(values)).needs;
    expect(needs({})).toEqual(['ageBand', 'origin', 'act']);
    expect(needs({ origin: 'drawing' })).toEqual(['ageBand']);
    expect(needs({ ageBand: '0-2' })).toEqual([]);
  });

  it('uses terms that were defined before', () => {
    const terms = new Map([['grown', parseExpression('ageBand = adult')]]);
    const expression = parseExpression('grown and act = none', terms);
    expect(factsOf(expression)).toEqual(['ageBand', 'act']);
    expect(isTermName('grown')).toBe(true);
    for (const name of ['act', 'and', 'known', 'Grown', 'a b'])
      expect(isTermName(name)).toBe(false);
  });

  it.each([
    ['', 'a fact was expected'],
    ['ageBnd = adult', '"ageBnd" is neither a fact nor a term (at character 1)'],
    ['ageBand = 40', '"40" is no value of the fact ageBand (at character 11)'],
    ['ageBand adult', '"=", "!=" or "in" was expected'],
    ['ageBand in ()', '")" is no value of the fact ageBand'],
    ['ageBand in (adult', '")" was expected, the end was found'],
    ['(act = none', '")" was expected'],
    ['act = none act = none', 'the end was expected, "act" was found (at character 12)'],
    ['act = none; drop', '";" has no meaning here (at character 11)'],
    ['not', 'a fact was expected'],
    ['known act', '"(" was expected'],
    [`${'('.repeat(60)}act = none${')'.repeat(60)}`, 'nested too deeply'],
    [`act = none${' or act = none'.repeat(200)}`, 'longer than 2000 characters'],
  ])('refuses %j', (text, message) => {
    expect(() => parseExpression(text)).toThrow(ExpressionError);
    expect(() => parseExpression(text)).toThrow(message);
  });
});

describe('properties', () => {
  it('is total and deterministic, and needs only what is not recorded', () => {
    fc.assert(
      fc.property(anyExpression, anySheet, (expression, facts) => {
        const first = evaluate(expression, facts);
        expect(evaluate(expression, facts)).toEqual(first);
        expect([true, false, 'unknown']).toContain(first.value);
        for (const key of first.needs) expect(facts[key]).toBeUndefined();
        for (const key of first.unclear) expect(facts[key]?.value).toBe('unclear');
        if (first.value === 'unknown') {
          expect(first.needs.length + first.unclear.length).toBeGreaterThan(0);
        } else {
          expect(first).toEqual({ value: first.value, needs: [], unclear: [] });
        }
      }),
    );
  });

  it('is monotone: one more fact never unsettles and never asks for more', () => {
    fc.assert(
      fc.property(anyExpression, anySheet, anySheet, (expression, more, base) => {
        const before = evaluate(expression, base);
        const after = evaluate(expression, { ...more, ...base });
        if (before.value !== 'unknown') expect(after.value).toBe(before.value);
        for (const key of after.needs) expect(before.needs).toContain(key);
      }),
    );
  });

  it('is settled once every fact is recorded and none is unclear', () => {
    const full = Object.fromEntries(
      FACT_KEYS.map((key) => [key, Object.keys(FACTS[key].values)[0] as string]),
    );
    fc.assert(
      fc.property(anyExpression, (expression) => {
        expect(evaluate(expression, sheet(full)).value).not.toBe('unknown');
      }),
    );
  });

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(anyExpression, anySheet, (expression, facts) => {
        const text = print(expression);
        fc.pre(text.length <= 2000);
        expect(evaluate(parseExpression(text), facts)).toEqual(evaluate(expression, facts));
      }),
    );
  });

  it('never fails on arbitrary text but with its own error', () => {
    const bits = fc.constantFrom(
      'act',
      '=',
      'none',
      '(',
      ')',
      'and',
      'not',
      'in',
      ',',
      'known',
      '$',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
        try {
          parseExpression(parts.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
    );
  });
});
