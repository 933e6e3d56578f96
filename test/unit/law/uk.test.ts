import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCustosError } from '#shared/domain/errors.ts';
import { FACT_KEYS, FACTS, type FactKey, type FactSheet } from '#shared/domain/facts.ts';
import { derive } from '#shared/domain/law/derive.ts';
import { type LawPackFile, readLawPack } from '#shared/domain/law/pack.ts';

const text = readFileSync(new URL('../../../resources/law-packs/uk.json', import.meta.url), 'utf8');
const file = (): LawPackFile => JSON.parse(text) as LawPackFile;
const uk = readLawPack(JSON.parse(text), 'uk');

type Values = Partial<Record<FactKey, string>>;
const sheet = (values: Values): FactSheet =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, { value, certainty: 'certain' }]),
  );
const from = (values: Values) => derive(uk, sheet(values));

const CHILD_PHOTO: Values = { ageBand: '11-13', origin: 'photograph' };
const ADULT: Values = {
  ageBand: 'adult',
  intimateState: 'exposed',
  act: 'none',
  origin: 'photograph',
};

describe('the UK pack derives', () => {
  it.each<[string, string, Values]>([
    ['uk.indecent.A', 'uk.pca.A', { ...CHILD_PHOTO, act: 'penetrative' }],
    ['uk.indecent.A', 'uk.pca.A', { ...CHILD_PHOTO, act: 'animal' }],
    ['uk.indecent.A', 'uk.pca.A', { ...CHILD_PHOTO, act: 'sadism' }],
    ['uk.indecent.A', 'uk.pca.A', { ageBand: '16-17', origin: 'generated', act: 'penetrative' }],
    ['uk.indecent.B', 'uk.pca.B', { ...CHILD_PHOTO, act: 'non-penetrative' }],
    ['uk.indecent.C', 'uk.pca.C', { ...CHILD_PHOTO, act: 'none', intimateState: 'exposed' }],
    ['uk.indecent.C', 'uk.pca.C', { ...CHILD_PHOTO, act: 'posing', intimateState: 'partly' }],
    [
      'uk.prohibited',
      'uk.caja.62',
      {
        ageBand: '7-10',
        origin: 'drawing',
        intimateState: 'exposed',
        act: 'none',
        pornographic: 'yes',
        grosslyOffensive: 'yes',
      },
    ],
    [
      'uk.extreme',
      'uk.cjia.63',
      { ...ADULT, act: 'violence', pornographic: 'yes', grosslyOffensive: 'yes', realistic: 'yes' },
    ],
    ['uk.intimate.66E', 'uk.soa.66E', { ...ADULT, origin: 'generated', consent: 'refused' }],
    [
      'uk.intimate.66E',
      'uk.soa.66E',
      { ...ADULT, origin: 'edited', consent: 'refused', editRevealsNew: 'yes' },
    ],
    ['uk.intimate.66B', 'uk.soa.66B1', { ...ADULT, consent: 'refused' }],
    // The carve-out of 66E(4): an edit that shows nothing new that is intimate is still shared.
    [
      'uk.intimate.66B',
      'uk.soa.66B1',
      { ...ADULT, origin: 'edited', consent: 'refused', editRevealsNew: 'no' },
    ],
    ['uk.intimate.66B', 'uk.soa.66B4', { ...ADULT, consent: 'none', intent: 'threat' }],
    ['uk.lawful.adult', 'uk.lawful.consent', { ...ADULT, consent: 'given' }],
    [
      'uk.lawful.adult',
      'uk.lawful.adult',
      { ageBand: 'adult', intimateState: 'none', act: 'none' },
    ],
    ['uk.lawful.other', 'uk.lawful.ordinary', { intimateState: 'none', act: 'none' }],
    ['uk.lawful.other', 'uk.lawful.nobody', { persons: 'none' }],
    ['uk.notRelevant', 'uk.notRelevant', { relevant: 'no' }],
  ])('%s by %s', (category, rule, values) => {
    const result = from(values);
    expect(result.category?.id).toBe(category);
    expect(result.rule?.id).toBe(rule);
    expect(result.needs).toEqual([]);
  });

  it('asks for what matters instead of guessing', () => {
    expect(from({}).category).toBeNull();
    expect(from({}).needs.slice(0, 4)).toEqual(['ageBand', 'intimateState', 'act', 'origin']);
    expect(from({ ...CHILD_PHOTO, intimateState: 'exposed' }).needs[0]).toBe('act');
    expect(from(ADULT).needs).toContain('consent');
    expect(from({ ...ADULT, origin: 'edited', consent: 'refused' }).needs).toEqual([
      'editRevealsNew',
    ]);
  });

  it('never calls a picture of somebody of unclear age lawful or adult', () => {
    const result = from({ ...ADULT, ageBand: 'unclear', consent: 'refused' });
    expect(result.category?.id).toBe('uk.undetermined');
    expect(result.unclear).toEqual(['ageBand']);
    expect(result.alsoFires.map((rule) => rule.id)).toContain('uk.soa.66B1');
    expect(
      from({ ...ADULT, ageBand: 'unclear', consent: 'given', intent: 'none' }).category?.id,
    ).toBe('uk.undetermined');
  });

  it('lets an offence that fires outrank "not relevant"', () => {
    const result = from({ ...CHILD_PHOTO, act: 'penetrative', relevant: 'no' });
    expect(result.category?.id).toBe('uk.indecent.A');
    expect(result.alsoFires.map((rule) => rule.id)).toContain('uk.notRelevant');
  });

  it('adds the Online Safety Act rows as annotations', () => {
    const also = (values: Values) => from(values).alsoFires.map((rule) => rule.id);
    expect(also({ ...CHILD_PHOTO, act: 'penetrative' })).toContain('uk.osa.sch6');
    expect(also({ ...ADULT, consent: 'refused' })).toContain('uk.osa.sch7.66B');
    expect(also({ ...ADULT, consent: 'given' })).not.toContain('uk.osa.sch7.66B');
  });

  it('says which facts it rests on are unsure', () => {
    const facts: FactSheet = {
      ageBand: { value: '16-17', certainty: 'unsure' },
      origin: { value: 'photograph', certainty: 'certain' },
      act: { value: 'penetrative', certainty: 'certain' },
      consent: { value: 'none', certainty: 'unsure' },
    };
    expect(derive(uk, facts).unsure).toEqual(['ageBand']);
  });

  it('gives every rule of a statute a date and a source, and words the pack (pseudo-)photograph', () => {
    for (const rule of uk.file.rules) {
      expect(rule.sources.length).toBeGreaterThan(0);
      if (!rule.sources.includes('custos')) expect(rule.inForce).not.toBeNull();
    }
    expect(uk.categories.get('uk.indecent.A')?.title).toContain('(pseudo-)photograph');
    for (const id of ['uk.soa.66E', 'uk.osa.sch6']) {
      expect(uk.file.rules.find((rule) => rule.id === id)?.check).toBeDefined();
    }
  });
});

