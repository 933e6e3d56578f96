/** Who may make a call. Pure: the answer depends on the contract's rule and the roles alone. */
import type { Allow } from '#shared/contract/channel.ts';
import type { Role } from '#shared/domain/words.ts';

/** `roles`: those of the unlocked member, or null where nobody has unlocked. */
export function allows(allow: Allow, roles: readonly Role[] | null): boolean {
  if (allow === 'anyone') return true;
  if (roles === null) return false;
  if (allow === 'member') return true;
  return allow.some((role) => roles.includes(role));
}
