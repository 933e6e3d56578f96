/** Turning what was typed into values, with a sentence where that fails. */
import { isFactKey, isFactValue, FACTS, FACT_KEYS, type FactKey } from '#shared/domain/facts.ts';
import { CustosError } from '#shared/domain/errors.ts';
import { EDITIONS, ROLES, type Certainty, type Edition, type Role } from '#shared/domain/words.ts';

export function parseRoles(text: string): Role[] {
  const roles = text.split(',').map((role) => role.trim());
  for (const role of roles) oneOf(role, ROLES, 'role');
  return [...new Set(roles)] as Role[];
}

export function parseEdition(text: string): Edition {
  oneOf(text, EDITIONS, 'edition');
  return text as Edition;
}

/** `key=value` or `key=value:certainty`; certainty is `certain` where it is left out. */
export function parseFact(text: string): { key: FactKey; value: string; certainty: Certainty } {
  const match = /^([A-Za-z]+)=([^:]+)(?::(certain|likely|unsure))?$/.exec(text);
  if (!match)
    throw new CustosError(
      'USAGE',
      `"${text}" is not a fact. Write key=value, for example ageBand=adult or origin=generated:likely.`,
    );
  const [, key, value, certainty] = match;
  if (!isFactKey(key!))
    throw new CustosError('USAGE', `There is no fact "${key}". Known: ${FACT_KEYS.join(', ')}.`);
  if (!isFactValue(key, value!))
    throw new CustosError(
      'USAGE',
      `"${value}" is not a value of ${key}. Known: ${Object.keys(FACTS[key].values).join(', ')}.`,
    );
  return { key, value: value!, certainty: (certainty as Certainty | undefined) ?? 'certain' };
}

export function parseId(text: string, what: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1)
    throw new CustosError('USAGE', `"${text}" is not the number of a ${what}.`);
  return id;
}

export function parseSha256(text: string): string {
  const lower = text.toLowerCase();
  if (!/^[a-f0-9]{64}$/.test(lower))
    throw new CustosError('USAGE', 'A SHA-256 has 64 hexadecimal characters.');
  return lower;
}

function oneOf(text: string, known: readonly string[], what: string): void {
  if (!known.includes(text))
    throw new CustosError('USAGE', `"${text}" is no ${what}. Known: ${known.join(', ')}.`);
}
