import { expect, it } from 'vitest';
import { createFindings } from '#core/upkeep/findings.ts';
import { createPace } from '#core/upkeep/pace.ts';

const busy = (milliseconds: number): void => {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
};

it('a pace below all the time leaves the rest to others, and stops at once when asked', async () => {
  const controller = new AbortController();
  const half = createPace(0.5, controller.signal);
  busy(60);
  const began = performance.now();
  await half.rest();
  expect(performance.now() - began).toBeGreaterThanOrEqual(50);
  const slow = createPace(0.05, controller.signal);
  busy(60);
  setTimeout(() => controller.abort(), 10);
  const stopping = performance.now();
  await expect(slow.rest()).rejects.toMatchObject({ code: 'CANCELLED' });
  // Twenty times as long would be more than a second.
  expect(performance.now() - stopping).toBeLessThan(900);
  await expect(createPace(1, controller.signal).rest()).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

it('findings are all counted, kept up to 200, wrong ones first', () => {
  const findings = createFindings();
  for (let n = 0; n < 300; n++) findings.note('ORPHAN', `note ${String(n)}`);
  expect(findings.good).toBe(true);
  findings.wrong('PAGE', 'wrong');
  expect(findings.good).toBe(false);
  const told = findings.told();
  expect(told.findings).toHaveLength(200);
  expect(told.findings[0]).toEqual({ code: 'PAGE', severity: 'wrong', text: 'wrong' });
  expect(told.more).toBe(101);
});
