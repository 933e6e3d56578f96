import { it } from 'vitest';
import { run } from '../../rigs/kill-bundle.ts';
import { requireHeld } from './held.ts';

it('a kill while building a bundle leaves no broken bundle and no plaintext', async (context) => {
  requireHeld(context, await run(2));
});
