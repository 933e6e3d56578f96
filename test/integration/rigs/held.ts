/** What a small part of a rig must come to. */
import { expect, type TestContext } from 'vitest';
import type { RigResult } from '../../rigs/rig.ts';

/** A rig that cannot run here is skipped, and says why. */
export function requireHeld(context: TestContext, result: RigResult | RigResult[]): void {
  for (const { rig, skipped, findings, lost, undetected, control, trials } of [result].flat()) {
    if (skipped !== undefined) {
      console.warn(`SKIPPED: ${rig}: ${skipped}`);
      context.skip();
    }
    expect(findings, rig).toEqual([]);
    expect({ lost, undetected }, rig).toEqual({ lost: 0, undetected: 0 });
    expect(trials, rig).toBeGreaterThan(0);
    expect(control, `the control of ${rig} came to no harm`).toBeGreaterThan(0);
  }
}
