import { it } from 'vitest';
import { run } from '../../rigs/kill.ts';
import { requireHeld } from './held.ts';

it('a kill while importing and deciding loses nothing that was acknowledged', async (context) => {
  requireHeld(context, await run(3));
});
