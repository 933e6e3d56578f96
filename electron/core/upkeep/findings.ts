/** What a scrub has found, counted in full and kept up to a number that a person can read. */
import type { Finding } from '#shared/contract/upkeep.ts';

const MOST_KEPT = 200;

export interface Findings {
  /** Something does not hold. */
  wrong(code: Finding['code'], text: string): void;
  /** Harmless, but worth knowing. */
  note(code: Finding['code'], text: string): void;
  readonly good: boolean;
  /** Wrong ones first. */
  told(): { findings: Finding[]; more: number };
}

export function createFindings(): Findings {
  const kept: Record<Finding['severity'], Finding[]> = { wrong: [], note: [] };
  const counts = { wrong: 0, note: 0 };
  const add = (finding: Finding): void => {
    const { severity } = finding;
    counts[severity] += 1;
    if (kept[severity].length < MOST_KEPT) kept[severity].push(finding);
  };
  return {
    wrong: (code, text) => add({ code, severity: 'wrong', text }),
    note: (code, text) => add({ code, severity: 'note', text }),
    get good() {
      return counts.wrong === 0;
    },
    told() {
      const findings = [...kept.wrong, ...kept.note].slice(0, MOST_KEPT);
      return { findings, more: counts.wrong + counts.note - findings.length };
    },
  };
}
