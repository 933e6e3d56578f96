import { it } from 'vitest';
import { run } from '../../rigs/clock.ts';
import { requireHeld } from './held.ts';

it('a clock that jumps does not change the order of the record', async (context) => {
  requireHeld(context, await run(30));
});
