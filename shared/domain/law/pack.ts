/**
 * A law pack: dated, sourced rules that turn facts into categories. `lawPackFile` is the shape of a
 * file in `resources/law-packs`, `readLawPack` checks it whole and makes it ready to derive with.
 */
import { z } from 'zod';
import { CustosError } from '../errors.ts';
import { type FactKey, isFactKey } from '../facts.ts';
import {
  type Expression,
  ExpressionError,
  factsOf,
  isTermName,
  parseExpression,
} from './expression.ts';

const name = z.string().regex(/^[a-z0-9][A-Za-z0-9.-]{0,59}$/);
const words = z.string().trim().min(1).max(1000);
const hotkey = z.string().regex(/^[a-z0-9]$/);
const factName = z.string().refine((key): key is FactKey => isFactKey(key), 'is not a fact');

/** 0 nothing of concern … 4 gravest. */
const severity = z.int().min(0).max(4);

const source = z.strictObject({
  id: name,
  title: words,
  url: z.url().optional(),
});

const category = z.strictObject({
  id: name,
  title: words,
  severity,
  hotkey: hotkey.nullable(),
  /** Whether a rule leads here; false for a category that is only ever chosen by a member. */
  derived: z.boolean(),
});
export type LawCategory = z.infer<typeof category>;

const element = z.strictObject({
  text: words,
  /** Facts that bear on this element; empty where it lies outside the picture. */
  factKeys: z.array(factName),
  /** A state of mind: to be inferred on reasonable grounds (Online Safety Act 2023 s.192). */
  mental: z.boolean().default(false),
});

const rule = z.strictObject({
  id: name,
  title: words,
  /** The provision as it is cited. */
  provision: words,
  when: z.string().trim().min(1),
  /** Null for an annotation: a rule that says more about a picture and decides nothing. */
  category: name.nullable(),
  severity,
  /** What has to be shown, each with the facts that bear on it. */
  elements: z.array(element),
  hotkey: hotkey.optional(),
  /** Day of coming into force; null where the rule is not of a statute. */
  inForce: z.iso.date().nullable(),
  sources: z.array(name).min(1),
  /** What counsel should verify before relying on this rule; absent where nothing is open. */
  check: words.optional(),
  /**
   * While this rule is not settled, no rule after it decides. False for a rule about evidence that
   * is seldom there, and for one that holds nothing against a picture: it decides when it fires,
   * and is asked for only where no other rule fired.
   */
  waitedFor: z.boolean().default(true),
  /** This rule decides without the rules before it being settled; one that fired outranks it. */
  endsQuestions: z.boolean().default(false),
});
export type LawRule = z.infer<typeof rule>;

export const lawPackFile = z.strictObject({
  id: name,
  version: z.string().regex(/^[0-9A-Za-z.-]{1,40}$/),
  effectiveFrom: z.iso.date(),
  effectiveTo: z.iso.date().optional(),
  jurisdiction: words,
  title: words,
  /** Said wherever the pack's words are printed. */
  notice: words,
  sources: z.array(source).min(1),
  /** The facts the rules ask for, in the order in which they are best recorded. */
  facts: z.array(factName).min(1),
  /** Named tests; each may use those above it. */
  terms: z.array(z.strictObject({ name: z.string(), when: z.string(), note: words.optional() })),
  /** In order of precedence: the first that fires decides. */
  rules: z.array(rule).min(1),
  categories: z.array(category).min(1),
  /** The category where every rule is settled and none fired, or a fact is recorded as unclear. */
  otherwise: name,
});
/** JSON-plain: what `law.pack` answers with. */
export type LawPackFile = z.infer<typeof lawPackFile>;

/** A pack that was checked and can be derived with. */
export interface LawPack {
  readonly file: LawPackFile;
  readonly rules: readonly { readonly rule: LawRule; readonly when: Expression }[];
  readonly categories: ReadonlyMap<string, LawCategory>;
  readonly otherwise: LawCategory;
}

