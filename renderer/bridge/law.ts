/**
 * The law pack of a case, ready to derive with on the screen. The core has checked the pack whole
 * before it answers, so only the expressions are read here and no schema library is loaded.
 */
import { useMemo } from 'react';
import { type Expression, parseExpression } from '#shared/domain/law/expression.ts';
import type { LawPack, LawPackFile } from '#shared/domain/law/pack.ts';
import { useCall } from './use-call.ts';

function ready(file: LawPackFile): LawPack | null {
  const terms = new Map<string, Expression>();
  for (const term of file.terms) terms.set(term.name, parseExpression(term.when, terms));
  const categories = new Map(file.categories.map((category) => [category.id, category]));
  const otherwise = categories.get(file.otherwise);
  if (otherwise === undefined) return null;
  const rules = file.rules.map((rule) => ({ rule, when: parseExpression(rule.when, terms) }));
  return { file, rules, categories, otherwise };
}

export function useLaw(caseId: number | null): LawPack | null {
  const { value } = useCall('law.pack', caseId === null ? null : { caseId });
  return useMemo(() => (value === null ? null : ready(value as unknown as LawPackFile)), [value]);
}

/** A category's title, or its id where the pack in force no longer has it. */
export function categoryTitle(pack: LawPack | null, id: string): string {
  return pack?.categories.get(id)?.title ?? id;
}

export function categoryStep(pack: LawPack | null, id: string): number {
  return pack?.categories.get(id)?.severity ?? 0;
}