const anySheet: fc.Arbitrary<FactSheet> = fc
  .record(
    Object.fromEntries(
      FACT_KEYS.map((key) => [key, fc.constantFrom(...Object.keys(FACTS[key].values))]),
    ),
    { requiredKeys: [] },
  )
  .map((values) => sheet(values));

describe('properties of deriving', () => {
  it('is total and deterministic; a category and needs exclude one another', () => {
    fc.assert(
      fc.property(anySheet, (facts) => {
        const result = derive(uk, facts);
        expect(derive(uk, facts)).toEqual(result);
        expect(result.category === null).toBe(result.needs.length > 0);
        for (const key of result.needs) expect(facts[key]).toBeUndefined();
      }),
    );
  });

  it('keeps every rule settled; a decided picture moves to an earlier rule or is asked about', () => {
    const place = (id: string | undefined) =>
      id === undefined ? Infinity : uk.file.rules.findIndex((rule) => rule.id === id);
    fc.assert(
      fc.property(anySheet, anySheet, (more, base) => {
        const before = derive(uk, base);
        const after = derive(uk, { ...more, ...base });
        before.explanations.forEach((outcome, index) => {
          if (outcome.value !== 'unknown') {
            expect(after.explanations[index]?.value).toBe(outcome.value);
          }
        });
        if (before.rule !== null) {
          // A fact that puts an earlier rule in question stops deriving until it is settled.
          if (after.rule === null)
            expect(after.needs.length + after.unclear.length).toBeGreaterThan(0);
          else expect(place(after.rule.id)).toBeLessThanOrEqual(place(before.rule.id));
        }
      }),
    );
  });

  it('never derives something milder than a rule that fired before it', () => {
    fc.assert(
      fc.property(anySheet, (facts) => {
        const result = derive(uk, facts);
        if (result.rule === null) return;
        const firing = result.explanations.filter(
          ({ rule, value }) => value === true && rule.category !== null,
        );
        expect(firing[0]?.rule.id).toBe(result.rule.id);
      }),
    );
  });
});

