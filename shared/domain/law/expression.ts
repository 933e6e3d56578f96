/**
 * The language of a law pack's tests on facts. Small, total and three-valued: an expression over
 * any fact sheet is true, false or unknown, and an unknown one names the facts that would settle
 * it. A fact that nobody recorded never makes a test true or false.
 *
 *     or   := and ('or' and)*
 *     and  := not ('and' not)*
 *     not  := 'not' not | '(' or ')' | test
 *     test := fact '=' value | fact '!=' value | fact 'in' '(' value (',' value)* ')'
 *           | 'known' '(' fact ')' | term
 *
 * A term is a named expression that stands earlier in the same pack. Facts and values are those of
 * `domain/facts.ts`; any other word is refused when the pack is read.
 */
import { type FactKey, type FactSheet, isFactKey, isFactValue } from '../facts.ts';

export type Truth = boolean | 'unknown';

export type Expression =
  | { readonly op: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly op: 'not'; readonly of: Expression }
  | { readonly op: 'in'; readonly key: FactKey; readonly values: readonly string[] }
  | { readonly op: 'known'; readonly key: FactKey };

export interface Evaluation {
  value: Truth;
  /** Facts not yet recorded that could settle an unknown value; empty when it is settled. */
  needs: FactKey[];
  /** Facts recorded as "unclear" that keep the value unknown, whatever else is recorded. */
  unclear: FactKey[];
}

/** The value of a fact that says: looked for, and it cannot be told. */
const UNCLEAR = 'unclear';
const MAX_LENGTH = 2000;
const MAX_DEPTH = 40;
const WORDS_OF_THE_LANGUAGE = new Set(['and', 'or', 'not', 'in', 'known']);

/** What is wrong with an expression and at which character (from 1). */
export class ExpressionError extends Error {
  constructor(message: string, at: number) {
    super(`${message} (at character ${at})`);
    this.name = 'ExpressionError';
  }
}

/** Whether a term may bear this name: neither a fact nor a word of the language. */
export function isTermName(name: string): boolean {
  return /^[a-z][A-Za-z0-9]*$/.test(name) && !isFactKey(name) && !WORDS_OF_THE_LANGUAGE.has(name);
}

/** Kleene's strong three-valued logic; `unclear` counts as unknown unless it is asked for. */
export function evaluate(expression: Expression, facts: FactSheet): Evaluation {
  switch (expression.op) {
    case 'in':
      return evaluateIn(expression.key, expression.values, facts);
    case 'known': {
      const fact = facts[expression.key];
      return fact === undefined ? open([expression.key], []) : settled(fact.value !== UNCLEAR);
    }
    case 'not': {
      const inner = evaluate(expression.of, facts);
      return inner.value === 'unknown' ? inner : settled(!inner.value);
    }
    case 'and':
      return evaluateMany(expression.of, facts, false);
    case 'or':
      return evaluateMany(expression.of, facts, true);
  }
}

/** Every fact an expression can ask for, each once, in order of first mention. */
export function factsOf(expression: Expression): FactKey[] {
  switch (expression.op) {
    case 'in':
    case 'known':
      return [expression.key];
    case 'not':
      return factsOf(expression.of);
    case 'and':
    case 'or':
      return [...new Set(expression.of.flatMap(factsOf))];
  }
}

function settled(value: boolean): Evaluation {
  return { value, needs: [], unclear: [] };
}

function open(needs: FactKey[], unclear: FactKey[]): Evaluation {
  return { value: 'unknown', needs, unclear };
}

function evaluateIn(key: FactKey, values: readonly string[], facts: FactSheet): Evaluation {
  const fact = facts[key];
  if (fact === undefined) return open([key], []);
  if (values.includes(fact.value)) return settled(true);
  // "Cannot be told" is no evidence against any value: a picture of somebody of unclear age is
  // not a picture of an adult.
  return fact.value === UNCLEAR ? open([], [key]) : settled(false);
}

