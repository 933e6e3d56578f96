/** What the rooms' handlers are handed: the parts that live as long as a workspace is open. */
import type { CoreEvent } from '#shared/contract/contract.ts';
import type { Session } from '#core/access/types.ts';
import type { Jobs } from '#core/jobs/jobs.ts';
import type { Media } from '#core/media/types.ts';
import type { Ports } from '#core/ports.ts';
import type { Leases } from '#core/review/leases.ts';
import type { LawPacks } from '#core/review/law-packs.ts';
import type { Choices } from './choices.ts';

export interface Desk {
  readonly ports: Ports;
  readonly choices: Choices;
  readonly lawPacks: LawPacks;
  /** Folder of the workspace that was chosen, open or not. */
  selected(): string | null;
  select(dir: string | null): void;
  session(): Session | null;
  unlock(member: string | null, password: string): Promise<Session>;
  lock(why: 'command' | 'idle' | 'suspend' | 'closed'): Promise<void>;
  media(): Media;
  jobs(): Jobs;
  leases(): Leases;
  emit(event: CoreEvent): void;
}
