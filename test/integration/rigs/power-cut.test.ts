import { it } from 'vitest';
import { run } from '../../rigs/power-cut.ts';
import { requireHeld } from './held.ts';

it('a power cut loses nothing that was acknowledged', async (context) => {
  requireHeld(context, await run(2));
});