/** `decisive` is the value of one part that settles the whole: true for or, false for and. */
function evaluateMany(
  parts: readonly Expression[],
  facts: FactSheet,
  decisive: boolean,
): Evaluation {
  const needs = new Set<FactKey>();
  const unclear = new Set<FactKey>();
  let unknown = false;
  for (const part of parts) {
    const result = evaluate(part, facts);
    if (result.value === decisive) return settled(decisive);
    if (result.value !== 'unknown') continue;
    unknown = true;
    for (const key of result.needs) needs.add(key);
    for (const key of result.unclear) unclear.add(key);
  }
  return unknown ? open([...needs], [...unclear]) : settled(!decisive);
}

interface Token {
  text: string;
  at: number;
}

/**
 * Reads one expression. `terms` holds the terms that may be named in it.
 * Throws ExpressionError for anything outside the language.
 */
export function parseExpression(
  text: string,
  terms: ReadonlyMap<string, Expression> = new Map(),
): Expression {
  if (text.length > MAX_LENGTH) {
    throw new ExpressionError(`longer than ${MAX_LENGTH} characters`, MAX_LENGTH);
  }
  const tokens = tokenise(text);
  let position = 0;
  const end = { text: '', at: text.length + 1 };
  const peek = (): Token => tokens[position] ?? end;
  const take = (): Token => {
    const token = peek();
    position += 1;
    return token;
  };
  const expect = (wanted: string): void => {
    const token = take();
    if (token.text !== wanted) throw unexpected(token, `"${wanted}"`);
  };

  const readOr = (depth: number): Expression => readMany('or', readAnd, depth);
  const readAnd = (depth: number): Expression => readMany('and', readNot, depth);
  const readMany = (
    op: 'and' | 'or',
    readPart: (depth: number) => Expression,
    depth: number,
  ): Expression => {
    const first = readPart(depth);
    const parts = [first];
    while (peek().text === op) {
      take();
      parts.push(readPart(depth));
    }
    return parts.length === 1 ? first : { op, of: parts };
  };
  const readNot = (depth: number): Expression => {
    if (depth > MAX_DEPTH) throw new ExpressionError('nested too deeply', peek().at);
    if (peek().text === 'not') {
      take();
      return { op: 'not', of: readNot(depth + 1) };
    }
    if (peek().text === '(') {
      take();
      const inner = readOr(depth + 1);
      expect(')');
      return inner;
    }
    return readTest();
  };
  const readTest = (): Expression => {
    const name = take();
    if (name.text === 'known') {
      expect('(');
      const key = readFact(take());
      expect(')');
      return { op: 'known', key };
    }
    const term = terms.get(name.text);
    if (term !== undefined) return term;
    const key = readFact(name);
    const operator = take();
    switch (operator.text) {
      case '=':
        return { op: 'in', key, values: [readValue(key, take())] };
      case '!=':
        return { op: 'not', of: { op: 'in', key, values: [readValue(key, take())] } };
      case 'in':
        return { op: 'in', key, values: readValues(key) };
      default:
        throw unexpected(operator, '"=", "!=" or "in"');
    }
  };
  const readValues = (key: FactKey): string[] => {
    expect('(');
    const values = [readValue(key, take())];
    while (peek().text === ',') {
      take();
      values.push(readValue(key, take()));
    }
    expect(')');
    return values;
  };

  const expression = readOr(0);
  if (position < tokens.length) throw unexpected(peek(), 'the end');
  return expression;
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|!=|[=(),]|[A-Za-z0-9-]+/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      throw new ExpressionError(`"${text[at] ?? ''}" has no meaning here`, at + 1);
    }
    if (match[0].trim() !== '') tokens.push({ text: match[0], at: at + 1 });
  }
  return tokens;
}

function unexpected(token: Token, wanted: string): ExpressionError {
  const found = token.text === '' ? 'the end' : `"${token.text}"`;
  return new ExpressionError(`${wanted} was expected, ${found} was found`, token.at);
}

function readFact(token: Token): FactKey {
  if (isFactKey(token.text)) return token.text;
  if (token.text === '') throw unexpected(token, 'a fact');
  throw new ExpressionError(`"${token.text}" is neither a fact nor a term`, token.at);
}

function readValue(key: FactKey, token: Token): string {
  if (isFactValue(key, token.text)) return token.text;
  if (token.text === '') throw unexpected(token, 'a value');
  throw new ExpressionError(`"${token.text}" is no value of the fact ${key}`, token.at);
}
