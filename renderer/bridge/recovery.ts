import type { ErrorData } from '#shared/domain/errors.ts';
import { refreshStatus } from './session.ts';
import { call } from './wire.ts';

/** Has the core compare words typed from paper. Answers with what was wrong, or null. */
export async function confirmRecovery(words: string[]): Promise<ErrorData | null> {
  const result = await call('workspace.confirmRecovery', { words });
  if (!result.ok) return result.error;
  await refreshStatus();
  return null;
}
