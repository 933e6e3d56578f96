/**
 * Facts: what was observed about a stack, recorded once; law packs turn them into categories.
 * The keys and values are closed so that a pack's rules can be checked when it is loaded.
 * Order of values is order on the screen; `key` is the letter that opens the fact by keyboard,
 * digits 1… then choose a value.
 */
import type { Basis, Certainty } from './words.ts';

export interface FactDefinition {
  label: string;
  key: string;
  values: Record<string, string>;
}

const YES_NO = { yes: 'yes', no: 'no' };

export const FACTS = {
  ageBand: {
    label: 'Apparent age',
    key: 'a',
    values: {
      '0-2': '0–2',
      '3-6': '3–6',
      '7-10': '7–10',
      '11-13': '11–13',
      '14-15': '14–15',
      '16-17': '16–17',
      adult: 'adult',
      unclear: 'unclear',
    },
  },
  persons: {
    label: 'Persons shown',
    key: 'p',
    values: { none: 'none', one: 'one', several: 'several' },
  },
  intimateState: {
    label: 'Intimate state',
    key: 'i',
    values: { none: 'none', partly: 'partly', exposed: 'exposed', act: 'act' },
  },
  act: {
    label: 'Act',
    key: 't',
    values: {
      none: 'none',
      posing: 'posing',
      'non-penetrative': 'non-penetrative',
      penetrative: 'penetrative',
      animal: 'with an animal',
      sadism: 'sadism',
      violence: 'violence',
      other: 'other',
    },
  },
  origin: {
    label: 'Origin',
    key: 'g',
    values: {
      photograph: 'photograph',
      edited: 'edited photograph',
      generated: 'generated, or appears a photograph',
      drawing: 'drawing or CGI',
      unclear: 'unclear',
    },
  },
  consent: {
    label: 'Consent evidence',
    key: 'c',
    values: {
      refused: 'complainant says no',
      none: 'none recorded',
      given: 'evidence of consent',
    },
  },
  identifiable: {
    label: 'Person identifiable',
    key: 'd',
    values: { no: 'no', yes: 'identifiable', identified: 'identified' },
  },
  realChild: { label: 'Real child known', key: 'h', values: YES_NO },
  intent: {
    label: 'Intent evidence',
    key: 'n',
    values: {
      none: 'none recorded',
      distress: 'alarm, distress or humiliation',
      gratification: 'gratification',
      threat: 'threat',
    },
  },
  realistic: { label: 'Explicit and realistic', key: 'l', values: YES_NO },
  grosslyOffensive: { label: 'Grossly offensive', key: 'v', values: YES_NO },
  pornographic: { label: 'Pornographic', key: 'b', values: YES_NO },
  editRevealsNew: {
    label: 'Edit makes it intimate',
    key: 'e',
    values: YES_NO,
  },
  relevant: { label: 'Relevant to the case', key: 'r', values: YES_NO },
} as const satisfies Record<string, FactDefinition>;

export type FactKey = keyof typeof FACTS;
export const FACT_KEYS = Object.keys(FACTS) as FactKey[];

export interface Fact {
  value: string;
  certainty: Certainty;
}
/** The facts in force for one stack. A key that is absent is *unknown*, never "no". */
export type FactSheet = Partial<Record<FactKey, Fact>>;

/** A fact as it stands in the catalogue. */
export interface RecordedFact extends Fact {
  key: FactKey;
  basis: Basis;
  by: string;
  at: string;
}

export function isFactKey(key: string): key is FactKey {
  return Object.hasOwn(FACTS, key);
}

export function isFactValue(key: FactKey, value: string): boolean {
  return Object.hasOwn(FACTS[key].values, value);
}
