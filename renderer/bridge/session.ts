/**
 * What the whole window knows: the workspace's status, the room, the open case, running jobs.
 * Locking throws all of it away.
 */
import { create } from 'zustand';
import type { CoreEvent } from '#shared/contract/contract.ts';
import type { CaseSummary } from '#shared/contract/cases.ts';
import type { JobProgress } from '#shared/contract/values.ts';
import type { WorkspaceStatus } from '#shared/contract/workspace.ts';
import type { Role } from '#shared/domain/words.ts';
import { clearNotices, tellError } from './notices.ts';
import type { Room } from './rooms.ts';
import { call } from './wire.ts';

type LockReason = Extract<CoreEvent, { type: 'locked' }>['why'];

interface SessionState {
  status: WorkspaceStatus | null;
  /** Set when the very first question to the core failed. */
  unreachable: string | null;
  lockedWhy: LockReason | null;
  room: Room;
  openCase: CaseSummary | null;
  jobs: Record<number, JobProgress>;
  /** Counts up whenever the core says that a case changed, by case. */
  changes: Record<number, number>;
}

const EMPTY = {
  room: 'cases',
  openCase: null,
  jobs: {},
  changes: {},
} satisfies Partial<SessionState>;

export const useSession = create<SessionState>(() => ({
  status: null,
  unreachable: null,
  lockedWhy: null,
  ...EMPTY,
}));

const { setState: set, getState: get } = useSession;

export async function refreshStatus(): Promise<void> {
  const result = await call('workspace.status', {});
  if (result.ok) setStatus(result.value);
  else set({ unreachable: result.error.message });
}

export function setStatus(status: WorkspaceStatus): void {
  const opened = status.state === 'open' && get().status?.state !== 'open';
  set({ status, unreachable: null, ...(opened ? { lockedWhy: null, ...EMPTY } : {}) });
}

/** Another workspace is at the Door now; why the one before was locked says nothing of it. */
export function forgetWhyLocked(): void {
  set({ lockedWhy: null });
}

export function enter(room: Room): void {
  set({ room });
}

export function openCase(summary: CaseSummary): void {
  set({ openCase: summary });
}

export function leaveCase(): void {
  set({ openCase: null });
}

export async function lock(): Promise<void> {
  const result = await call('workspace.lock', {});
  if (result.ok) await forget('command');
  else tellError(result.error);
}

/** Drops everything this window learnt from the workspace. */
async function forget(why: LockReason): Promise<void> {
  const status = get().status;
  clearNotices();
  set({
    ...EMPTY,
    lockedWhy: why,
    status: status === null ? null : { ...status, state: 'locked', member: null, notices: [] },
  });
  await refreshStatus();
}

function onEvent(event: CoreEvent): void {
  switch (event.type) {
    case 'locked':
      void forget(event.why);
      return;
    case 'job':
      set(({ jobs }) => ({ jobs: { ...jobs, [event.job.jobId]: event.job } }));
      return;
    case 'case-changed':
      set(({ changes }) => ({
        changes: { ...changes, [event.caseId]: (changes[event.caseId] ?? 0) + 1 },
      }));
      return;
  }
}

export { onEvent as takeEvent };

const NO_ROLES: readonly Role[] = [];

export function useRoles(): readonly Role[] {
  return useSession((state) => state.status?.member?.roles ?? NO_ROLES);
}

/** A number that changes when the case does: hand it to `useCall` as its tick. */
export function useCaseTick(caseId: number | null): number {
  return useSession((state) => (caseId === null ? 0 : (state.changes[caseId] ?? 0)));
}