/**
 * Checks a pack from its JSON and reads its expressions. `where` names the pack in the sentence.
 * Throws LAW_PACK_INVALID, which says what is wrong and where; nothing of a bad pack is used.
 */
export function readLawPack(value: unknown, where: string): LawPack {
  const parsed = lawPackFile.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(where, pathText(issue?.path ?? []), issue?.message ?? 'has the wrong shape');
  }
  const file = parsed.data;
  const fail = (at: string, what: string): never => {
    throw invalid(where, at, what);
  };

  const categories = new Map(file.categories.map((entry) => [entry.id, entry]));
  noneTwice(file.categories, 'categories', (entry) => entry.id, fail);
  noneTwice(file.categories, 'categories', (entry) => entry.hotkey, fail);
  noneTwice(file.rules, 'rules', (entry) => entry.id, fail);
  noneTwice(file.sources, 'sources', (entry) => entry.id, fail);
  noneTwice(file.facts, 'facts', (key) => key, fail);
  if (file.effectiveTo !== undefined && file.effectiveTo < file.effectiveFrom) {
    fail('effectiveTo', 'lies before effectiveFrom');
  }

  const otherwise =
    categories.get(file.otherwise) ??
    fail('otherwise', `"${file.otherwise}" is not among the categories`);

  const terms = readTerms(file, fail);
  const sources = new Set(file.sources.map((entry) => entry.id));
  const rules = file.rules.map((entry, index) => {
    const at = `rules[${index}]`;
    if (entry.category !== null && !categories.has(entry.category)) {
      fail(`${at}.category`, `"${entry.category}" is not among the categories`);
    }
    for (const id of entry.sources) {
      if (!sources.has(id)) fail(`${at}.sources`, `"${id}" is not among the sources`);
    }
    return { rule: entry, when: readWhen(entry.when, terms, `${at}.when`, fail) };
  });

  const asked = new Set(rules.flatMap(({ when }) => factsOf(when)));
  for (const key of asked) {
    if (!file.facts.includes(key)) fail('facts', `"${key}" is asked for by a rule and not listed`);
  }
  for (const key of file.facts) {
    if (!asked.has(key)) fail('facts', `"${key}" is listed and no rule asks for it`);
  }
  const reached = new Set([file.otherwise, ...file.rules.map((entry) => entry.category)]);
  file.categories.forEach((entry, index) => {
    if (entry.derived !== reached.has(entry.id)) {
      fail(`categories[${index}].derived`, `is ${entry.derived}, which the rules contradict`);
    }
  });
  return { file, rules, categories, otherwise };
}

type Fail = (at: string, what: string) => never;

function readTerms(file: LawPackFile, fail: Fail): Map<string, Expression> {
  const terms = new Map<string, Expression>();
  file.terms.forEach((term, index) => {
    const at = `terms[${index}]`;
    if (!isTermName(term.name)) fail(`${at}.name`, `"${term.name}" cannot name a term`);
    if (terms.has(term.name)) fail(`${at}.name`, `"${term.name}" stands there twice`);
    terms.set(term.name, readWhen(term.when, terms, `${at}.when`, fail));
  });
  return terms;
}

function readWhen(
  text: string,
  terms: ReadonlyMap<string, Expression>,
  at: string,
  fail: Fail,
): Expression {
  try {
    return parseExpression(text, terms);
  } catch (error) {
    if (error instanceof ExpressionError) return fail(at, error.message);
    throw error;
  }
}

function noneTwice<T>(
  entries: readonly T[],
  at: string,
  key: (entry: T) => string | null,
  fail: Fail,
): void {
  const seen = new Set<string>();
  entries.forEach((entry, index) => {
    const value = key(entry);
    if (value === null) return;
    if (seen.has(value)) fail(`${at}[${index}]`, `"${value}" stands there twice`);
    seen.add(value);
  });
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

function invalid(where: string, at: string, what: string): CustosError {
  return new CustosError(
    'LAW_PACK_INVALID',
    `The law pack ${where} cannot be used: ${at === '' ? 'the file' : at}: ${what}. ` +
      'Put back the pack as it was delivered, or correct it.',
  );
}
