/** Turning what was typed into values, with a sentence where that fails. */
import { isFactKey, isFactValue, FACTS, FACT_KEYS, type FactKey } from '#shared/domain/facts.ts';
import { CustosError } from '#shared/domain/errors.ts';
import {
  CERTAINTIES,
  EDITIONS,
  ROLES,
  type Certainty,
  type Edition,
  type Role,
} from '#shared/domain/words.ts';

export function parseRoles(text: string): Role[] {
  const roles = text.split(',').map((role) => role.trim());
  for (const role of roles) oneOf(role, ROLES, 'role');
  return [...new Set(roles)] as Role[];
}

export function parseEdition(text: string): Edition {
  oneOf(text, EDITIONS, 'edition');
  return text as Edition;
}

export interface TypedFact {
  key: FactKey;
  value: string;
  certainty: Certainty;
}

/** `key=value` or `key=value:certainty`; certainty is `certain` where it is left out. */
export function parseFact(text: string): TypedFact {
  const match = /^([^=]+)=([^:]+)(?::(.*))?$/s.exec(text);
  if (!match)
    throw new CustosError(
      'USAGE',
      `"${text}" is not a fact. Write key=value, for example ageBand=adult or origin=generated:likely.`,
    );
  const [, key, value, certainty = 'certain'] = match as unknown as [
    string,
    string,
    string,
    string?,
  ];
  if (!isFactKey(key))
    throw new CustosError('USAGE', `There is no fact "${key}". Known: ${FACT_KEYS.join(', ')}.`);
  if (!isFactValue(key, value))
    throw new CustosError(
      'USAGE',
      `"${value}" is not a value of ${key}. Known: ${Object.keys(FACTS[key].values).join(', ')}.`,
    );
  oneOf(certainty, CERTAINTIES, 'certainty');
  return { key, value, certainty: certainty as Certainty };
}

/** Facts of one decision: each key once. */
export function parseFacts(texts: readonly string[]): TypedFact[] {
  const facts = texts.map(parseFact);
  const twice = facts.find(({ key }, at) => facts.findIndex((fact) => fact.key === key) !== at);
  if (twice)
    throw new CustosError('USAGE', `The fact ${twice.key} is given more than once. Give it once.`);
  return facts;
}

/** A whole number above zero; `what` is as in "a number of entries". */
export function parseCount(text: string, what: string): number {
  const count = wholeNumber(text);
  if (count === null) throw new CustosError('USAGE', `"${text}" is not a number of ${what}.`);
  return count;
}

/** 5 to 100. */
export function parsePercent(text: string, option: string): number {
  const percent = wholeNumber(text.replace(/ ?%$/, ''));
  if (percent !== null && percent >= 5 && percent <= 100) return percent;
  throw new CustosError('USAGE', `${option} takes a number from 5 to 100; "${text}" is none.`);
}

export function parseId(text: string, what: string): number {
  const id = wholeNumber(text);
  if (id === null) throw new CustosError('USAGE', `"${text}" is not the number of a ${what}.`);
  return id;
}

export function parseSha256(text: string): string {
  const lower = text.trim().toLowerCase();
  if (!/^[a-f0-9]{64}$/.test(lower))
    throw new CustosError(
      'USAGE',
      `"${text}" is not a SHA-256: that has 64 hexadecimal characters.`,
    );
  return lower;
}

/** What something is called by: trimmed, on one line, `shortest` to `longest` characters. */
export function parseLabel(text: string, what: string, longest: number, shortest = 1): string {
  const label = requireLength(text.trim(), what, longest, shortest);
  if (/\p{Cc}/u.test(label))
    throw new CustosError('USAGE', `${what} stands on one line, without control characters.`);
  return label;
}

/** Why something was done: trimmed, of as many lines as it takes. */
export function parseReason(text: string): string {
  return requireLength(text.trim(), 'A reason', 2000, 3);
}

function requireLength(text: string, what: string, longest: number, shortest: number): string {
  if (text.length >= shortest && text.length <= longest) return text;
  const range = shortest === 0 ? `at most ${longest}` : `${shortest} to ${longest}`;
  throw new CustosError('USAGE', `${what} has ${range} characters.`);
}

/** Commander's way to an option that may be repeated. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function wholeNumber(text: string): number | null {
  if (!/^[0-9]{1,15}$/.test(text)) return null;
  const number = Number(text);
  return number >= 1 ? number : null;
}

function oneOf(text: string, known: readonly string[], what: string): void {
  if (!known.includes(text))
    throw new CustosError('USAGE', `"${text}" is no ${what}. Known: ${known.join(', ')}.`);
}
