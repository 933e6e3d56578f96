import { describe, expect, it } from 'vitest';
import { createAllowance } from '#core/intake/allowance.ts';

/** Settles what can be settled now. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('memory allowance', () => {
  it('lets in what fits, in the order it was asked for', async () => {
    const memory = createAllowance(100);
    const entered: string[] = [];
    const ask = async (name: string, bytes: number): Promise<() => void> => {
      const giveBack = await memory.take(bytes);
      entered.push(name);
      return giveBack;
    };
    const a = ask('a', 60);
    const b = ask('b', 40);
    const c = ask('c', 50);
    const d = ask('d', 1);
    await breathe();
    expect(entered).toEqual(['a', 'b']);
    (await b)();
    await breathe();
    // d would fit, but would then be let in before c for ever.
    expect(entered).toEqual(['a', 'b']);
    (await a)();
    await breathe();
    expect(entered).toEqual(['a', 'b', 'c', 'd']);
    (await c)();
    (await d)();
  });

  it('lets in alone what is larger than everything', async () => {
    const memory = createAllowance(100);
    const giveBack = await memory.take(1000);
    let second = false;
    const next = memory.take(0).then((end) => {
      second = true;
      return end;
    });
    await breathe();
    expect(second).toBe(false);
    giveBack();
    (await next)();
    (await memory.take(1000))();
  });
});
