import { it } from 'vitest';
import { run } from '../../rigs/syscalls.ts';
import { requireHeld } from './held.ts';

/** Two points, each killed and failing; all of them are tried by `npm run rigs`. */
it('a storage call that fails loses nothing that was acknowledged', async (context) => {
  requireHeld(context, await run(6));
});
