import { it } from 'vitest';
import { run } from '../../rigs/size.ts';
import { requireHeld } from './held.ts';

it('a large record is opened, paged and verified', async (context) => {
  requireHeld(context, await run(5000));
});
