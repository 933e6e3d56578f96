import { it } from 'vitest';
import { run } from '../../rigs/passwords.ts';
import { requireHeld } from './held.ts';

it('wrong passwords are refused, recorded and slowed down', async (context) => {
  requireHeld(context, await run(10));
});
