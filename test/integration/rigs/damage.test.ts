import { it } from 'vitest';
import { run } from '../../rigs/damage.ts';
import { requireHeld } from './held.ts';

/** Each kind of file in each way once. */
it('finds whatever was damaged or put back, and reads nothing as what it is not', async (context) => {
  requireHeld(context, await run(36, 7));
});
