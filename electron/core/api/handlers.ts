/** All rooms' handlers in one table; the compiler refuses a channel without one. */
import { bundleHandlers } from './rooms/bundles.ts';
import { caseHandlers } from './rooms/cases.ts';
import { doorHandlers } from './rooms/door.ts';
import { intakeHandlers } from './rooms/intake.ts';
import { recordHandlers } from './rooms/record.ts';
import { reviewHandlers } from './rooms/review.ts';
import { vaultHandlers } from './rooms/vault.ts';
import { upkeepHandlers } from './rooms/upkeep.ts';
import type { Desk } from './desk.ts';
import type { Handlers } from './router.ts';

export function createHandlers(desk: Desk): Handlers {
  return {
    ...doorHandlers(desk),
    ...vaultHandlers(desk),
    ...caseHandlers(desk),
    ...intakeHandlers(desk),
    ...reviewHandlers(desk),
    ...bundleHandlers(desk),
    ...recordHandlers(desk),
    ...upkeepHandlers(desk),
  };
}