describe('a bad pack is refused whole, naming the place', () => {
  const refusal = (change: (pack: LawPackFile) => unknown): string => {
    const pack = file();
    const changed = change(pack);
    try {
      readLawPack(changed === undefined ? pack : changed, 'bad.json');
    } catch (error) {
      if (isCustosError(error) && error.code === 'LAW_PACK_INVALID') return error.message;
      throw error;
    }
    return 'accepted';
  };
  const rule = (pack: LawPackFile) => pack.rules[0] as LawPackFile['rules'][number];

  it('accepts the pack as delivered, also after JSON', () => {
    expect(refusal(() => undefined)).toBe('accepted');
    expect(refusal(() => JSON.parse(JSON.stringify(uk.file)) as unknown)).toBe('accepted');
  });

  it.each<[string, (pack: LawPackFile) => unknown]>([
    [
      'bad.json cannot be used: rules[0].when: "ageBnd" is neither a fact nor a term',
      (pack) => {
        rule(pack).when = 'ageBnd = adult';
      },
    ],
    [
      'rules[0].when: "40" is no value of the fact ageBand',
      (pack) => {
        rule(pack).when = 'ageBand = 40';
      },
    ],
    [
      'terms[0].when:',
      (pack) => {
        (pack.terms[0] as { when: string }).when = 'later and act = none';
      },
    ],
    [
      'terms[0].name: "act" cannot name a term',
      (pack) => {
        (pack.terms[0] as { name: string }).name = 'act';
      },
    ],
    [
      'rules[0].category: "uk.nowhere" is not among the categories',
      (pack) => {
        rule(pack).category = 'uk.nowhere';
      },
    ],
    [
      'rules[0].sources: "hearsay" is not among the sources',
      (pack) => {
        rule(pack).sources = ['hearsay'];
      },
    ],
    [
      'rules[1]: "uk.pca.A" stands there twice',
      (pack) => {
        (pack.rules[1] as { id: string }).id = 'uk.pca.A';
      },
    ],
    [
      'categories[1]: "1" stands there twice',
      (pack) => {
        (pack.categories[1] as { hotkey: string }).hotkey = '1';
      },
    ],
    [
      'facts: "identifiable" is listed and no rule asks for it',
      (pack) => {
        pack.facts.push('identifiable');
      },
    ],
    [
      'is asked for by a rule and not listed',
      (pack) => {
        pack.facts.shift();
      },
    ],
    [
      'otherwise: "uk.none" is not among the categories',
      (pack) => {
        pack.otherwise = 'uk.none';
      },
    ],
    [
      'effectiveTo: lies before effectiveFrom',
      (pack) => {
        pack.effectiveTo = '1999-01-01';
      },
    ],
    [
      'categories[0].derived: is false',
      (pack) => {
        (pack.categories[0] as { derived: boolean }).derived = false;
      },
    ],
    [
      'rules[0].severity',
      (pack) => {
        rule(pack).severity = 9;
      },
    ],
    ['the file: ', () => null],
    ['Unrecognized key', (pack) => ({ ...pack, extra: 1 })],
  ])('%s', (message, change) => {
    expect(refusal(change)).toContain(message);
  });
});
