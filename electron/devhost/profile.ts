/** Throw-away browser profiles: made for one run, removed with it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PREFIX = 'custos-profile-';

export async function makeProfile(): Promise<string> {
  await removeAbandoned();
  return mkdtemp(path.join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
}

export async function removeProfile(folder: string): Promise<void> {
  // The browser's last processes may still be writing for a moment.
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Profiles of runs that were killed before they could remove their own. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    // Another user's folder cannot be removed, and need not be.
    await rm(path.join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
