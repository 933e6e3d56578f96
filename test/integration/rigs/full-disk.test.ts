import { it } from 'vitest';
import { run } from '../../rigs/full-disk.ts';
import { requireHeld } from './held.ts';

/** No byte free, and one page: the second passes the first writes of opening and fails later ones. */
it('opens on a full disk, loses nothing, fails in the words of the product', async (context) => {
  requireHeld(context, await run(3));
});
