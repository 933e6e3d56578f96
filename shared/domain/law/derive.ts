/**
 * From facts to a category, live: the same function runs beside the fact keys on the screen and in
 * the core when a decision is made. Pure and total.
 */
import { FACT_KEYS, type FactKey, type FactSheet } from '../facts.ts';
import { type Evaluation, evaluate, factsOf, type Truth } from './expression.ts';
import type { LawCategory, LawPack, LawRule } from './pack.ts';

export interface RuleOutcome {
  rule: LawRule;
  value: Truth;
  /** Facts not yet recorded that would settle an unknown value. */
  needs: FactKey[];
  /** Facts recorded as unclear that keep the value unknown. */
  unclear: FactKey[];
}

export interface Derivation {
  /** Null while a fact that matters is not recorded: see `needs`. */
  category: LawCategory | null;
  /** The rule that fired; null where the category is the pack's "otherwise". */
  rule: LawRule | null;
  /** Other rules that fired, annotations included, in the pack's order. */
  alsoFires: LawRule[];
  /** Facts that would settle the category, best asked first; empty once there is one. */
  needs: FactKey[];
  /** Facts recorded as unclear that stand in the way of a firmer category. */
  unclear: FactKey[];
  /** Facts the rule that fired rests on which are recorded as unsure. */
  unsure: FactKey[];
  /** Every rule of the pack with what became of it, in the pack's order. */
  explanations: RuleOutcome[];
}

/**
 * The first rule of the pack that fires decides, once every rule before it that is waited for and
 * could decide otherwise is settled. Where such a rule is open, `needs` says what to record; where
 * only "unclear" keeps it open, the pack's "otherwise" stands, so that a picture is never graded
 * lower than it could be.
 */
export function derive(pack: LawPack, facts: FactSheet): Derivation {
  const explanations = pack.rules.map(({ rule, when }): RuleOutcome => {
    const evaluation: Evaluation = evaluate(when, facts);
    return { rule, ...evaluation };
  });
  const first = explanations.findIndex(({ rule, value }) => value === true && decides(rule));
  const fired = explanations[first]?.rule ?? null;
  const open = openBefore(explanations, first, fired);
  const missing = new Set(open.flatMap(({ needs }) => needs));
  const unclear = new Set(open.flatMap((outcome) => outcome.unclear));

  const rule = open.length === 0 ? fired : null;
  return {
    category: missing.size > 0 ? null : categoryOf(pack, rule),
    rule,
    alsoFires: explanations
      .filter((outcome) => outcome.value === true && outcome.rule !== rule)
      .map((outcome) => outcome.rule),
    needs: pack.file.facts.filter((key) => missing.has(key)),
    unclear: FACT_KEYS.filter((key) => unclear.has(key)),
    unsure: rule === null ? [] : unsureFacts(pack, rule, facts),
    explanations,
  };
}

function categoryOf(pack: LawPack, rule: LawRule | null): LawCategory {
  if (rule === null || rule.category === null) return pack.otherwise;
  return pack.categories.get(rule.category) ?? pack.otherwise;
}

function decides(rule: LawRule): boolean {
  return rule.category !== null;
}

/**
 * Unsettled rules that could still take the decision away from the one that fired; where none
 * fired, every one that could yet fire by the facts it asks for.
 */
function openBefore(
  explanations: readonly RuleOutcome[],
  first: number,
  fired: LawRule | null,
): RuleOutcome[] {
  if (fired?.endsQuestions === true) return [];
  const couldDecide = explanations.filter(
    ({ rule, value }) => value === 'unknown' && decides(rule) && !rule.endsQuestions,
  );
  if (fired === null) return couldDecide;
  const before = new Set(explanations.slice(0, first));
  return couldDecide.filter(
    (outcome) =>
      before.has(outcome) && outcome.rule.waitedFor && outcome.rule.category !== fired.category,
  );
}

function unsureFacts(pack: LawPack, fired: LawRule, facts: FactSheet): FactKey[] {
  const entry = pack.rules.find(({ rule }) => rule === fired);
  if (entry === undefined) return [];
  return factsOf(entry.when).filter((key) => facts[key]?.certainty === 'unsure');
}
