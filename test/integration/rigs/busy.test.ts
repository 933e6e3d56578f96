import { it } from 'vitest';
import { run } from '../../rigs/busy.ts';
import { requireHeld } from './held.ts';

it('a workspace that is open elsewhere is refused, until its holder is killed', async (context) => {
  requireHeld(context, await run(5));
});
