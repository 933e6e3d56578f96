/** Each attack on the record, and exactly who finds it (docs/security.md, P5). */
import { describe, expect, it } from 'vitest';
import { ATTACKS, finders, prepare, run } from '../../rigs/record-attacks.ts';
import { seeded } from '../../rigs/rig.ts';

describe('attacks on the record', () => {
  it('an untouched record is found fault with by nobody', async () => {
    const made = await prepare();
    expect(await finders(made)).toEqual([]);
    made.remove();
  });

  it.each(ATTACKS)('$name: found by exactly $found', async (attack) => {
    const made = await prepare();
    made.attack(attack, seeded(7));
    expect(await finders(made)).toEqual(attack.found);
    made.remove();
  });

  it('every one is found by somebody; the control, the chain alone, misses some', async () => {
    for (const { found } of ATTACKS) expect(found.length).toBeGreaterThan(0);
    expect(ATTACKS.some(({ found }) => !found.includes('chain'))).toBe(true);
    const result = await run(1, 3);
    expect(result).toMatchObject({ trials: 1, undetected: 0, findings: [] });
  });
});
